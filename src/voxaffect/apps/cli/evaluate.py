"""`voxaffect evaluate BUNDLE`: score a bundle; warns if it was trained on these speakers."""

import argparse
import json
from pathlib import Path

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.options import listed, renamed
from voxaffect.apps.cli.terminal import Counter, probes_of


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("evaluate", description=__doc__)
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle's folder, or the name of one in the package")
    sources.add_sources(parser)
    parser.add_argument("--split", metavar="JSON", help="score a side of this split (default: all recordings)")
    parser.add_argument("--side", choices=("test", "dev", "train"), help="of the split (default: test)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--predictions", type=Path, metavar="CSV", help="write every prediction here")
    parser.add_argument(
        "--conditions",
        action="extend",
        type=listed(),
        default=[],
        metavar="NAME,...",
        help="score it under these as well, as telephone,white-20,room, and say what each costs; all for every one",
    )
    parser.add_argument("--baseline", metavar="JSON", help="work against this one, which voxaffect baseline makes")
    parser.add_argument(
        "--baseline-curve",
        action="store_true",
        help="score baselines of 1, 5, 20 and 100 recordings, set aside by chance, on the rest",
    )
    parser.add_argument(
        "--nonspeech",
        action="store_true",
        help="test it on noises, tones and music-like sounds as well; needs no labelled recordings",
    )
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="for the neural network (default: 1)")
    renamed(parser, "--format", "--json; text is what is printed without it")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Score each utterance with the exported graph and print the figures."""
    from voxaffect.evaluation.evaluate import evaluate

    result = evaluate(
        options.bundle,
        sources.of(options),
        split=options.split,
        side=options.side,
        probes=probes_of(options),
        baseline=options.baseline,
        threads=options.threads,
        progress=Counter,
        **sources.how(options),
    )
    if options.predictions and result.predictions is not None:
        result.predictions.write(options.predictions)
    print(json.dumps(result.to_dict(), indent=1) if options.json else result.as_text())
    return 0
