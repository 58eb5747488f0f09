"""`voxaffect reproduce [ROW...]`: the article's experiments, as published and corrected, and our model.

Each row is trained twice: as published, where validation leaks and every output says `leaky`, and corrected. Without
rows, all are.
"""

import argparse
from pathlib import Path

from voxaffect.apps.cli.options import add_computing, add_workers, chosen
from voxaffect.apps.cli.terminal import complain, print_rows, show, trainings
from voxaffect.errors import require


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    option("rows", nargs="*", metavar="ROW", help="rows of its table, or best for our model")
    option("--list", action="store_true", help="name the rows and end")
    text = "(default: ravdess below $VOXAFFECT_DATA)"
    option("--corpus", default="ravdess", metavar="ravdess[=FOLDER]", help=text)
    option("--epochs", type=int, metavar="N", help="of the article's rows, not of best (default: 700, as published)")
    option("--mode", choices=("leaky", "corrected"), help="the article's rows only as published, or only corrected")
    text = "figures, predictions and the page (default: results in --runs)"
    option("--results", type=Path, metavar="FOLDER", help=text)
    option("--runs", type=Path, default=Path("runs/article"), metavar="FOLDER", help="(default: %(default)s)")
    add_workers(parser, "rows")
    add_computing(parser)


def run(options: argparse.Namespace) -> int:
    """Train the rows, then write and print the table of all that is in the results' folder."""
    from voxaffect.reproduction.setups import BEST, MODES, SETUPS

    if options.list:
        titles = {row.name: row.title for row in SETUPS.values()} | {
            BEST: "our model, scored on every row's test clips"
        }
        print_rows([{"row": name, "title": title} for name, title in titles.items()], "table")
        return 0
    require("train")
    from voxaffect import corpora
    from voxaffect.reproduction.report import as_text
    from voxaffect.reproduction.run import reproduce

    results = options.results or options.runs / "results"
    article = reproduce(
        corpus=corpora.load(options.corpus),
        modes=(options.mode,) if options.mode else MODES,
        results=results,
        workers=trainings() if options.workers is None else options.workers,
        **chosen(options, "rows epochs runs resume threads device"),
    )
    show(as_text(article.rows))
    complain(f"{results / 'article.html'} shows the curves")
    for failure in article.failures:
        complain(failure)
    return 1 if article.failures else 0
