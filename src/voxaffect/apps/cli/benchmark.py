"""`voxaffect benchmark PROTOCOL`: train, export and score an experiment under a published set-up."""

import argparse
import sys
from pathlib import Path

from voxaffect.apps.cli.options import add_computing, add_settings, listed, renamed
from voxaffect.apps.cli.sources import add_corpora
from voxaffect.apps.cli.terminal import probes_of, trainings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("benchmark", description=__doc__)
    parser.add_argument("protocol", metavar="PROTOCOL", help="as ravdess-luna5; voxaffect list protocols names all")
    add_settings(parser)
    parser.add_argument(
        "--seeds",
        type=listed(int),
        action="extend",
        default=[],
        metavar="SEED,...",
        help="train with each and average (default: the experiment's)",
    )
    parser.add_argument(
        "--conditions",
        type=listed(),
        action="extend",
        default=[],
        metavar="NAME,...",
        help="score every fold under these as well, as mu-law,white-20,room; all for every one",
    )
    parser.add_argument(
        "--baseline-curve",
        action="store_true",
        help="score baselines of 1, 5, 20 and 100 test recordings, set aside by chance, on the rest",
    )
    parser.add_argument(
        "--nonspeech", action="store_true", help="test every fold on noises, tones and music-like sounds as well"
    )
    add_corpora(parser)
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="write figures and predictions here")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="checkpoints and bundles (default: runs)")
    parser.add_argument(
        "--workers", type=int, metavar="N", help="folds side by side (default: one a core, or one on a GPU)"
    )
    parser.add_argument("--side-by-side", action="store_true", help="train all networks at once on one GPU")
    parser.add_argument("--resume", action="store_true", help="keep the folds and epochs that are done")
    add_computing(parser)
    renamed(parser, "--data", "--corpus NAME=FOLDER, or VOXAFFECT_DATA")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run all folds and print the figures."""
    from voxaffect.errors import require

    require("train")
    from voxaffect.benchmarking import RUNS, benchmark
    from voxaffect.evaluation.report import as_text

    result = benchmark(
        options.protocol,
        experiment=options.experiment,
        corpora=options.corpus,
        overrides=options.set,
        seeds=options.seeds,
        probes=probes_of(options),
        results=options.results,
        runs=options.runs or RUNS,
        resume=options.resume,
        workers=trainings() if options.workers is None else options.workers,
        threads=options.threads,
        device=options.device,
        side_by_side=options.side_by_side,
    )
    print(as_text(result.summary))
    for findings in result.probes.values():
        print(f"\n{findings.as_text()}")
    if options.results:
        print(f"{options.results / options.protocol}: {result.experiment.name}.csv and .json", file=sys.stderr)
    return 0
