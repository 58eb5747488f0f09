"""Figures of the experiment `small`: by protocol, and of those whom no choice was made by."""

import numpy as np

from pages import RESULTS, percent, result, table
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.report import summarise

PROTOCOLS = ("ravdess-luna5", "ravdess-emobox6", "ravdess-loso")

CHOSEN_BY = ("2", "3")
"""Folds of ravdess-luna5 whose test speakers judged what `small` was to be."""


def by_protocol() -> str:
    """Each protocol that has a result."""
    rows = []
    for name in PROTOCOLS:
        if not (RESULTS / name / "small.json").exists():
            continue
        found = result(f"{name}/small")
        seeds = " ".join(f"{100 * each['uar']:.1f}" for each in found.get("by_seed", {}).values())
        minutes = np.mean([fold["seconds"] for fold in found["folds"]]) / 60
        rows.append(
            [
                f"`{name}`",
                percent(found["uar"]),
                percent(found["wa"]),
                seeds,
                f"{100 * found['ece']:.1f}",
                f"{minutes:.0f}",
            ]
        )
    return table(["protocol", "UAR %", "WA %", "UAR % by seed", "ECE %", "training, min a fold"], rows)


def not_chosen_by() -> str:
    """The folds of ravdess-luna5 that nothing was chosen by."""
    said = Predictions.read(RESULTS / "ravdess-luna5" / "small.csv")
    found = summarise(said.select(~np.isin(said.fold, CHOSEN_BY)))
    return (
        f"The {found['speakers']} speakers of the other folds, by whom nothing was chosen, have UAR "
        f"{percent(found['uar'])} % and WA {percent(found['wa'])} %.\n"
    )


BLOCKS = {"small": by_protocol, "small-not-chosen-by": not_chosen_by}
"""By name, what fills a page's block."""
