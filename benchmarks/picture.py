"""The README's picture: how well each speaker of a benchmark was heard, as an SVG for light and dark pages."""

from typing import Any
from xml.sax.saxutils import escape

LEFT, RIGHT, TOP, HEIGHT = 70, 730, 70, 150

_STYLE = (
    "<style>svg{--ink:#1f2328;--faint:#6e7781;--women:#b3541e;--men:#1f6feb;--band:#8c959f33}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--faint:#8b949e;--women:#f0883e;--men:#79c0ff;"
    "--band:#7d859055}}text{fill:var(--ink)}.faint{fill:var(--faint)}</style>"
)


def draw(found: dict[str, Any]) -> str:
    """Speakers' UAR as dots, lowest at the bottom; the mean, its interval and chance as lines."""
    low, high = found["uar"]["interval"]
    mean, chance = _x(found["uar"]["value"]), _x(1 / len(found["classes"]))
    headline = f"UAR {100 * found['uar']['value']:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
    title = f"Voices it never heard: {found['speakers']} speakers of RAVDESS, {len(found['classes'])} emotions"
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 300" font-family="system-ui, sans-serif" '
        f'font-size="13" role="img" aria-label="{escape(title)}. {headline}">',
        _STYLE,
        _text(LEFT, 24, title, 'font-size="16" font-weight="600"'),
        f'<rect x="{_x(low):.1f}" y="{TOP}" width="{_x(high) - _x(low):.1f}" height="{HEIGHT}" fill="var(--band)"/>',
        f'<path d="M{mean:.1f} {TOP}v{HEIGHT}" stroke="var(--ink)" stroke-width="2"/>',
        _text(mean, TOP - 10, headline, 'text-anchor="middle" font-weight="600"'),
        f'<path d="M{chance:.1f} {TOP}v{HEIGHT}" stroke="var(--faint)" stroke-dasharray="4 4"/>',
        _text(chance, TOP - 10, "chance", 'class="faint" text-anchor="middle"'),
        *_speakers(found["by_speaker"]),
        *_axis(),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _speakers(by_speaker: dict[str, Any]) -> list[str]:
    marks = []
    ranked = sorted(by_speaker.items(), key=lambda item: item[1]["uar"])
    for number, (name, each) in enumerate(ranked):
        y = TOP + HEIGHT - 8 - number * (HEIGHT - 16) / (len(ranked) - 1)
        # RAVDESS gives men odd numbers. Shape and colour both tell, for those who do not see the colours.
        mark = _square if int(name[-2:]) % 2 else _dot
        marks.append(mark(_x(each["uar"]), y, f"<title>{escape(name)}: {100 * each['uar']:.1f} %</title>"))
    return marks


def _axis() -> list[str]:
    y = TOP + HEIGHT + 6
    parts = [f'<path d="M{LEFT} {y}H{RIGHT}" stroke="var(--faint)"/>']
    for share in range(0, 101, 20):
        x = _x(share / 100)
        parts += [
            f'<path d="M{x:.1f} {y}v5" stroke="var(--faint)"/>',
            _text(x, y + 20, f"{share} %", 'text-anchor="middle"'),
        ]
    return parts


def _legend() -> list[str]:
    y = TOP + HEIGHT + 58
    return [
        _dot(LEFT + 5, y - 4.5, ""),
        _text(LEFT + 16, y, "a woman"),
        _square(LEFT + 95, y - 4.5, ""),
        _text(LEFT + 106, y, "a man"),
        f'<rect x="{LEFT + 170}" y="{y - 11}" width="18" height="13" fill="var(--band)"/>',
        _text(LEFT + 194, y, "95 % interval of the mean, speakers resampled"),
    ]


def _x(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y}" {attributes}>{escape(text)}</text>'


def _dot(x: float, y: float, inside: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="var(--women)">{inside}</circle>'


def _square(x: float, y: float, inside: str) -> str:
    return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="var(--men)">{inside}</rect>'
