"""`voxaffect benchmark PROTOCOL`: train, export and score an experiment under a published set-up."""

import argparse
import shlex
import sys
from pathlib import Path

from voxaffect.apps.cli.terminal import trainings


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
    parser.add_argument("--results", type=Path, help="where the figures go (default: benchmarks/results)")
    parser.add_argument("--runs", type=Path, help="where checkpoints go (default: runs)")
    parser.add_argument("--workers", type=int, help="folds side by side (default: one a core, or one on a GPU)")
    parser.add_argument("--resume", action="store_true", help="keep the folds and epochs that are done")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run all folds, write the result files and print the figures."""
    from voxaffect import benchmarking
    from voxaffect.evaluation.probes import baselines, conditions, nonspeech
    from voxaffect.evaluation.report import as_text

    # As it can be typed again; where the corpora lie is the machine's own business.
    words = ["voxaffect", "benchmark", options.protocol, "--experiment", options.experiment]
    for setting in options.set:
        words += ["--set", setting]
    if options.seeds:
        words += ["--seeds", *map(str, options.seeds)]
    if options.conditions:
        words += ["--conditions", options.conditions]
    if options.baseline_curve:
        words.append("--baseline-curve")
    if options.nonspeech:
        words.append("--nonspeech")
    results = options.results or benchmarking.RESULTS
    result = benchmarking.benchmark(
        options.protocol,
        options.experiment,
        options.data,
        options.set,
        results,
        options.runs or benchmarking.RUNS,
        options.resume,
        trainings() if options.workers is None else options.workers,
        shlex.join(words),
        options.seeds,
        options.conditions.split(",") if options.conditions else (),
        options.baseline_curve,
        options.nonspeech,
    )
    print(as_text(result.summary))
    if result.conditions:
        print()
        print(conditions.as_text(result.conditions))
    if result.baselines:
        print()
        print(baselines.as_text(result.baselines))
    if result.nonspeech:
        print()
        print(nonspeech.as_text(result.nonspeech))
    print(f"{results / options.protocol}: {result.summary['experiment']}.csv and .json", file=sys.stderr)
    return 0
