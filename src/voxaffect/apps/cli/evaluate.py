"""`voxaffect evaluate BUNDLE`: score a bundle; warns if it was trained on these speakers."""

import argparse
from pathlib import Path

from voxaffect.apps.cli import sources
from voxaffect.apps.cli.options import add_probes, chosen, renamed
from voxaffect.apps.cli.terminal import Counter, print_counts, probes_of, show, show_json


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    option = parser.add_argument
    option("bundle", metavar="BUNDLE", help="a bundle's folder, or the name of one in the package")
    sources.add_sources(parser)
    text = "score a side of this split, or of given: the source's column or folders (default: all recordings)"
    option("--split", metavar="JSON|given", help=text)
    option("--side", choices=("test", "dev", "train"), help="of the split (default: test)")
    option("--json", action="store_true", help="print the figures as JSON")
    option("--predictions", type=Path, metavar="CSV", help="write every prediction here, of every condition")
    option("--baseline", metavar="JSON", help="use this baseline, which voxaffect baseline writes")
    add_probes(parser)
    option("--threads", type=int, default=1, metavar="N", help="of the network (default: 1)")
    renamed(parser, "--format", "--json; text is what is printed without it")


def run(options: argparse.Namespace) -> int:
    """Score each utterance with the exported graph and print the figures."""
    from voxaffect.evaluation.evaluate import evaluate

    result = evaluate(
        options.bundle,
        sources.of(options),
        probes=probes_of(options),
        progress=Counter,
        counted=print_counts,
        **chosen(options, "split side baseline threads") | sources.how(options),
    )
    if options.predictions:
        result.write_predictions(options.predictions)
    show_json(result.to_dict()) if options.json else show(result.as_text())
    return 0
