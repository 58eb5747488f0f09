"""`voxaffect baseline FILE...`: the baseline of a line or a person, for `recognize --baseline`."""

import argparse
from pathlib import Path

from voxaffect.apps.cli.terminal import Counter, complain
from voxaffect.errors import AudioError
from voxaffect.text import printable

FEW = 5
"""Recordings fewer than which help little."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("baseline", description=__doc__)
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="recordings of one line or one person, of any emotion; 5 or more"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="JSON", help="output file; it contains no audio")
    parser.add_argument("--bundle", metavar="NAME|FOLDER", help="the model to use (default: the package's common4)")
    parser.add_argument("--threads", type=int, default=1, help="for the network (default: 1)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Recognise each file; a bad one is named on stderr and does not stop the rest."""
    from voxaffect.inference.baseline import Baseline, baseline_head
    from voxaffect.inference.recognizer import load

    recognizer = load(options.bundle, threads=options.threads)
    baseline_head(recognizer.bundle)  # before minutes are spent
    counter, embeddings = Counter(len(options.files), "recognised"), []
    for file in options.files:
        try:
            embeddings.append(recognizer.recognize(file).embedding)
        except AudioError as error:
            counter.clear()
            complain(str(error))
        counter()
    Baseline.of(recognizer.bundle, embeddings).write(options.out)
    few = f"; so few help little, give {FEW} or more" if len(embeddings) < FEW else ""
    count = f"{len(embeddings)} recording{'s' * (len(embeddings) != 1)}"
    print(f"{printable(str(options.out))}: baseline of {count}{few}")
    return 0 if len(embeddings) == len(options.files) else 1
