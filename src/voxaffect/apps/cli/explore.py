"""`voxaffect explore CORPUS[=FOLDER]` or `voxaffect explore RECORDING`: tables and pictures, on one page."""

import argparse

from voxaffect.apps.cli.terminal import Counter, cores
from voxaffect.errors import SettingsError


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    text = "a known corpus, as ravdess=RAVDESS/ (default: NAME below $VOXAFFECT_DATA), or an audio file"
    option("source", metavar="CORPUS[=FOLDER]|RECORDING", help=text)
    option("folder", nargs="?", help=argparse.SUPPRESS)
    option("--out", default="report", metavar="FOLDER", help="(default: report)")
    option("--style", choices=("speech", "song"), help="of a corpus: which clips (default: speech)")


def run(options: argparse.Namespace) -> int:
    """Write the report; exit 1 where a clip could not be read."""
    if options.folder is not None:
        raise SettingsError(f"CORPUS FOLDER is now {options.source}={options.folder}")
    from voxaffect.reporting import explore

    report = explore(options.source, out=options.out, style=options.style, workers=cores(), progress=Counter)
    if report.text:
        print(report.text)
    print(report.page)
    return 1 if report.unreadable else 0
