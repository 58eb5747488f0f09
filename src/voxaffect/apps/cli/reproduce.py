"""`voxaffect reproduce [ROW...]`: the article's experiments, as published, corrected, and beside our model.

Each row is trained twice: as published, where validation leaks and every output says `leaky`, and corrected. Without
rows, all are.
"""

import argparse
from pathlib import Path

from voxaffect.apps.cli.options import add_computing
from voxaffect.apps.cli.terminal import complain, trainings
from voxaffect.errors import require


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("reproduce", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="rows of its table, or best for our model")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    parser.add_argument(
        "--corpus",
        default="ravdess",
        metavar="ravdess[=FOLDER]",
        help="(default: ravdess below $VOXAFFECT_DATA)",
    )
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="of the article's rows, not of best (default: 700, as published)"
    )
    parser.add_argument(
        "--mode", choices=("leaky", "corrected"), help="the article's rows only as published, or only corrected"
    )
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help="figures, predictions and the page (default: results in --runs)"
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/article"), metavar="FOLDER", help="checkpoints (default: %(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="rows side by side (default: one a core, or one on a GPU)"
    )
    parser.add_argument("--resume", action="store_true", help="keep the rows and epochs that are done")
    add_computing(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train the rows, then write and print the table of all that is in the results' folder."""
    from voxaffect.reproduction.setups import BEST, MODES, SETUPS

    if options.list:
        for row in SETUPS.values():
            print(f"{row.name:28}{row.title}")
        print(f"{BEST:28}our model, scored on the test clips of every row")
        return 0
    require("train")
    from voxaffect import corpora
    from voxaffect.reproduction.report import as_text
    from voxaffect.reproduction.run import reproduce

    results = options.results or options.runs / "results"
    found = reproduce(
        options.rows,
        corpus=corpora.load(options.corpus),
        modes=(options.mode,) if options.mode else MODES,
        epochs=options.epochs,
        results=results,
        runs=options.runs,
        resume=options.resume,
        workers=trainings() if options.workers is None else options.workers,
        threads=options.threads,
        device=options.device,
    )
    print(as_text(found.rows))
    complain(f"{results / 'article.html'} shows the curves")
    for failure in found.failures:
        complain(failure)
    return 1 if found.failures else 0
