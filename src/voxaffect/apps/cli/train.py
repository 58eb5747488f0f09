"""`voxaffect train`: train a model and write it as a bundle."""

import argparse
from pathlib import Path

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.options import add_computing, add_settings, chosen, renamed
from voxaffect.apps.cli.terminal import print_counts, show, table_text, trainings
from voxaffect.text import printable


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    sources.add_sources(parser)
    add_settings(parser)
    text = (
        "a split that voxaffect split wrote, or given: that of the source's column or folders (default: the first of "
    )
    text += "five folds by speaker)"
    option("--split", metavar="JSON|given", help=text)
    option("--all-speakers", action="store_true", help="all speakers train; none is left to score the model on")
    text = "cross-validate by speaker with so many folds, then train the model on all speakers"
    option("--folds", type=int, metavar="K", help=text)
    option("--workers", type=int, metavar="N", help="of --folds: side by side (default: one a core, or one on a GPU)")
    text = "with --all-speakers: the benchmark result whose scores and calibration go onto the card"
    option("--scores-from", metavar="JSON", help=text)
    option("--out", metavar="FOLDER", help="the bundle (default: as my-model of my.csv)")
    text = "save the network without its output layer as well, for training.pretrained of other experiments"
    option("--save-pretrained", metavar="FOLDER", help=text)
    option("--runs", metavar="FOLDER", help="checkpoints (default: OUT with -run appended)")
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on from the last epoch in --runs")
    again.add_argument("--overwrite", action="store_true", help="begin anew where --runs holds a run")
    add_computing(parser)
    renamed(parser, "--stands-for", "--scores-from")
    renamed(parser, "--weights", "--save-pretrained")


def run(options: argparse.Namespace) -> int:
    """Train, and print the score on the split's test speakers where it has some."""
    from voxaffect.corpora import source_name
    from voxaffect.errors import require
    from voxaffect.evaluation.report import as_text
    from voxaffect.evaluation.summary import summarise
    from voxaffect.runs.folds import rows
    from voxaffect.runs.train import train

    named = sources.of(options)
    names = "experiment out split all_speakers folds scores_from save_pretrained runs resume overwrite threads device"
    workers = options.workers
    if workers is None and options.folds:
        require("train")
        workers = min(trainings(), options.folds)
    how = chosen(options, names) | sources.how(options)
    how |= {"workers": 1 if workers is None else workers}
    trained = train(named, overrides=options.set, counted=print_counts, **how)
    if trained.predictions is not None:
        show(as_text(summarise(trained.predictions)) + "\n")
    if trained.folds and trained.predictions is not None:
        show(table_text(rows(trained.predictions, trained.folds)) + "\n")
    fitted, out = trained.fitted, options.out or f"{source_name(named)}-model"
    show(f"{printable(str(Path(out)))}: epoch {fitted.best_epoch} of {fitted.epochs}, {fitted.seconds / 60:.1f} min")
    return 0
