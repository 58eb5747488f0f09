"""A summary as text for a terminal."""

from collections.abc import Mapping, Sequence

from voxaffect.card import GroupScores, RiskCoverage
from voxaffect.corpora import any_unknown
from voxaffect.evaluation.summary import Summary, interval

_SHOWN = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def as_text(summary: Summary) -> str:
    """All figures in per cent, at most 110 columns wide."""
    classes, by_speaker = summary.classes, summary.by_speaker
    speakers = f"{summary.speakers} speaker{'s' * (summary.speakers != 1)}"
    if any_unknown(by_speaker):
        speakers = "unknown speakers"
    lines = [
        f"{summary.utterances} utterances of {speakers}, {len(classes)} classes; % [95 % interval over speakers]",
        "",
        f"  UAR  {interval(summary.uar)}   unweighted average recall; chance {100 / len(classes):.1f}",
        f"  WA   {interval(summary.wa)}   accuracy",
        f"  F1   {interval(summary.f1)}   macro",
        f"  ECE  {100 * summary.ece:5.1f}                 calibration error",
        "",
    ]
    lines += _groups(summary.by_sex)
    if summary.women_less_men:
        lines.append(f"  {'gap':7} UAR {interval(summary.women_less_men)}   women less men")
    lines += _groups(summary.by_corpus)
    if summary.mean_of_corpora:
        lines.append(f"  {'mean':7} UAR {interval(summary.mean_of_corpora)}   of the corpora, each counted alike")
    lines += ["", "  If only answers of such confidence count:", "", *_curve(summary.risk_coverage)]
    lines += ["", "  UAR by speaker, lowest first:"]
    width = max(map(len, by_speaker)) + 8
    ranked = sorted(by_speaker.items(), key=lambda item: item[1].uar)
    cells = [f"{name:{width - 7}} {100 * each.uar:5.1f} " for name, each in ranked]
    lines += ["    " + " ".join(cells[first : first + 4]).rstrip() for first in range(0, len(cells), 4)]
    lines += ["", "  Of the clips of a row's emotion, % predicted as the column's:", ""]
    wide = max(map(len, classes)) + 1
    lines.append(f"  {'':{wide}}" + "".join(f"{name:>{wide}}" for name in classes))
    for name, row in zip(classes, summary.confusion, strict=True):
        cells = [f"{100 * count / sum(row):.0f}" if sum(row) else "-" for count in row]
        lines.append(f"  {name:{wide}}" + "".join(f"{cell:>{wide}}" for cell in cells))
    return "\n".join(lines)


def _groups(groups: Mapping[str, GroupScores]) -> list[str]:
    return [
        f"  {name:7} UAR {interval(scores.uar)}   WA {interval(scores.wa)}"
        + (f"   women less men {interval(scores.women_less_men)}" if scores.women_less_men else "")
        for name, scores in groups.items()
        if scores.uar and scores.wa
    ]


def _curve(curve: Sequence[RiskCoverage]) -> list[str]:
    """The risk-coverage curve, thresholds in columns."""
    points = [point for point in curve if point.threshold in _SHOWN]
    rows = {
        "confidence": [f"{point.threshold:.1f}" for point in points],
        "coverage": [f"{100 * point.coverage:.0f} %" for point in points],
        "accuracy": ["-" if point.accuracy is None else f"{100 * point.accuracy:.0f} %" for point in points],
    }
    return [f"    {name:10}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows.items()]
