"""The options of commands that recognise: which model, and how sure it must be."""

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voxaffect.inference.recognizer import Recognizer
    from voxaffect.inference.sources import Recording


def add(parser: argparse.ArgumentParser, *, threads: bool = True) -> None:
    """Add the options. threads: whether the number of threads can be chosen."""
    parser.add_argument("--bundle", metavar="NAME|FOLDER", help="the model to use (default: the package's common4)")
    parser.add_argument("--baseline", metavar="JSON", help="of this line or person, as `voxaffect baseline` writes it")
    unsure = parser.add_mutually_exclusive_group()
    unsure.add_argument(
        "--accuracy", type=float, metavar="SHARE", help='as 0.8: answer "uncertain" rather than be wrong more often'
    )
    unsure.add_argument(
        "--threshold", type=float, metavar="SHARE", help='as 0.5: answer "uncertain" where the confidence is lower'
    )
    if threads:
        parser.add_argument("--threads", type=int, default=1, help="for the network (default: 1)")
    else:
        parser.set_defaults(threads=1)


def load(options: argparse.Namespace) -> "Recognizer":
    """The recogniser that the options ask for."""
    from voxaffect.inference.recognizer import load

    return load(
        options.bundle,
        threads=options.threads,
        baseline=options.baseline,
        threshold=options.threshold,
        accuracy=options.accuracy,
    )


def source(file: str) -> "Recording":
    """The recording of that name, or the one on standard input for `-`."""
    from voxaffect.audio import Named

    return Named("-", sys.stdin.buffer.read()) if file == "-" else file
