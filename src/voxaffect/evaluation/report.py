"""A summary as text for a terminal."""

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from voxaffect.card.scores import GroupScores, RiskCoverage
from voxaffect.corpora import any_unknown
from voxaffect.evaluation.caveats import caveats
from voxaffect.evaluation.summary import Recall, Summary, interval
from voxaffect.text import printable

_SHOWN = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_WIDTH = 110


def as_text(summary: Summary) -> str:
    """All figures in per cent, at most 110 columns wide."""
    summary = _with_printable_names(summary)
    speakers = f"{summary.speakers} speaker{'s' * (summary.speakers != 1)}"
    if any_unknown(summary.by_speaker):
        speakers = "unknown speakers"
    counts = f"{summary.utterances} utterances of {speakers}, {len(summary.classes)} classes"
    lines = [f"{counts}; % [95 % interval over speakers]"]
    for each in caveats(summary):
        lines += textwrap.wrap(f"{each[0].upper()}{each[1:]}.", _WIDTH, subsequent_indent="  ")
    groups = _groups(summary.by_sex)
    if summary.women_less_men:
        groups.append(f"  {'gap':7} UAR {interval(summary.women_less_men)}   women less men")
    groups += _groups(summary.by_corpus)
    lines += ["", *_overall(summary), *([""] if groups else []), *groups]
    lines += ["", "  If only answers of such confidence count:", "", *_curve(summary.risk_coverage)]
    lines += ["", *_speakers(summary.by_speaker)]
    lines += ["", "  Of the clips of a row's emotion, % predicted as the column's:", ""]
    wide = max(map(len, summary.classes)) + 1
    lines.append(f"  {'':{wide}}" + "".join(f"{name:>{wide}}" for name in summary.classes))
    for name, row in zip(summary.classes, summary.confusion, strict=True):
        cells = [f"{100 * count / sum(row):.0f}" if sum(row) else "-" for count in row]
        lines.append(f"  {name:{wide}}" + "".join(f"{cell:>{wide}}" for cell in cells))
    return "\n".join(lines)


def _with_printable_names(summary: Summary) -> Summary:
    """Labels and speakers come from users' tables, classes from cards."""
    names: dict[str, Any] = {
        each: tuple(map(printable, getattr(summary, each))) for each in ("classes", "classes_tested")
    }
    tables: dict[str, Any] = {
        each: {printable(name): value for name, value in getattr(summary, each).items()}
        for each in ("by_class", "by_sex", "by_corpus", "by_speaker")
    }
    return dataclasses.replace(summary, **names, **tables)


def _overall(summary: Summary) -> list[str]:
    """The figures of all; of one class, its recall, which is all that there is."""
    error = f"  ECE  {100 * summary.ece:5.1f}                 calibration error"
    if summary.uar is None or summary.chance is None:
        return [f"  recall of {summary.classes_tested[0]}  {interval(summary.wa)}", error]
    fewer = f", of the {len(summary.classes_tested)} classes" * (summary.classes_tested != summary.classes)
    mean = []
    if summary.mean_of_corpora:
        of = f"mean of the {len(summary.by_corpus)} corpora, each counted alike{_chance(summary)}"
        mean = [f"  UAR  {interval(summary.mean_of_corpora)}   {of}", "  all clips together:"]
    return [
        *mean,
        f"  UAR  {interval(summary.uar)}   unweighted average recall{fewer}; chance {100 * summary.chance:.1f}",
        f"  WA   {interval(summary.wa)}   accuracy",
        f"  F1   {interval(summary.f1)}   macro{fewer}",
        error,
    ]


def _groups(groups: Mapping[str, GroupScores]) -> list[str]:
    width = max([7, *map(len, groups)])
    return [
        f"  {name:{width}} "
        + (f"UAR {interval(scores.uar)}   WA {interval(scores.wa)}" if scores.uar else f"recall {interval(scores.wa)}")
        + (f"   women less men {interval(scores.women_less_men)}" if scores.women_less_men else "")
        for name, scores in groups.items()
    ]


def _chance(summary: Summary) -> str:
    """Chance of the mean of corpora, where they have other classes than the whole."""
    tested = [each.classes_tested or summary.classes_tested for each in summary.by_corpus.values()]
    mean = sum(1 / len(each) for each in tested) / len(tested)
    return "" if set(tested) == {summary.classes_tested} else f"; chance {100 * mean:.1f}"


def _curve(curve: Sequence[RiskCoverage]) -> list[str]:
    """The risk-coverage curve, thresholds in columns."""
    points = [point for point in curve if point.threshold in _SHOWN]
    rows = {
        "confidence": [f"{point.threshold:.1f}" for point in points],
        "coverage": [f"{100 * point.coverage:.0f} %" for point in points],
        "accuracy": ["-" if point.accuracy is None else f"{100 * point.accuracy:.0f} %" for point in points],
    }
    return [f"    {name:10}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows.items()]


def _speakers(by_speaker: Mapping[str, Recall]) -> list[str]:
    """UAR of each speaker; behind it, of how many classes, where the speaker does not have all that are tested."""
    names = sorted(by_speaker, key=lambda name: _place(by_speaker[name]))
    width = max(map(len, by_speaker)) + 1
    cells = []
    for name in names:
        each = by_speaker[name]
        of = f" of {len(each.classes_tested)}" if each.classes_tested is not None else ""
        uar = f"{100 * _place(each)[1]:5.1f}"
        cells.append(f"{name:{width}}{uar}{of}")
    some = any(each.classes_tested is not None for each in by_speaker.values())
    about = "UAR" if any(each.uar is not None for each in by_speaker.values()) else "Recall"
    head = f"  {about} by speaker, lowest first{'; of so many classes, where not of all' * some}:"
    wide = max(map(len, cells)) + 2
    in_a_row = max(1, min(4, (_WIDTH - 4) // wide))
    rows = [cells[first : first + in_a_row] for first in range(0, len(cells), in_a_row)]
    return [head, *("    " + "".join(f"{cell:{wide}}" for cell in row).rstrip() for row in rows)]


def _place(each: Recall) -> tuple[bool, float]:
    """Where a speaker stands: with a UAR before those of one class, whose recall it is then."""
    return each.uar is None, each.wa if each.uar is None else each.uar
