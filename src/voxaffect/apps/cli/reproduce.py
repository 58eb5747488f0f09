"""`voxaffect reproduce [ROW...]`: the article's experiments, as published, corrected, and beside our model.

Each row is trained twice: as published, where validation leaks and every output says `leaky`, and corrected. Without
rows, all are.
"""

import argparse
from pathlib import Path

from voxaffect.apps.cli.options import add_computing
from voxaffect.apps.cli.terminal import complain, trainings
from voxaffect.errors import SettingsError, require


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
    if options.epochs is not None and options.epochs < 1:
        raise SettingsError(f"--epochs {options.epochs}: choose at least 1")
    require("train")
    workers = trainings() if options.workers is None else options.workers
    if workers < 1:
        raise SettingsError(f"--workers {workers}: choose at least 1")
    from voxaffect import corpora
    from voxaffect.reproduction import report
    from voxaffect.reproduction import run as reproduction

    results = options.results or options.runs / "results"
    tasks = reproduction.trainings(
        list(dict.fromkeys(options.rows)) or [*SETUPS, BEST],
        (options.mode,) if options.mode else MODES,
        corpora.load(options.corpus),
        results,
        options.runs,
        options.epochs,
        options.resume,
        options.threads or (1 if workers > 1 else None),
        options.device,
    )
    report.read(results)  # a broken file there is reported before the hours of training
    failures = reproduction.train(tasks, workers)
    print(report.write(results))
    complain(f"{results / 'article.html'} shows the curves")
    for failure in failures:
        complain(failure)
    return 1 if failures else 0
