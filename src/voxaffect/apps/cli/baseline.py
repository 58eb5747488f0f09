"""`voxaffect baseline FILE...`: what is normal for a line or a person, for `recognize --baseline` to go by."""

import argparse
import sys
from pathlib import Path

from voxaffect.apps.cli.terminal import Counter
from voxaffect.errors import AudioError

FEW = 5
"""Recordings fewer than which say little."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("baseline", help="learn what is normal for a line or a person", description=__doc__)
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="recordings of one line or one person, of any emotion; 5 or more"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="JSON", help="where it goes; no sound is in it")
    parser.add_argument("--bundle", metavar="NAME|FOLDER", help="the model to use (default: the package's common4)")
    parser.add_argument("--threads", type=int, default=1, help="of the network (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Hear each file; a bad one is named on stderr and does not stop the rest."""
    from voxaffect.inference.baseline import Baseline, relative
    from voxaffect.inference.recognizer import load

    recognizer = load(options.bundle, options.threads)
    relative(recognizer.bundle)  # before minutes are spent
    counter, embeddings = Counter(len(options.files), "heard"), []
    for file in options.files:
        try:
            embeddings.append(recognizer.recognize(file).embedding)
        except AudioError as error:
            counter.clear()
            print(f"voxaffect: {error}", file=sys.stderr)
        counter()
    baseline = Baseline.of(recognizer.bundle, embeddings)
    baseline.write(options.out)
    few = "; so few say little, give 5 or more" if len(embeddings) < FEW else ""
    count = f"{len(embeddings)} recording{'s' * (len(embeddings) != 1)}"
    print(f"{options.out}: what is normal in {count}{few}")
    return 0 if len(embeddings) == len(options.files) else 1
