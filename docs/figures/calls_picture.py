"""A picture of emotions over time: the intended above the predicted, as SVG for light and dark pages."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from figures.speakers_picture import opening, text
from voxaffect.html.colours import of_classes, plain, standalone

LEFT, RIGHT, TOP = 84, 612, 64
HEIGHT, STEP = 20, 100
_LETTER = 9  # pixels

Ribbon = Sequence[tuple[float, float, str]]
"""From, to (seconds) and what."""


def draw(title: str, calls: Mapping[str, Mapping[str, Any]], classes: Sequence[str], seconds: float) -> str:
    """Headline -> name of a ribbon -> its parts; the first `seconds` of each call."""
    tints, bottom = {name: plain(colour) for name, colour in of_classes(classes).items()}, TOP + STEP * len(calls)
    parts = [opening(title, bottom + 62), text(10, 24, title, 'font-weight="600" font-size="16"')]
    for number, (headline, ribbons) in enumerate(calls.items()):
        top = TOP + number * STEP
        parts.append(text(LEFT, top, headline, 'font-weight="600"'))
        for place, (name, ribbon) in enumerate(ribbons.items()):
            y = top + 10 + place * (HEIGHT + 6)
            parts.append(text(LEFT - 8, y + 15, name, 'text-anchor="end"', "faint"))
            parts += [_part(each, y, seconds, tints) for each in ribbon]
    parts += _axis(bottom - 16, seconds)
    for place, name in enumerate(classes):
        x = LEFT + 110 * place
        parts.append(f'<rect x="{x}" y="{bottom + 34}" width="14" height="14" fill="{tints[name]}"/>')
        parts.append(text(x + 20, bottom + 46, name))
    return standalone("\n".join([*parts, "</svg>"]) + "\n")


def _part(part: tuple[float, float, str], y: float, seconds: float, tints: Mapping[str, str]) -> str:
    start, end, what = part
    x, right = _x(start, seconds), _x(min(end, seconds), seconds)
    about = f"<title>{start:.1f} to {end:.1f} s: {escape(what)}</title>"
    # A pixel of paper to the next one, whose colour may be alike.
    width = max(right - x - 1, 0.5)
    box = f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{HEIGHT}" fill="{tints[what]}">{about}</rect>'
    # The name beside the colour wherever it fits, or else its first letter.
    name = next((each for each in (what, what[0]) if width > _LETTER * len(each)), "")
    written = text(x + width / 2, y + 15, name, 'text-anchor="middle" font-weight="600" font-size="13"', "paper")
    return box + written if name else box


def _axis(y: float, seconds: float) -> list[str]:
    found = [f'<path d="M{LEFT} {y}H{RIGHT}" stroke="{plain("faint")}"/>']
    for at in range(0, round(seconds) + 1, 10):
        x = _x(at, seconds)
        found.append(f'<path d="M{x:.1f} {y}v5" stroke="{plain("faint")}"/>')
        found.append(text(x, y + 22, f"{at} s", 'text-anchor="middle"', "faint"))
    return found


def _x(at: float, seconds: float) -> float:
    return LEFT + (RIGHT - LEFT) * at / seconds
