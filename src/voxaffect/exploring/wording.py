"""Answers in words and tables: what the figures of `observations.answer` say."""

from collections.abc import Callable, Sequence
from typing import Any

from voxaffect.exploring import pictures
from voxaffect.exploring.measures import MEASURES
from voxaffect.html import page


def questions(answers: dict[str, Any], draw: Callable[[str, str], str]) -> str:
    """All questions with their answers as HTML. draw: keeps a picture under its name and gives it back."""
    parts = [
        page.paragraph(
            "Each difference is taken within a voice, an emotion's clips less the others', and then averaged over the "
            "voices; in brackets its 95\u00a0% interval, speakers resampled. An interval that holds 0 says: not seen "
            "here. Of so many intervals one in twenty misses by chance."
        )
    ]
    for question in answers["questions"]:
        found = question["contrasts"]
        parts.append(page.heading(question["title"]))
        if not found:
            parts.append(page.paragraph("These clips do not tell: it takes two speakers of a sex with both emotions."))
            continue
        parts.append(page.bullets(sentences(question)))
        if "told_apart" in question:
            svg = draw("beyond-level", pictures.beyond_level(found))
            parts.append(
                page.figure(svg, "At equal level: what is left once a straight line through level is taken out.")
            )
        if question["key"] == "louder" and answers["level_by_emotion"]:
            svg = draw("level-by-emotion", pictures.level_by_emotion(answers["level_by_emotion"]))
            parts.append(page.figure(svg, "All emotions, each against the same voice's neutral clips."))
        parts.append(page.folded("All figures", _figures(found)))
    parts += _beside(answers)
    return "".join(parts)


def as_text(answers: dict[str, Any]) -> str:
    """All questions with their answers as a page for a terminal."""
    paragraphs = []
    for question in answers["questions"]:
        told = sentences(question) or ["These clips do not tell."]
        paragraphs.append("\n".join([question["title"], *(f"  {line}" for line in told), ""]))
    return "\n".join(paragraphs)


def sentences(question: dict[str, Any]) -> list[str]:
    """What a question's figures say: a sentence for each sex and emotion, and for each sex what tells it apart."""
    found = question["contrasts"]
    lines = []
    for who, emotion in dict.fromkeys((each["who"], each["emotion"]) for each in found):
        theirs = [each for each in found if (each["who"], each["emotion"]) == (who, emotion)]
        head = f"{who.capitalize()}, {emotion} against {theirs[0]['against']}"
        left = [each | each["equal_level"] for each in theirs if "equal_level" in each]
        if left:
            lines.append(f"{who.capitalize()}: {_verdict(theirs[0], left)}.")
        lines.append(f"{head}: {_seen(theirs)}.")
        if left:
            lines.append(f"{head}, at equal level: {_seen(left)}.")
    for who, areas in question.get("told_apart", {}).items():
        told = ", ".join(f"by {title} {interval(each, 'value', 2)}" for title, each in areas.items())
        lines.append(f"{who.capitalize()}: told from all others {told} (area under the ROC curve; chance 0.5).")
    return lines


def _verdict(level: dict[str, Any], left: Sequence[dict[str, Any]]) -> str:
    """Whether it is loudness alone. level: the contrast in level; left: all others, at equal level."""
    if not _above(level):
        return "not seen to be louder"
    return (
        "louder, and not only that" if any(map(_differs, left)) else "louder, and at equal level nothing else is seen"
    )


def _seen(found: Sequence[dict[str, Any]]) -> str:
    differs = [f"{_title(each)} {interval(each)} {each['unit']}" for each in found if _differs(each)]
    same = [_title(each) for each in found if not _differs(each)]
    unseen = f"no difference seen in {', '.join(same)}" if same else ""
    return "; ".join(each for each in (", ".join(differs), unseen) if each)


def _above(found: dict[str, Any]) -> bool:
    return found["interval"][0] > 0


def _differs(found: dict[str, Any]) -> bool:
    return _above(found) or found["interval"][1] < 0


def _title(found: dict[str, Any]) -> str:
    return MEASURES[found["measure"]].title.split(",")[0].lower()


def interval(found: dict[str, Any], key: str = "difference", digits: int | None = None) -> str:
    """`+12.5 [10.2, 14.5]`, a difference with its sign; any other figure without."""
    places = digits
    if places is None:
        places = 0 if found["unit"] == "Hz" else max(MEASURES[found["measure"]].decimals, 1)
    # A zero has no sign, not even one that was rounded to it from below.
    value, low, high = (round(each, places) + 0.0 for each in (found[key], *found["interval"]))
    sign = "+" if key == "difference" and value else ""
    return f"{value:{sign}.{places}f} [{low:.{places}f}, {high:.{places}f}]".replace("-", "−")


def _figures(found: Sequence[dict[str, Any]]) -> str:
    rows = [
        [
            each["who"],
            each["emotion"],
            _title(each),
            f"{interval(each)} {each['unit']}",
            each.get("standardised", ""),
            interval(each | each["equal_level"]) if "equal_level" in each else "",
            each["speakers"],
        ]
        for each in found
    ]
    head = ["who", "emotion", "measure", "difference", "in deviations", "at equal level", "speakers"]
    note = "In deviations: of one voice's clips of one emotion."
    return page.table(head, rows, texts=3) + page.paragraph(note)


def _beside(answers: dict[str, Any]) -> list[str]:
    parts = []
    if answers["women_less_men"]:
        rows = [
            [MEASURES[each["measure"]].title.split(",")[0], f"{interval(each)} {each['unit']}"]
            for each in answers["women_less_men"]
        ]
        parts += [
            page.heading("How do women's voices differ from men's?"),
            page.table(["measure", "women less men"], rows, texts=2),
        ]
    if answers["cut_off"]:
        lost = [f"{what}: {_percent(each)} of the clips" for what, each in answers["cut_off"].items()]
        parts += [page.heading("What does a window of 3 s from 0.5 s on cut off?"), page.bullets(lost)]
    return parts


def _percent(share: dict[str, Any]) -> str:
    low, high = share["interval"]
    return f"{100 * share['value']:.1f} [{100 * low:.1f}, {100 * high:.1f}] %"
