"""Predictions to figures: as a dictionary for JSON and as text for a terminal."""

from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import metrics
from voxaffect.calibration import certainty
from voxaffect.corpora import any_unknown
from voxaffect.evaluation.predictions import Predictions

_SHOWN = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def summarise(predictions: Predictions) -> dict[str, Any]:
    """UAR, WA and F1 with 95 % intervals over speakers, ECE, confusion, by sex, corpus and speaker; shares in [0, 1].

    Several seeds are counted together, so that UAR and WA are means over them; each one's own are there as well.
    """
    counts = metrics.confusion(predictions.truth, predictions.prediction, len(predictions.classes))
    sexes = _sexes(predictions)
    seeds = {str(seed): _plain(predictions.select(predictions.seed == seed)) for seed in np.unique(predictions.seed)}
    return {
        "classes": list(predictions.classes),
        "utterances": len(np.unique(predictions.utterance)),
        "speakers": len(np.unique(predictions.speaker)),
        **_figures(predictions),
        "ece": round(metrics.ece(predictions.truth, predictions.probabilities), 4),
        "certainty": certainty(predictions.truth, predictions.probabilities),
        "by_sex": {str(sex): _figures(predictions.select(predictions.sex == sex)) for sex in sexes},
        **_gap(predictions),
        **(_by_corpus(predictions) if len(_corpora(predictions)) > 1 else {}),
        **({"by_seed": seeds} if len(seeds) > 1 else {}),
        "by_speaker": {
            str(name): _plain(predictions.select(predictions.speaker == name))
            for name in np.unique(predictions.speaker)
        },
        "confusion": counts.tolist(),
    }


def as_text(summary: dict[str, Any]) -> str:
    """The summary as a page for a terminal, in per cent."""
    classes = summary["classes"]
    speakers = f"{summary['speakers']} speaker{'s' * (summary['speakers'] != 1)}"
    if any_unknown(summary["by_speaker"]):
        speakers = "unknown speakers"
    lines = [
        f"{summary['utterances']} utterances of {speakers}, {len(classes)} classes; % [95 % interval over speakers]",
        "",
        f"  UAR  {interval(summary['uar'])}   unweighted average recall; chance {100 / len(classes):.1f}",
        f"  WA   {interval(summary['wa'])}   accuracy",
        f"  F1   {interval(summary['f1'])}   macro",
        f"  ECE  {100 * summary['ece']:5.1f}                 calibration error",
        "",
    ]
    for sex, figures in summary["by_sex"].items():
        lines.append(f"  {sex:7} UAR {interval(figures['uar'])}   WA {interval(figures['wa'])}")
    if "women_less_men" in summary:
        lines.append(f"  {'gap':7} UAR {interval(summary['women_less_men'])}   women less men")
    for corpus, figures in summary.get("by_corpus", {}).items():
        gap = f"   women less men {interval(figures['women_less_men'])}" if "women_less_men" in figures else ""
        lines.append(f"  {corpus:7} UAR {interval(figures['uar'])}   WA {interval(figures['wa'])}{gap}")
    if "mean_of_corpora" in summary:
        lines.append(f"  {'mean':7} UAR {interval(summary['mean_of_corpora'])}   of the corpora, each counted alike")
    lines += ["", "  If only answers of such confidence count:", "", *_certainty(summary["certainty"])]
    by_speaker = sorted(summary["by_speaker"].items(), key=lambda item: item[1]["uar"])
    lines += ["", "  UAR by speaker, lowest first:"]
    width = max(len(name) for name, _ in by_speaker) + 8
    cells = [f"{name:{width - 7}} {100 * each['uar']:5.1f} " for name, each in by_speaker]
    lines += ["    " + " ".join(cells[first : first + 4]).rstrip() for first in range(0, len(cells), 4)]
    lines += ["", "  Of the clips of a row's emotion, % heard as the column's:", ""]
    wide = max(len(name) for name in classes) + 1
    lines.append(f"  {'':{wide}}" + "".join(f"{name:>{wide}}" for name in classes))
    for name, row in zip(classes, summary["confusion"], strict=True):
        cells = [f"{100 * count / sum(row):.0f}" if sum(row) else "-" for count in row]
        lines.append(f"  {name:{wide}}" + "".join(f"{cell:>{wide}}" for cell in cells))
    return "\n".join(lines)


def _certainty(curve: list[dict[str, Any]]) -> list[str]:
    """The risk-coverage curve, thresholds in columns."""
    points = [point for point in curve if point["threshold"] in _SHOWN]
    rows = {
        "confidence": [f"{point['threshold']:.1f}" for point in points],
        "answered": [f"{100 * point['answered']:.0f} %" for point in points],
        "right": ["-" if point["accuracy"] is None else f"{100 * point['accuracy']:.0f} %" for point in points],
    }
    return [f"    {name:10}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows.items()]


def counts_by_corpus(predictions: Predictions) -> list[npt.NDArray[np.int64]]:
    """Counts by speaker of each corpus: (speakers, classes, classes) each."""
    return [_counts(each) for each in _corpora(predictions).values()]


def _corpora(predictions: Predictions) -> dict[str, Predictions]:
    names = np.array([name.split("/")[0] for name in predictions.speaker])
    return {str(name): predictions.select(names == name) for name in np.unique(names)}


def _counts(predictions: Predictions) -> npt.NDArray[np.int64]:
    return metrics.by_speaker(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))


def _by_corpus(predictions: Predictions) -> dict[str, Any]:
    """Figures of each corpus, and the mean of their UAR."""
    return {
        "mean_of_corpora": metrics.mean_uar(counts_by_corpus(predictions)).to_dict(),
        "by_corpus": {name: _figures(each) | _gap(each) for name, each in _corpora(predictions).items()},
    }


def _figures(predictions: Predictions) -> dict[str, Any]:
    figures = metrics.figures(predictions.truth, predictions.prediction, predictions.speaker, len(predictions.classes))
    return {name: each.to_dict() for name, each in figures._asdict().items()}


def _sexes(predictions: Predictions) -> list[str]:
    return [str(sex) for sex in np.unique(predictions.sex) if sex]


def _gap(predictions: Predictions) -> dict[str, Any]:
    """By how much UAR is higher for women than for men, where both are known of."""
    if len(_sexes(predictions)) < 2:
        return {}
    groups = [predictions.select(predictions.sex == sex) for sex in ("female", "male")]
    women, men = map(_counts, groups)
    return {"women_less_men": metrics.uar_gap(women, men).to_dict()}


def _plain(predictions: Predictions) -> dict[str, Any]:
    counts = metrics.confusion(predictions.truth, predictions.prediction, len(predictions.classes))
    return {
        "uar": round(float(metrics.uar(counts)), 4),
        "wa": round(float(metrics.wa(counts)), 4),
        "utterances": len(np.unique(predictions.utterance)),
    }


def interval(figure: dict[str, Any]) -> str:
    """`66.1 [62.0, 70.2]`, in per cent."""
    low, high = figure["interval"]
    if low is None:
        return f"{100 * figure['value']:5.1f} [one speaker]"
    return f"{100 * figure['value']:5.1f} [{100 * low:4.1f}, {100 * high:4.1f}]"
