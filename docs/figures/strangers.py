"""Corpora that were not trained on: docs/strangers.md, and the bundles of the model card."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import numpy.typing as npt

from figures.tables import RESULTS, change, percent, result, table
from voxaffect import bundle, metrics
from voxaffect.calibration import risk_coverage, threshold
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes.baseline_curve import KINDS
from voxaffect.evaluation.protocols import PROTOCOLS
from voxaffect.runs.cross_calibration import calibrated, cross_temperatures

_KINDS = {
    "base": "EMOVO and EmoTale, which it was not trained on",
    "base-commercial": "RAVDESS, which it was not trained on",
    "common4": "each of its corpora, by the two others",
    "common4-commercial": "RAVDESS, which it was not trained on",
    "ravdess-small": "new speakers of the corpus it was trained on",
}

ACCURACIES = (0.6, 0.7, 0.8, 0.9)

RECIPE = "cross-common4/cnn-strangers"
"""The result that stands for the bundles in the package."""

PLAIN = f"{RECIPE}-plain"
"""The same without the last layer that was adopted after the test had been seen."""


def score() -> str:
    """The headline: corpora that nothing was trained on."""
    found = result(RECIPE)
    each = ", ".join(f"{name} {100 * about['uar']['value']:.1f}" for name, about in found["by_corpus"].items())
    return (
        f"Trained on two of RAVDESS, CREMA-D and EMO-DB and tested on all of the third, each in turn (`cross-common4`: "
        f"{found['utterances']} clips of {found['speakers']} speakers; {', '.join(found['classes'])}), the network "
        f"reaches **UAR {percent(found['mean_of_corpora'])} %** (unweighted average recall, the mean of three: {each}; "
        f"95 % interval over speakers; chance {100 * found['chance']:.0f}) with "
        f"{found['parameters'] / 1e6:.2f} M parameters. One choice was made on these test corpora; without it the UAR "
        f"is {percent(result(PLAIN)['mean_of_corpora'])}.\n"
    )


def bundles() -> str:
    """The bundles in the package: classes, training corpora, licence, score and size."""
    rows = []
    for name in _KINDS:
        card = bundle.read(bundle.PACKAGED / name).card
        uar, chance = card.scores.mean_of_corpora or card.scores.uar, card.scores.chance or 1 / len(card.classes)
        rows.append(
            [
                f"`{name}`",
                ", ".join(card.classes),
                ", ".join(each.name for each in card.training.corpora),
                card.licence,
                f"{percent(uar.to_dict())}, chance {100 * chance:g}",
                _KINDS[name],
                f"{card.model.bytes / 1e6:.1f}",
            ]
        )
    return table(["bundle", "emotions", "trained on", "licence", "UAR %", "on", "MB"], rows)


def certainty() -> str:
    """Threshold and coverage of each bundle, by accuracy."""
    rows = []
    for name in _KINDS:
        card = bundle.read(bundle.PACKAGED / name).card
        curve = card.calibration.risk_coverage
        coverage = {point.threshold: point.coverage for point in curve}
        cells = []
        for accuracy in ACCURACIES:
            least = threshold(curve, accuracy)
            cells.append(f"{100 * least:.0f} %: {100 * coverage[least]:.0f} %")
        measured_on = card.calibration.on.removeprefix("the tested speakers of ")
        rows.append([f"`{name}`", measured_on, f"{100 * card.scores.ece:.1f}", *cells])
    below = "Each cell: the confidence threshold for that accuracy, and the share of recordings answered."
    return table(["bundle", "measured on", "ECE %", "accuracy 60 %", "70 %", "80 %", "90 %"], rows, below, numbers=True)


def kept() -> str:
    """Accuracy and coverage of each fold, by the thresholds that the other folds gave."""
    rows = []
    for name in (RECIPE, "ravdess-luna5/small"):
        predictions = Predictions.read(RESULTS / f"{name}.csv")
        if result(name)["settings"]["training"].get("validate", True):  # else the benchmark has done so already
            predictions = _cross_calibrated(predictions)
        folds = np.unique(predictions.fold)
        for fold in [*folds, None] if name == RECIPE else [None]:
            judged = folds if fold is None else [fold]
            cells = [_kept(predictions, predictions.fold, judged, accuracy) for accuracy in ACCURACIES]
            rows.append([f"`{name.split('/')[0]}`" + (f", {fold}" if fold else ""), *cells])
    return _kept_table(rows)


def kept_by_corpus(name: str) -> str:
    """Accuracy and coverage of each corpus, by the thresholds that the other corpora gave."""
    predictions = Predictions.read(RESULTS / f"{name}.csv")
    corpora = np.unique(predictions.corpus)
    rows = [
        [corpus, *(_kept(predictions, predictions.corpus, [corpus], accuracy) for accuracy in ACCURACIES)]
        for corpus in corpora
    ]
    return _kept_table(rows)


def _kept_table(rows: list[list[str]]) -> str:
    below = "Accuracy % of the answers, and in brackets the share of recordings answered."
    heads = ["tested on", *(f"{100 * accuracy:.0f} % wanted" for accuracy in ACCURACIES)]
    return table(heads, rows, below, numbers=True)


def _cross_calibrated(predictions: Predictions) -> Predictions:
    return calibrated(predictions, cross_temperatures(predictions))


def _kept(predictions: Predictions, groups: npt.NDArray[np.str_], judged: Iterable[str], accuracy: float) -> str:
    """Of the groups that are judged, each by the threshold of all others; those others by the worst corpus."""
    right = answered = clips = 0
    for group in judged:
        others, mine = predictions.select(groups != group), predictions.select(groups == group)
        try:
            least = threshold(risk_coverage(others.truth, others.probabilities, others.corpus), accuracy)
        except SettingsError:  # no threshold promises as much
            return "not promised"
        sure = mine.probabilities.max(axis=1) >= least
        right += int((mine.prediction == mine.truth)[sure].sum())
        answered += int(sure.sum())
        clips += len(sure)
    return f"{100 * right / answered:.0f} ({100 * answered / clips:.0f} %)" if answered else "none"


def protocols() -> str:
    """Figures of every protocol with a result."""
    rows = []
    for name in PROTOCOLS:
        for path in sorted((RESULTS / name).glob("*.json")):
            if not path.with_suffix(".csv").exists():
                continue
            found = result(f"{name}/{path.stem}")
            rows.append(
                [
                    f"`{name}`",
                    f"`{path.stem}`",
                    str(len(found["classes"])),
                    f"{found['utterances']} of {found['speakers']}",
                    percent(found.get("mean_of_corpora", found["uar"])),
                    percent(found["wa"]),
                    change(found["women_less_men"]),
                ]
            )
    return table(
        ["protocol", "experiment", "classes", "clips of speakers", "UAR %", "WA %", "UAR, women minus men"],
        rows,
        "Across corpora, the UAR is the mean of theirs.",
    )


def recalls(name: str) -> str:
    """Of each corpus that was not trained on, its figures and each class's recall."""
    found = result(name)
    predictions = Predictions.read(RESULTS / f"{name}.csv")
    rows = []
    for corpus, about in found["by_corpus"].items():
        part = predictions.select(predictions.corpus == corpus)
        counts = metrics.confusion(part.truth, part.prediction, len(part.classes))
        recalled = [f"{100 * each:.0f}" for each in metrics.recalls(counts)]
        rows.append([corpus, percent(about["uar"]), *recalled, change(about["women_less_men"])])
    heads = ["tested on", "UAR %", *(f"recall of {name} %" for name in found["classes"]), "UAR, women minus men"]
    return table(heads, rows, numbers=True)


def conditions(name: str) -> str:
    """What each condition costs."""
    found = result(f"{name}-conditions")
    rows = [
        [condition, percent(each["uar"]), "" if condition == "clean" else change(each["loss"])]
        for condition, each in found["conditions"].items()
    ]
    return table(["condition", "UAR %", "loss"], rows, f"`{found['command']}`.", numbers=True)


def baselines(name: str, *, clean: bool = False) -> str:
    """What baselines bring. clean: without the conditions."""
    found = result(f"{name}-baselines")
    curves = {"": found["baselines"]} | ({} if clean else found["baselines"].get("by_condition", {}))
    rows = [
        [
            f"{count} of {KINDS[kind].title}" + (f", {condition}" if condition else ""),
            percent(each["uar"]),
            percent(each["without"]),
            change(each["gain"]),
            str(each["speakers"]),
        ]
        for condition, curve in curves.items()
        for kind in KINDS
        for count, each in curve.get(kind, {}).items()
    ]
    below = f"`{found['command']}`."
    head = ["recordings", "UAR %", "without a baseline, same clips", "gain", "voices"]
    return table(head, rows, below, numbers=True)


def baseline_curves(name: str) -> str:
    """UAR by the number of recordings of a line or voice, and what a voice loses that was heard in one emotion."""
    found = result(f"{name}-baselines")
    curves = {kind: found["baselines"][kind] for kind in KINDS if kind in found["baselines"]}
    varied = {kind: by_size for kind, by_size in curves.items() if not KINDS[kind].one_emotion}
    sizes = sorted({int(size) for by_size in varied.values() for size in by_size})
    rows = [
        [KINDS[kind].title, *(percent(by_size[str(size)]["uar"]) if str(size) in by_size else "" for size in sizes)]
        for kind, by_size in varied.items()
    ]
    alike = [
        f"{size} of {KINDS[kind].title}: {change(each['gain'])}"
        for kind, by_size in curves.items()
        if KINDS[kind].one_emotion
        for size, each in by_size.items()
    ]
    below = f"By voice baselines of one emotion alone, UAR changes by: {'; '.join(alike)}. " if alike else ""
    return table(["recordings of", *map(str, sizes)], rows, f"{below}`{found['command']}`.", numbers=True)


def means() -> str:
    """What helps on another corpus, one change at a time."""
    found = result("ablation/strangers")
    base = found["rows"]["base"]
    rows = [
        [
            row["title"],
            percent(row["uar"]),
            "" if row is base else change(row["difference"]),
            *(f"{100 * uar:.0f}" for uar in row["by_pair"].values()),
        ]
        for row in found["rows"].values()
    ]
    pairs = [pair.replace("from ", "").replace(" to ", " → ") for pair in base["by_pair"]]
    return table(
        ["change", "mean UAR %", "difference to the base", *pairs], rows, f"`{found['command']}`.", numbers=True
    )


def choices() -> str:
    """One change at a time to the discriminant."""
    found = result("discriminants")
    rows = [
        [
            name,
            *(percent(each["uar"]) for each in row.values()),
            *(f"{100 * uar:.0f}" for uar in row["as it comes"]["by_corpus"].values()),
        ]
        for name, row in found["rows"].items()
    ]
    against = list(found["rows"]["base"])
    corpora = list(found["rows"]["base"]["as it comes"]["by_corpus"])
    below = f"UAR %; the last columns as it comes. `{found['command']}`."
    return table(["change", *against, *corpora], rows, below, numbers=True)


def refused_speech() -> str:
    """Speech of corpora that the speech detector was not fitted on, and is refused."""
    found = result("no-speech")
    changes = list(found["speech"]["ravdess"])
    rows = [[name, *(f"{100 * each[how]['refused']:.2f}" for how in changes)] for name, each in found["speech"].items()]
    count = sum(each["as it comes"]["of"] for each in found["speech"].values())
    mean = sum(each["refused"] for each in found["sounds"].values()) / len(found["sounds"])
    sounds = f"Of synthetic sounds, each kind left out in turn, {100 * mean:.0f} % are refused."
    below = f"Refused %, of {count} recordings and their copies. {sounds} `{found['command']}`."
    return table(["speech of", *changes], rows, below, numbers=True)


def unseen() -> str:
    """common4 on corpora that it was not trained on."""
    found = result("unseen/common4")
    rows = [[name, percent(each["uar"])] for name, each in found["by_corpus"].items()]
    rows.append(["mean", percent(found["mean_of_corpora"])])
    return table(["tested on", "UAR %"], rows, f"`{found['command']}`.", numbers=True)


BASE = "strangers4/base"
"""The result of the default bundle."""

BLOCKS: dict[str, Callable[[], str]] = {
    "strangers-score": score,
    "strangers-bundles": bundles,
    "strangers-certainty": certainty,
    "strangers-kept": kept,
    "strangers-protocols": protocols,
    "strangers-recalls": partial(recalls, RECIPE),
    "strangers-baselines": partial(baselines, RECIPE),
    "strangers-conditions": partial(conditions, RECIPE),
    "strangers-means": means,
    "base-recalls": partial(recalls, BASE),
    "common4-unseen": unseen,
    "base-baselines": partial(baselines, BASE, clean=True),
    "base-conditions": partial(conditions, BASE),
    "base-kept": partial(kept_by_corpus, BASE),
    "base-choices": choices,
    "no-speech": refused_speech,
    "known-conditions": partial(conditions, "ravdess-luna5/small"),
    "known-conditions-cnn": partial(conditions, "ravdess-luna5/cnn"),
}
