"""The answers of `observations.answer` as sentences and tables, for a page and for a terminal."""

from collections.abc import Callable, Sequence
from typing import Any

from voxaffect.auditing.properties import PROPERTIES
from voxaffect.auditing.shortcuts import conclusion, describe
from voxaffect.exploring import pictures
from voxaffect.exploring.measures import MEASURES
from voxaffect.html import page

_NO_ANSWER = "These clips give no answer."
_QUESTION_OF_SHORTCUTS = "Do recordings give their emotion away?"


def answers_html(answers: dict[str, Any], draw: Callable[[str, str], str]) -> str:
    """Write all questions with their answers as HTML.

    Args:
        answers: Of `observations.answer`.
        draw: Takes the name of a picture and its SVG, and gives the SVG to put into the page.

    Returns:
        HTML, without its page.
    """
    parts = [
        page.paragraph(
            "Each difference is an emotion's clips minus the others', within a speaker, averaged over speakers. In "
            "brackets is its 95\u00a0% interval, from resampled speakers. If the interval holds 0, no difference is "
            "seen here. About one in twenty intervals misses by chance."
        )
    ]
    for question in answers["questions"]:
        contrasts = question["contrasts"]
        parts.append(page.heading(question["title"]))
        if not contrasts:
            parts.append(page.paragraph(f"{_NO_ANSWER} It takes two speakers of a sex with both emotions."))
            continue
        parts.append(page.bullets(sentences(question)))
        if "told_apart" in question:
            svg = draw("beyond-level", pictures.beyond_level(contrasts))
            parts.append(page.figure(svg, "At equal level: what is left after a linear regression on level."))
        if question["key"] == "louder" and answers["level_by_emotion"]:
            svg = draw("level-by-emotion", pictures.level_by_emotion(answers["level_by_emotion"]))
            parts.append(page.figure(svg, "All emotions, against the same speaker's neutral clips."))
        parts.append(page.folded("All figures", _figures(contrasts)))
    parts += _sexes_and_window(answers)
    return "".join(parts)


def answers_text(answers: dict[str, Any]) -> str:
    """Write all questions with their answers for a terminal.

    Args:
        answers: Of `observations.answer`.

    Returns:
        A paragraph for each question, and one on what gives labels away.
    """
    paragraphs = []
    for question in answers["questions"]:
        lines = sentences(question) or [_NO_ANSWER]
        paragraphs.append("\n".join([question["title"], *(f"  {line}" for line in lines), ""]))
    if "shortcuts" in answers:
        found = answers["shortcuts"]
        paragraphs.append(
            "\n".join([_QUESTION_OF_SHORTCUTS, *(f"  {line}" for line in (conclusion(found), *_given_away(found))), ""])
        )
    return "\n".join(paragraphs)


def shortcuts_html(found: dict[str, Any]) -> str:
    """Write what properties of recordings tell of their emotion as HTML.

    Args:
        found: The `shortcuts` of `observations.answer`.

    Returns:
        HTML, without its page.
    """
    about = (
        "What one property alone tells of the emotion of speakers never heard. A model may learn such a property in "
        "place of the emotion, and scores on this corpus do not show it. Level and length of the sound are the "
        "voice's: they are emotion, unless they are nearly perfect."
    )
    parts = [page.paragraph(about), page.paragraph(conclusion(found))]
    if lines := _given_away(found):
        parts.append(page.bullets(lines))
    rows = []
    for each in found["properties"]:
        kind, (low, high) = PROPERTIES[each["property"]], each["interval"]
        figure = f"{100 * each['uar']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
        best = [f"{each['label']}, {100 * each['recall']:.0f} %", each["values"], each["others"]]
        some = low > 1 / len(found["labels"])  # at chance, none is best
        rows.append([kind.title, kind.of, *(best if some else [""] * 3), figure])
    if rows:
        chance = f"UAR %, chance {100 / len(found['labels']):.1f}"
        head = ["property", "of the", "best recall", "there", "elsewhere", chance]
        parts.append(page.table(head, rows, texts=5))
    return "".join(parts)


def _given_away(found: dict[str, Any]) -> list[str]:
    return [f"{describe(each)}." for each in found["properties"] if each["gives_away"]]


def sentences(question: dict[str, Any]) -> list[str]:
    """Put the contrasts of a question into words.

    Args:
        question: One of the `questions` of `observations.answer`.

    Returns:
        Sentences for each sex and emotion, and one for each sex about what separates the emotion from all others.
    """
    contrasts = question["contrasts"]
    lines = []
    for who, emotion in dict.fromkeys((contrast["who"], contrast["emotion"]) for contrast in contrasts):
        selected = [contrast for contrast in contrasts if (contrast["who"], contrast["emotion"]) == (who, emotion)]
        head = f"{who.capitalize()}, {emotion} against {selected[0]['against']}"
        left = [contrast | contrast["equal_level"] for contrast in selected if "equal_level" in contrast]
        if left:
            lines.append(f"{who.capitalize()}: {_verdict(selected[0], left)}.")
        lines.append(f"{head}: {_differences(selected)}.")
        if left:
            lines.append(f"{head}, at equal level: {_differences(left)}.")
    for who, areas in question.get("told_apart", {}).items():
        by = ", ".join(f"by {title} {format_estimate(area, 'value', 2)}" for title, area in areas.items())
        lines.append(f"{who.capitalize()}: separated from all others {by} (area under the ROC curve; chance 0.5).")
    return lines


def _verdict(level: dict[str, Any], left: Sequence[dict[str, Any]]) -> str:
    """Whether it is loudness alone. level: the contrast in level; left: all others, at equal level."""
    if not _above(level):
        return "no louder"
    return "louder, and not only that" if any(map(_differs, left)) else "louder, and no other difference at equal level"


def _differences(contrasts: Sequence[dict[str, Any]]) -> str:
    different = ", ".join(
        f"{_title(contrast)} {format_estimate(contrast)} {contrast['unit']}"
        for contrast in contrasts
        if _differs(contrast)
    )
    same = ", ".join(_title(contrast) for contrast in contrasts if not _differs(contrast))
    return "; ".join(part for part in (different, f"no difference in {same}" if same else "") if part)


def _above(contrast: dict[str, Any]) -> bool:
    return contrast["interval"][0] > 0


def _differs(contrast: dict[str, Any]) -> bool:
    return _above(contrast) or contrast["interval"][1] < 0


def _title(contrast: dict[str, Any]) -> str:
    return MEASURES[contrast["measure"]].title.split(",")[0].lower()


def format_estimate(estimate: dict[str, Any], key: str = "difference", digits: int | None = None) -> str:
    """Format a figure with its interval.

    Args:
        estimate: A figure of `observations.answer`.
        key: Of the value; a "difference" gets a sign.
        digits: Decimals; None: those of its measure.

    Returns:
        The value, and its interval in brackets.

    Examples:
        >>> format_estimate({"measure": "level", "unit": "dB", "difference": 12.51, "interval": [10.2, 14.53]})
        '+12.5 [10.2, 14.5]'
    """
    places = digits
    if places is None:
        places = 0 if estimate["unit"] == "Hz" else max(MEASURES[estimate["measure"]].decimals, 1)
    # A zero has no sign, not even one that was rounded to it from below.
    value, low, high = (round(bound, places) + 0.0 for bound in (estimate[key], *estimate["interval"]))
    sign = "+" if key == "difference" and value else ""
    return f"{value:{sign}.{places}f} [{low:.{places}f}, {high:.{places}f}]".replace("-", "−")


def _figures(contrasts: Sequence[dict[str, Any]]) -> str:
    rows = [
        [
            contrast["who"],
            contrast["emotion"],
            _title(contrast),
            f"{format_estimate(contrast)} {contrast['unit']}",
            contrast.get("standardised", ""),
            format_estimate(contrast | contrast["equal_level"]) if "equal_level" in contrast else "",
            contrast["speakers"],
        ]
        for contrast in contrasts
    ]
    head = ["who", "emotion", "measure", "difference", "in standard deviations", "at equal level", "speakers"]
    note = "Standard deviations are of one speaker's clips of one emotion."
    return page.table(head, rows, texts=3) + page.paragraph(note)


def _sexes_and_window(answers: dict[str, Any]) -> list[str]:
    parts = []
    if answers["women_less_men"]:
        rows = [
            [MEASURES[difference["measure"]].title.split(",")[0], f"{format_estimate(difference)} {difference['unit']}"]
            for difference in answers["women_less_men"]
        ]
        parts += [
            page.heading("How do women's voices differ from men's?"),
            page.table(["measure", "women minus men"], rows, texts=2),
        ]
    if answers["cut_off"]:
        lost = [f"{what}: {_percent(share)} of the clips" for what, share in answers["cut_off"].items()]
        parts += [page.heading("What does a window of 3 s from 0.5 s on cut off?"), page.bullets(lost)]
    return parts


def _percent(share: dict[str, Any]) -> str:
    low, high = share["interval"]
    return f"{100 * share['value']:.1f} [{100 * low:.1f}, {100 * high:.1f}] %"
