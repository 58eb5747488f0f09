"""`voxaffect explore CORPUS[=FOLDER]` or `voxaffect explore RECORDING`: tables and pictures, on one page."""

import argparse

from voxaffect.apps.cli.terminal import Counter, cores


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("explore", description=__doc__)
    parser.add_argument(
        "source",
        metavar="CORPUS[=FOLDER]|RECORDING",
        help="a known corpus, as ravdess=RAVDESS/ (default: NAME below $VOXAFFECT_DATA), or an audio file",
    )
    parser.add_argument("folder", nargs="?", help=argparse.SUPPRESS)
    parser.add_argument("--out", default="report", metavar="FOLDER", help="(default: report)")
    parser.add_argument("--style", choices=("speech", "song"), help="of a corpus: which clips (default: speech)")
    parser.set_defaults(run=run, error=parser.error)


def run(options: argparse.Namespace) -> int:
    """Write the report; exit 1 where a clip could not be read."""
    if options.folder is not None:
        options.error(f"CORPUS FOLDER is now {options.source}={options.folder}")
    from voxaffect.reporting import explore

    report = explore(options.source, out=options.out, style=options.style, workers=cores(), progress=Counter)
    if report.text:
        print(report.text)
    print(report.page)
    return 1 if report.unreadable else 0
