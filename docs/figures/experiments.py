"""The experiment `small`, by protocol, and on speakers that it was not chosen by: docs/experiments.md."""

from collections.abc import Callable

import numpy as np

from figures.tables import RESULTS, percent, result, table
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import summarise

PROTOCOLS = ("ravdess-luna5", "ravdess-emobox6", "ravdess-loso")

CHOSEN_BY = ("2", "3")
"""Folds of ravdess-luna5 whose test speakers `small` was chosen by."""


def by_protocol() -> str:
    """Each protocol."""
    rows = []
    for name in PROTOCOLS:
        found = result(f"{name}/small")
        seeds = " ".join(f"{100 * each['uar']:.1f}" for each in found.get("by_seed", {}).values())
        rows.append(
            [
                f"`{name}`",
                percent(found["uar"]),
                percent(found["wa"]),
                seeds,
                f"{100 * found['ece']:.1f}",
            ]
        )
    return table(["protocol", "UAR %", "WA %", "UAR % by seed", "ECE %"], rows, _trained_on())


def _trained_on() -> str:
    """How long a fold took, and on what."""
    folds = [fold for name in PROTOCOLS for fold in result(f"{name}/small")["folds"]]
    minutes = [fold["seconds"] / 60 for fold in folds if fold["device"] == "cpu"]
    card = f"{len(folds) - len(minutes)} of {len(folds)} folds were trained [on a GPU](how-to/train.md#train-on-a-gpu)"
    return card + (f"; the others took {np.mean(minutes):.0f} minutes each, on a CPU." if minutes else ".")


def not_chosen_by() -> str:
    """The folds of ravdess-luna5 that `small` was not chosen by."""
    predictions = Predictions.read(RESULTS / "ravdess-luna5" / "small.csv")
    found = summarise(predictions.select(~np.isin(predictions.fold, CHOSEN_BY))).to_dict()
    return (
        f"The {found['speakers']} speakers of folds 1, 4 and 5, by whom none of the changes below was chosen, have UAR "
        f"{percent(found['uar'])} % and WA {percent(found['wa'])} %.\n"
    )


def nonspeech() -> str:
    """What the folds of ravdess-luna5 predict for sounds that are not speech."""
    found = result("ravdess-luna5/small-nonspeech")["nonspeech"]
    rows = [
        [
            name.replace("-", " "),
            "yes" if each["learnt"] else "no",
            f"{100 * each['confidence']:.0f}",
            *(f"{100 * each['coverage'][least]:.0f}" for least in ("0.5", "0.8")),
            each["emotion"],
        ]
        for name, each in found.items()
    ]
    head = ["sound", "kind in training", "confidence %", "answered at 50 %", "at 80 %", "mostly as"]
    return table(head, rows)


def certainty() -> str:
    """Coverage and accuracy by threshold of confidence."""
    found = result("ravdess-luna5/small")
    points = [each for each in found["risk_coverage"] if each["threshold"] in (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]
    rows = [
        [f"{100 * each['threshold']:.0f}", f"{100 * each['coverage']:.0f}", f"{100 * each['accuracy']:.0f}"]
        for each in points
        if each["accuracy"] is not None
    ]
    return table(["threshold %", "answered %", "accuracy %"], rows, numbers=True)


BLOCKS: dict[str, Callable[[], str]] = {
    "small": by_protocol,
    "small-not-chosen-by": not_chosen_by,
    "small-certainty": certainty,
    "small-nonspeech": nonspeech,
}
