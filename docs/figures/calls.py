"""Emotions over time, on calls made of clips of speakers who were not trained on: docs/calls.md, and its picture."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from figures import calls_picture
from figures.tables import change, percent, result, table


def lines(experiment: str) -> str:
    """By condition: each corpus, their mean, the loss, and the same from single windows."""
    found = result(f"calls-{experiment}")
    rows = []
    for name in _lines(found):
        smoothed, single = found["results"][f"{name}, smoothed"], found["results"][f"{name}, single windows"]
        rows.append(
            [
                name,
                *(percent(smoothed[fold]["uar"]) for fold in found["folds"]),
                percent(smoothed["uar"]),
                change(smoothed["lost"]) if "lost" in smoothed else "",
                percent(single["uar"]),
            ]
        )
    head = ["calls", *found["folds"], "mean UAR %", "loss", "single windows"]
    return table(head, rows, _about(found), numbers=True)


def errors(experiment: str) -> str:
    """Everything else that can go wrong, by corpus and line."""
    found = result(f"calls-{experiment}")
    rows = []
    for name in _lines(found):
        for fold in found["folds"]:
            each = found["results"][f"{name}, smoothed"][fold]
            changes, alarms = each["changes"], each["alarms"]
            rows.append(
                [
                    f"{name}, {fold}",
                    f"{100 * each['eder']:.0f}",
                    f"{100 * each['missed']:.1f}",
                    f"{alarms['quiet']:.1f}",
                    f"{alarms['sounding']:.1f}",
                    f"{each['edge_seconds']['median']:.2f}, {each['edge_seconds']['90 %']:.2f}",
                    f"{changes['there']}, {changes['said']}, {changes['found']}",
                ]
            )
    head = [
        "calls",
        "error %",
        "missed %",
        "alarms in silence",
        "in sounds",
        "edges: median, 90 %",
        "changes: true, predicted, matched",
    ]
    return table(head, rows, numbers=True)


def smoothing(experiment: str) -> str:
    """What was chosen for each corpus on the calls of the others, and among what."""
    found = result(f"calls-{experiment}")
    rows = [[name, f"{each['stay']}", f"{each['trust']}"] for name, each in found["smoothing"].items()]
    tried = next(iter(found["losses"].values()))
    stays, trusts = (", ".join(map(str, sorted({each[place] for each in tried}))) for place in (0, 1))
    return table(["for", "stay", "trust"], rows, f"Of stay {stays}, and trust {trusts}.", numbers=True)


def picture(experiment: str) -> str:
    """Intended and predicted emotions in the beginning of the first call of each corpus."""
    found = result(f"calls-{experiment}")
    classes = list(found["results"]["clean, smoothed"][found["folds"][0]]["recall"])
    starts = [start for call in found["shown"].values() for ribbon in call.values() for start, *_ in ribbon]
    seconds = 10 * math.ceil(max(starts) / 10)
    title = "Intended and predicted emotions in calls of speakers not in training"
    names = {"meant": "intended", "heard": "predicted"}
    shown = {call: {names[name]: ribbon for name, ribbon in parts.items()} for call, parts in found["shown"].items()}
    return calls_picture.draw(title, shown, classes, seconds)


def _lines(found: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(name.rsplit(", ", 1)[0] for name in found["results"]))


def _about(found: dict[str, Any]) -> str:
    minutes = sum(found["results"]["clean, smoothed"][fold]["minutes"] for fold in found["folds"])
    return (
        f"{sum(found['calls'].values())} calls, {minutes / 2 / 60:.1f} hours of two channels; "
        f"`{found['command']}`; commit `{found['commit']}`."
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "calls-lines": partial(lines, "base"),
    "calls-errors": partial(errors, "base"),
    "calls-smoothing": partial(smoothing, "base"),
    "calls-small": partial(lines, "cnn-strangers"),
}

PICTURES: dict[str, Callable[[], str]] = {"calls.svg": partial(picture, "base")}
