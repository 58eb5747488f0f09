"""`voxaffect explore CORPUS|SOURCE` or `voxaffect explore RECORDING`: tables and pictures, on one page."""

import argparse

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.terminal import Counter, cores, show
from voxaffect.errors import SettingsError
from voxaffect.text import printable


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    text = "a known corpus, as ravdess=RAVDESS/ (default: NAME below $VOXAFFECT_DATA), labelled recordings of your own "
    text += "as voxaffect train takes them, or an audio file"
    option("source", metavar="CORPUS[=FOLDER]|SOURCE|RECORDING", help=text)
    option("folder", nargs="?", help=argparse.SUPPRESS)
    option("--out", default="report", metavar="FOLDER", help="(default: report)")
    option("--style", choices=("speech", "song"), help="of a corpus: which clips (default: speech)")
    sources.add_reading(parser)


def run(options: argparse.Namespace) -> int:
    """Write the report; exit 1 where a clip could not be read."""
    if options.folder is not None:
        raise SettingsError(f"CORPUS FOLDER is now {options.source}={options.folder}")
    from voxaffect.reporting import explore

    how = sources.how(options)
    report = explore(options.source, out=options.out, workers=cores(), progress=Counter, **how)
    if report.text:
        show(report.text)
    show(printable(str(report.page)))
    return 1 if report.unreadable else 0
