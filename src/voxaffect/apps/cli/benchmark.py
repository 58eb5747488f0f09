"""`voxaffect benchmark PROTOCOL`: train, export and score an experiment under a published set-up."""

import argparse
import shlex
import sys
from pathlib import Path

from voxaffect.apps.cli.options import add_computing, add_settings, listed, renamed
from voxaffect.apps.cli.sources import add_corpora
from voxaffect.apps.cli.terminal import trainings


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
    parser.add_argument("--resume", action="store_true", help="keep the folds and epochs that are done")
    add_computing(parser)
    renamed(parser, "--data", "--corpus NAME=FOLDER, or VOXAFFECT_DATA")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run all folds and print the figures."""
    from voxaffect.errors import require

    require("train")
    from voxaffect import benchmarking
    from voxaffect.evaluation.probes import baselines, conditions, nonspeech
    from voxaffect.evaluation.report import as_text

    result = benchmarking.benchmark(
        options.protocol,
        options.experiment,
        corpora=options.corpus,
        overrides=options.set,
        results=options.results,
        runs=options.runs or benchmarking.RUNS,
        resume=options.resume,
        workers=trainings() if options.workers is None else options.workers,
        threads=options.threads,
        device=options.device,
        command=_command(options),
        seeds=options.seeds,
        conditions=options.conditions,
        baseline_curve=options.baseline_curve,
        nonspeech=options.nonspeech,
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
    if options.results:
        written = options.results / options.protocol
        print(f"{written}: {result.summary['experiment']}.csv and .json", file=sys.stderr)
    return 0


def _command(options: argparse.Namespace) -> str:
    """The command as it can be typed again; where the corpora lie is the machine's own business."""
    words = ["voxaffect", "benchmark", options.protocol, "--experiment", options.experiment]
    for setting in options.set:
        words += ["--set", setting]
    if options.seeds:
        words += ["--seeds", ",".join(map(str, options.seeds))]
    if options.conditions:
        words += ["--conditions", ",".join(options.conditions)]
    words += ["--baseline-curve"] * options.baseline_curve + ["--nonspeech"] * options.nonspeech
    return shlex.join(words)
