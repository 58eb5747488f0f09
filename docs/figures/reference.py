"""Measures, schemes and protocols as they stand in the code: the reference."""

from collections.abc import Callable

from figures.tables import table
from voxaffect import labels
from voxaffect.augment.conditions import ABOUT
from voxaffect.evaluation.protocols import PROTOCOLS
from voxaffect.exploring.measures import MEASURES


def measures() -> str:
    """What exploring measures."""
    return table(
        ["name", "measure", "unit", "what it is"],
        [[f"`{name}`", each.title, each.unit, each.about] for name, each in MEASURES.items()],
    )


def schemes() -> str:
    """Schemes: classes, and the emotions of other names that are mapped into them."""
    rows = []
    for each in labels.SCHEMES.values():
        others: dict[str, list[str]] = {}
        for emotion, name in each.mapping.items():
            if emotion != name:
                others.setdefault(name, []).append(emotion)
        taken = [f"*{name}*: {', '.join(emotions)}" for name, emotions in others.items()]
        classes = "each of " + ", ".join(each.mapping) + ", by sex" if each.by_sex else ", ".join(each.classes)
        rows.append([f"`{each.name}`", classes, "; ".join(taken)])
    return table(["scheme", "classes", "taken for"], rows)


def protocols() -> str:
    """Set-ups by name."""
    rows = [[f"`{each.name}`", each.title, f"`{each.scheme}`", str(len(each.folds))] for each in PROTOCOLS.values()]
    return table(["protocol", "what it is", "scheme", "folds"], rows)


def conditions() -> str:
    """Conditions by name."""
    return table(["condition", "what it is"], [[f"`{name}`", about] for name, about in ABOUT.items()])


BLOCKS: dict[str, Callable[[], str]] = {
    "conditions": conditions,
    "measures": measures,
    "schemes": schemes,
    "protocols": protocols,
}
