"""`voxaffect list KIND`: the corpora, schemes, protocols, experiments, bundles or conditions that there are."""

import argparse
from typing import Any

from voxaffect.apps.cli.options import add_format
from voxaffect.apps.cli.terminal import print_rows


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("list", description=__doc__)
    parser.add_argument("kind", choices=tuple(_KINDS), metavar="KIND", help=f"one of {', '.join(_KINDS)}")
    add_format(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    print_rows(_KINDS[options.kind](), options.format)
    return 0


def corpora() -> list[dict[str, Any]]:
    """The known corpora."""
    from voxaffect.corpora import CORPORA

    return [
        {
            "name": each.name,
            "clips": each.clips,
            "speakers": each.speakers,
            "hours": each.hours,
            "language": each.language,
            "licence": each.licence,
        }
        for each in CORPORA.values()
    ]


def _schemes() -> list[dict[str, Any]]:
    from voxaffect.labels import SCHEMES

    return [
        {"name": each.name, "classes": len(each.classes), "emotions": " ".join(each.classes)}
        for each in SCHEMES.values()
    ]


def _protocols() -> list[dict[str, Any]]:
    from voxaffect.evaluation.protocols import PROTOCOLS

    return [
        {"name": each.name, "folds": len(each.folds), "scheme": each.scheme, "title": each.title}
        for each in PROTOCOLS.values()
    ]


def _experiments() -> list[dict[str, Any]]:
    from voxaffect.settings import experiment_names, read_experiment

    rows = []
    for name in experiment_names():
        each = read_experiment(name)
        training = each.training
        rows.append(
            {
                "name": name,
                "model": each.model,
                "features": each.features,
                "scheme": training.scheme if isinstance(training.scheme, str) else " ".join(training.scheme),
                "epochs": training.epochs,
                "members": training.members,
            }
        )
    return rows


def _bundles() -> list[dict[str, Any]]:
    from voxaffect import bundle

    rows = []
    for name in sorted(each.name for each in bundle.PACKAGED.iterdir() if each.is_dir()):
        card = bundle.read(bundle.find(name)).card
        rows.append({"name": name, "classes": " ".join(card.classes), "licence": card.licence})
    return rows


def _conditions() -> list[dict[str, Any]]:
    from voxaffect.augment import CONDITIONS

    return [{"name": name} for name in CONDITIONS]


_KINDS = {
    "corpora": corpora,
    "schemes": _schemes,
    "protocols": _protocols,
    "experiments": _experiments,
    "bundles": _bundles,
    "conditions": _conditions,
}
