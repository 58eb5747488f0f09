"""The options by which commands that listen choose whom with and how sure."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voxaffect.inference.recognizer import Recognizer


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--bundle", metavar="NAME|FOLDER", help="the model to use (default: the package's common4)")
    parser.add_argument(
        "--baseline", metavar="JSON", help="what is normal for this line or person, as `voxaffect baseline` learns it"
    )
    unsure = parser.add_mutually_exclusive_group()
    unsure.add_argument(
        "--accuracy", type=float, metavar="SHARE", help='as 0.8: say "uncertain" rather than be wrong more often'
    )
    unsure.add_argument(
        "--threshold", type=float, metavar="SHARE", help='as 0.5: say "uncertain" where the confidence is lower'
    )


def load(options: argparse.Namespace, threads: int = 1) -> "Recognizer":
    """The recogniser that the options ask for."""
    from voxaffect.inference.recognizer import load

    return load(options.bundle, threads, options.baseline, options.threshold, options.accuracy)
