"""`voxaffect benchmark PROTOCOL`: train, export and score an experiment under a published set-up."""

import argparse
import sys
from pathlib import Path

from voxaffect.apps.cli.terminal import probes_of, trainings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("benchmark", help="score an experiment under a published set-up", description=__doc__)
    parser.add_argument("protocol", metavar="PROTOCOL", help="ravdess-luna5")
    parser.add_argument("--experiment", default="cnn", metavar="NAME|TOML", help="the settings (default: cnn)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a setting, as training.epochs=3"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[], metavar="SEED", help="train with each and average (default: one)"
    )
    parser.add_argument(
        "--conditions",
        default="",
        metavar="NAME,...",
        help="score every fold under these too, as mu-law,white-20,room; all for every one",
    )
    parser.add_argument(
        "--baseline-curve",
        action="store_true",
        help="say what baselines of 1, 5, 20 and 100 test recordings, set aside by chance, bring on the rest",
    )
    parser.add_argument(
        "--nonspeech", action="store_true", help="say what every fold hears in noises, tones and music-like sounds"
    )
    parser.add_argument("--data", metavar="FOLDER", help="holds the corpora, as ravdess/ (default: $VOXAFFECT_DATA)")
    parser.add_argument("--results", type=Path, help="write the figures below this folder (default: nowhere)")
    parser.add_argument("--runs", type=Path, help="where checkpoints go (default: runs)")
    parser.add_argument("--workers", type=int, help="folds side by side (default: one a core, or one on a GPU)")
    parser.add_argument("--resume", action="store_true", help="keep the folds and epochs that are done")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run all folds, write the result files and print the figures."""
    from voxaffect.benchmarking import RUNS, benchmark
    from voxaffect.evaluation.report import as_text

    result = benchmark(
        options.protocol,
        experiment=options.experiment,
        data=options.data,
        overrides=options.set,
        seeds=options.seeds,
        probes=probes_of(options),
        results=options.results,
        runs=options.runs or RUNS,
        resume=options.resume,
        workers=trainings() if options.workers is None else options.workers,
    )
    print(as_text(result.summary))
    for findings in result.probes.values():
        print(f"\n{findings.as_text()}")
    if options.results:
        name = f"{result.experiment.name}.csv and .json"
        print(f"{options.results / options.protocol}: {name}", file=sys.stderr)
    return 0
