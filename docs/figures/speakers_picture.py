"""Pictures of the UAR of each speaker of a benchmark, as SVG for light and dark pages."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from figures.scores import KNOWN
from figures.strangers import BASE
from figures.tables import RESULTS, percent, result
from voxaffect.evaluation.predictions import Predictions
from voxaffect.html.colours import plain, standalone

WIDTH, LEFT, RIGHT, TOP, BELOW = 640, 24, 612, 78, 88
_HALF = 4.8  # of the width of a bold letter


class Lane(NamedTuple):
    """Speakers that belong together.

    headline: stands above them. uar: their mean with its interval. speakers: name, UAR, sex of each.
    """

    headline: str
    uar: dict[str, Any]
    speakers: Sequence[tuple[str, float, str]]


def draw(title: str, lanes: Sequence[Lane], chance: float, height: int) -> str:
    """Speakers' UAR as dots, lowest at the bottom, `height` pixels a lane; mean, interval and chance as lines."""
    step = height + 38
    bottom = TOP + step * len(lanes) - 38
    headlines = ". ".join(lane.headline for lane in lanes)
    parts = [
        opening(f"{title}. {headlines}", bottom + BELOW),
        text(10, 24, title, 'font-weight="600" font-size="16"'),
        f'<path d="M{_x(chance):.1f} {TOP}V{bottom}" stroke="{plain("faint")}" stroke-dasharray="4 4"/>',
        text(_x(chance), TOP - 10, "chance", 'text-anchor="middle"', "faint"),
    ]
    for number, lane in enumerate(lanes):
        parts += _lane(lane, TOP + number * step, height)
    return standalone("\n".join([*parts, *_axis(bottom + 6), *_legend(bottom + 64), "</svg>"]) + "\n")


def opening(about: str, height: int) -> str:
    """The first tag of a picture, which is described for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="15" role="img" aria-label="{escape(about)}">'
    )


def text(x: float, y: float, words: str, attributes: str = "", colour: str = "ink") -> str:
    """Words at a place, their middle where `attributes` say so."""
    return f'<text x="{x:.1f}" y="{y}" fill="{plain(colour)}" {attributes}>{escape(words)}</text>'


def _lane(lane: Lane, top: int, height: int) -> list[str]:
    low, high = lane.uar["interval"]
    mean = _x(lane.uar["value"])
    last = WIDTH - 10 - _HALF * len(lane.headline)  # where its middle may be at most, for its end not to be cut off
    parts = [
        _band(_x(low), top, _x(high) - _x(low), height),
        f'<path d="M{mean:.1f} {top}v{height}" stroke="{plain("ink")}" stroke-width="2"/>',
        text(min(mean, last), top - 10, lane.headline, 'text-anchor="middle" font-weight="600"'),
    ]
    for number, (name, uar, sex) in enumerate(sorted(lane.speakers, key=lambda each: each[1])):
        y = top + height - 8 - number * (height - 16) / (len(lane.speakers) - 1)
        # Shape and colour both tell, for those who do not see the colours.
        mark = _square if sex == "male" else _dot
        parts.append(mark(_x(uar), y, f"<title>{escape(name)}: {100 * uar:.1f} %</title>"))
    return parts


def _axis(y: int) -> list[str]:
    parts = [f'<path d="M{LEFT} {y}H{RIGHT}" stroke="{plain("faint")}"/>']
    for share in range(0, 101, 20):
        x = _x(share / 100)
        parts += [
            f'<path d="M{x:.1f} {y}v5" stroke="{plain("faint")}"/>',
            text(x, y + 22, f"{share} %", 'text-anchor="middle"'),
        ]
    return parts


def _legend(y: int) -> list[str]:
    return [
        _dot(LEFT + 5, y - 5, ""),
        text(LEFT + 16, y, "a woman"),
        _square(LEFT + 105, y - 5, ""),
        text(LEFT + 116, y, "a man"),
        _band(LEFT + 190, y - 12, 18, 14),
        text(LEFT + 216, y, "95 % interval of the mean, speakers resampled"),
    ]


def _x(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


def _band(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{plain("faint")}" fill-opacity="0.25"/>'
    )


def _dot(x: float, y: float, inside: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{plain("sex-female")}">{inside}</circle>'


def _square(x: float, y: float, inside: str) -> str:
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{plain("sex-male")}">{inside}</rect>'


def known() -> str:
    """The speakers of a corpus that was trained on."""
    found = result(KNOWN)
    title = f"UAR of each speaker of RAVDESS, not in training, {len(found['classes'])} emotions"
    lane = Lane(f"UAR {percent(found['uar'])} %", found["uar"], _speakers(KNOWN, "ravdess"))
    return draw(title, [lane], found["chance"], 150)


def unknown() -> str:
    """The speakers of corpora that were not trained on."""
    found = result(BASE)
    title = f"UAR of each speaker of a corpus that was not in training, {len(found['classes'])} emotions"
    lanes = [
        Lane(f"{name} {percent(each['uar'])} %", each["uar"], _speakers(BASE, name))
        for name, each in found["by_corpus"].items()
    ]
    return draw(title, lanes, found["chance"], 84)


def _speakers(name: str, corpus: str) -> list[tuple[str, float, str]]:
    """Each speaker of a corpus, UAR and sex."""
    predictions = Predictions.read(RESULTS / f"{name}.csv")
    sexes = dict(zip(predictions.speaker, predictions.sex, strict=True))
    by_speaker = result(name)["by_speaker"]
    return [(who, each["uar"], sexes[who]) for who, each in by_speaker.items() if who.startswith(f"{corpus}/")]


PICTURES: dict[str, Callable[[], str]] = {
    "ravdess-luna5-small.svg": known,
    "strangers4-base.svg": unknown,
}
