"""Figures of known corpora: README, home page, model card."""

from collections.abc import Callable
from functools import partial

import numpy as np

from figures.tables import percent, result, table

KNOWN = "ravdess-luna5/small"
"""The result that stands for `ravdess-small`."""


def score(name: str) -> str:
    """What an experiment reaches with speakers of a corpus that is known."""
    found = result(name)
    classes, seeds = len(found["classes"]), np.size(found["seed"])
    mean = f", mean of {seeds} seeds" if seeds > 1 else ""
    return (
        f"On `ravdess-luna5` ({found['utterances']} spoken clips, {found['speakers']} actors, {classes} "
        f"emotions, no actor in training and test{mean}) the network "
        f"reaches **UAR {percent(found['uar'])} %** (unweighted average recall; 95 % interval over speakers; chance "
        f"{100 * found['chance']:.1f}) and WA {percent(found['wa'])} %, with {found['parameters'] / 1e6:.2f} M "
        f"parameters. A fold's model has {found['model_bytes'] / 1e6:.1f} MB.\n"
    )


def by_group() -> str:
    """Figures overall and by sex."""
    found = result(KNOWN)
    groups = [("all", found), ("women", found["by_sex"]["female"]), ("men", found["by_sex"]["male"])]
    worst, *_, best = sorted((each["uar"], name) for name, each in found["by_speaker"].items())
    return table(
        ["", "UAR %", "WA %", "macro F1 %"],
        [[name, percent(each["uar"]), percent(each["wa"]), percent(each["f1"])] for name, each in groups],
        f"Calibration error (ECE) {100 * found['ece']:.1f} %. Single speakers range from UAR {100 * worst[0]:.1f} "
        f"(`{worst[1]}`) to {100 * best[0]:.1f} (`{best[1]}`): expect such differences between your own speakers.",
    )


def confusions() -> str:
    """The confusion matrix in per cent of rows."""
    found = result(KNOWN)
    rows = zip(found["classes"], found["confusion"], strict=True)
    shares = [[name, *(f"{100 * count / sum(row):.0f}" for count in row)] for name, row in rows]
    return table(["intended \\ predicted", *found["classes"]], shares, numbers=True)


def folds() -> str:
    """Each fold's speakers, epochs and figures."""
    found = result("ravdess-luna5/cnn")
    rows = [
        [
            each["fold"],
            ", ".join(name.split("/")[-1] for name in each["test"]),
            ", ".join(name.split("/")[-1] for name in each["dev"]),
            f"{each['best_epoch']} of {each['epochs']}",
            f"{100 * each['uar']:.1f}",
            f"{100 * each['wa']:.1f}",
        ]
        for each in found["folds"]
    ]
    below = f"Seed {found['seed']}; `{found['command']}`; commit `{found['commit']}`."
    return table(["fold", "tested on actors", "validated on", "best epoch", "UAR %", "WA %"], rows, below)


BLOCKS: dict[str, Callable[[], str]] = {
    "score": partial(score, KNOWN),
    "score-cnn": partial(score, "ravdess-luna5/cnn"),
    "by-group": by_group,
    "confusions": confusions,
    "folds": folds,
}
