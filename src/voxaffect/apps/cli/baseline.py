"""`voxaffect baseline FILE...`: the baseline of a line or a person, for `recognize --baseline`."""

import argparse
from pathlib import Path

from voxaffect.apps.cli.recognizer import add_bundle, add_channel, awaited
from voxaffect.apps.cli.terminal import Counter, complain, many, show
from voxaffect.errors import AudioError
from voxaffect.text import printable


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    option("files", nargs="+", metavar="FILE", help="20 or more recordings of one line or person, of any emotion")
    option("--out", type=Path, required=True, metavar="JSON", help="output file; it contains no audio")
    add_channel(parser)
    add_bundle(parser)


def run(options: argparse.Namespace) -> int:
    """Recognise each file; a bad one is named on stderr and does not stop the rest."""
    from voxaffect.inference.baseline import FEW, Baseline, baseline_head
    from voxaffect.inference.recognizer import load

    recognizer = load(options.bundle, threads=options.threads)
    baseline_head(recognizer.bundle)  # before minutes are spent
    counter, embeddings = Counter(len(options.files), "recognised"), []
    for file in options.files:
        try:
            embeddings.append(recognizer.recognize(awaited(file), channel=options.channel).embedding)
        except AudioError as error:
            counter.clear()
            complain(str(error))
        counter()
    Baseline.of(recognizer.bundle, embeddings).write(options.out)
    few = f"; so few help little, give {FEW} or more" if len(embeddings) < FEW else ""
    show(f"{printable(str(options.out))}: baseline of {many(len(embeddings), 'recording')}{few}")
    return 0 if len(embeddings) == len(options.files) else 1
