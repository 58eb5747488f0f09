"""`voxaffect list KIND`: the corpora, schemes, protocols, experiments, bundles or conditions that there are."""

import argparse
from typing import Any

from voxaffect.apps.cli.options import add_format
from voxaffect.apps.cli.terminal import print_rows


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("kind", choices=tuple(_KINDS), metavar="KIND", help=f"one of {', '.join(_KINDS)}")
    add_format(parser)


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    print_rows(_KINDS[options.kind](), options.format)
    return 0


def corpora() -> list[dict[str, Any]]:
    """The known corpora."""
    from voxaffect.corpora import CORPORA

    names = ("name", "clips", "speakers", "hours", "language", "licence")
    return [{name: getattr(corpus, name) for name in names} for corpus in CORPORA.values()]


def _schemes() -> list[dict[str, Any]]:
    from voxaffect.labels import SCHEMES

    return [
        {"name": scheme.name, "classes": len(scheme.classes), "emotions": " ".join(scheme.classes)}
        for scheme in SCHEMES.values()
    ]


def _protocols() -> list[dict[str, Any]]:
    from voxaffect.evaluation.protocols import PROTOCOLS

    return [{"name": p.name, "folds": len(p.folds), "scheme": p.scheme, "title": p.title} for p in PROTOCOLS.values()]


def _experiments() -> list[dict[str, Any]]:
    from voxaffect.settings import experiment_names, read_experiment

    rows = []
    for name in experiment_names():
        settings = read_experiment(name)
        training = settings.training
        scheme = training.scheme if isinstance(training.scheme, str) else " ".join(training.scheme)
        row = {"name": name, "model": settings.model, "features": settings.features, "scheme": scheme}
        rows.append(row | {"epochs": training.epochs, "members": training.members})
    return rows


def _bundles() -> list[dict[str, Any]]:
    from voxaffect import bundle

    rows = []
    for name in bundle.packaged():
        card = bundle.read(bundle.find(name)).card
        rows.append({"name": name, "classes": " ".join(card.classes), "licence": card.licence})
    return rows


def _conditions() -> list[dict[str, Any]]:
    from voxaffect.augment.conditions import ABOUT

    return [{"name": name, "about": about} for name, about in ABOUT.items()]


_KINDS = {
    "corpora": corpora,
    "schemes": _schemes,
    "protocols": _protocols,
    "experiments": _experiments,
    "bundles": _bundles,
    "conditions": _conditions,
}
