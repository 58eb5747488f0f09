"""A picture of emotions over time: what was meant above what was heard, as SVG for light and dark pages."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from voxaffect.html import colours

LEFT, RIGHT, TOP = 70, 740, 58
HEIGHT, STEP = 16, 92
_LETTER = 7.2  # pixels

Ribbon = Sequence[tuple[float, float, str]]
"""From, to (seconds) and what."""


def draw(title: str, calls: Mapping[str, Mapping[str, Any]], classes: Sequence[str], seconds: float) -> str:
    """Headline -> name of a ribbon -> its parts; the first `seconds` of each call."""
    tints, bottom = colours.of_classes(classes), TOP + STEP * len(calls)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {bottom + 62}" '
        f'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="{escape(title)}">',
        f"<style>{colours.variables('svg')}svg{{background:var(--paper)}}text{{fill:var(--ink)}}"
        ".faint{fill:var(--faint)}.on{fill:var(--paper);font-size:11px}</style>",
        f'<text x="10" y="24" font-size="16" font-weight="600">{escape(title)}</text>',
    ]
    for number, (headline, ribbons) in enumerate(calls.items()):
        top = TOP + number * STEP
        parts.append(f'<text x="{LEFT}" y="{top}" font-weight="600">{escape(headline)}</text>')
        for place, (name, ribbon) in enumerate(ribbons.items()):
            y = top + 10 + place * (HEIGHT + 6)
            parts.append(f'<text x="{LEFT - 8}" y="{y + 12.5}" text-anchor="end" class="faint">{escape(name)}</text>')
            parts += [_part(each, y, seconds, tints) for each in ribbon]
    parts += _axis(bottom - 16, seconds)
    for place, name in enumerate(classes):
        x = LEFT + 100 * place
        parts.append(f'<rect x="{x}" y="{bottom + 34}" width="14" height="14" fill="{tints[name]}"/>')
        parts.append(f'<text x="{x + 20}" y="{bottom + 46}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _part(part: tuple[float, float, str], y: float, seconds: float, tints: Mapping[str, str]) -> str:
    start, end, what = part
    x, right = _x(start, seconds), _x(min(end, seconds), seconds)
    words = f"<title>{start:.1f} to {end:.1f} s: {escape(what)}</title>"
    box = f'<rect x="{x:.1f}" y="{y}" width="{right - x:.1f}" height="{HEIGHT}" fill="{tints[what]}">{words}</rect>'
    # The name beside the colour, wherever it fits.
    fits = right - x > _LETTER * len(what) + 4
    return box + (f'<text x="{x + 3:.1f}" y="{y + 12}" class="on">{escape(what)}</text>' if fits else "")


def _axis(y: float, seconds: float) -> list[str]:
    found = [f'<path d="M{LEFT} {y}H{RIGHT}" stroke="var(--faint)"/>']
    for at in range(0, round(seconds) + 1, 10):
        x = _x(at, seconds)
        found.append(f'<path d="M{x:.1f} {y}v5" stroke="var(--faint)"/>')
        found.append(f'<text x="{x:.1f}" y="{y + 20}" text-anchor="middle" class="faint">{at} s</text>')
    return found


def _x(at: float, seconds: float) -> float:
    return LEFT + (RIGHT - LEFT) * at / seconds
