"""`voxaffect benchmark PROTOCOL [SOURCE...]`: train and score an experiment under a published set-up or your own."""

import argparse
from pathlib import Path

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.options import (
    LIST,
    add_computing,
    add_probes,
    add_settings,
    add_workers,
    chosen,
    listed,
    renamed,
)
from voxaffect.apps.cli.terminal import note, probes_of, show, trainings


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    text = "as ravdess-luna5; voxaffect list protocols names all; or a TOML file of your own"
    option("protocol", metavar="PROTOCOL|TOML", help=text)
    add_settings(parser)
    seeds = LIST | {"type": listed(int)}
    option("--seeds", **seeds, metavar="SEED,...", help="train with each and average (default: the experiment's)")
    add_probes(parser)
    sources.add_sources(parser, style=False)
    option("--results", type=Path, metavar="FOLDER", help="write figures and predictions here")
    option("--runs", type=Path, metavar="FOLDER", help="checkpoints and bundles (default: runs)")
    add_workers(parser, "folds")
    option("--side-by-side", action="store_true", help="train all networks at once on one GPU")
    add_computing(parser)
    renamed(parser, "--data", "--corpus NAME=FOLDER, or VOXAFFECT_DATA")


def run(options: argparse.Namespace) -> int:
    """Run all folds and print the figures."""
    from voxaffect.errors import require

    require("train")
    from voxaffect.benchmarking import RUNS, benchmark
    from voxaffect.evaluation.report import as_text

    result = benchmark(
        sources=options.own,
        corpora=options.corpus,
        overrides=options.set,
        probes=probes_of(options),
        runs=options.runs or RUNS,
        workers=trainings() if options.workers is None else options.workers,
        **chosen(options, "protocol experiment seeds results resume threads device side_by_side"),
        **sources.how(options),
    )
    show(as_text(result.summary))
    for findings in result.probes.values():
        show(f"\n{findings.as_text()}")
    if options.results:
        note(f"{options.results / result.protocol}: {result.experiment.name}.csv and .json")
    return 0
