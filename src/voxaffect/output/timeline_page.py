"""A timeline as one HTML page: emotions over time, to look at, to listen to and to read."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt

from voxaffect.calibration import UNCERTAIN
from voxaffect.html import colours, page
from voxaffect.inference.record import PEAKS, Record
from voxaffect.inference.results import Segment
from voxaffect.inference.summary import turning_points
from voxaffect.text import valid

Tints = Mapping[str, str]
"""Class, or "uncertain" -> the name of its colour in `colours.NAMED`."""

_ROWS = (30, 60, 120, 300, 600, 1800)  # seconds of a row
_MOST_ROWS = 30
_MOST_TURNS = 30


def write(record: Record, player: str | None, about: str, sure: float) -> str:
    """The page as text.

    player: the address of the recording, from where the page will lie; None: there is none to be played.
    about: by which model, as plain text.
    sure: the confidence from which on an answer is sure.
    """
    timeline, tints = record.timeline, {UNCERTAIN: "faint", **colours.of_classes(record.classes)}
    spoken = sum(segment.duration for segment in timeline.segments)
    lines = f"{record.channels} channels, " if record.channels > 1 else ""
    size = f"{clock(timeline.duration)} long, {clock(spoken)} of speech in {len(timeline.segments)} segments."
    intro = [escape(lines + size), escape(about)]
    sections = [
        page.Section("time", "Over time", _bar(record, player, tints) + "".join(_rows(record, tints))),
        page.Section("turns", "Turning points", _turns(timeline.segments, record.channels, tints, sure)),
        page.Section("shares", "How much of what", _portions(timeline.segments, record.channels)),
    ]
    title = f"{PurePath(valid(record.file or 'recording')).name}: emotions over time"
    css, script = (Path(__file__).with_name(f"timeline.{ending}").read_text("utf-8") for ending in ("css", "js"))
    return page.page(title, intro, sections, css, script)


def clock(seconds: float) -> str:
    """`1:02:03`, or `2:03` below an hour."""
    whole = int(seconds)
    hours = f"{whole // 3600}:" if whole >= 3600 else ""
    return f"{hours}{whole // 60 % 60:0{2 if hours else 1}}:{whole % 60:02}"


def _bar(record: Record, player: str | None, tints: Tints) -> str:
    names = dict.fromkeys([*record.classes, *(segment.emotion for segment in record.segments)])
    keys = "".join(f"<li>{_swatch(name, tints)}{escape(name)}</li>" for name in names)
    sound = f'<audio controls preload="metadata" src="{escape(player)}"></audio>' if player else ""
    lost = "The recording is not where it was, or this browser cannot play it."
    sound += f'<p id="unplayed" class="faint" hidden>{lost}</p>'
    return f'<div class="bar">{sound}<ul class="keys">{keys}</ul></div>\n'


def _swatch(emotion: str, tints: Tints) -> str:
    mark = ' class="uncertain"' if emotion == UNCERTAIN else ""
    return f'<i{mark} style="background:{colours.css(tints[emotion])}"></i>'


def _rows(record: Record, tints: Tints) -> Iterator[str]:
    duration = max(record.duration, 1.0)
    seconds = next((row for row in _ROWS if duration / row <= _MOST_ROWS), _ROWS[-1])
    seconds = min(seconds, math.ceil(duration))
    peaks, loudest = record.peaks, max(float(record.peaks.max(initial=0)), 1e-3)
    for first in range(0, math.ceil(duration), seconds):
        lanes = ""
        for channel in range(record.channels):
            part = peaks[first * PEAKS : (first + seconds) * PEAKS, channel] / loudest
            lanes += _lane(record, channel, first, seconds, part, tints)
        head = f'<div class="row" data-from="{first}" data-seconds="{seconds}"><h3>{clock(first)}</h3>'
        yield f'{head}{lanes}<div class="now"></div></div>\n'


def _lane(record: Record, channel: int, first: int, seconds: int, peaks: npt.NDArray[np.float32], tints: Tints) -> str:
    heights = 19 * np.sqrt(peaks)  # or quiet speech next to loud speech would be a flat line
    wave = "".join(f"M{k} {20 - height:.1f}V{20 + height:.1f}" for k, height in enumerate(heights.tolist()))
    width = seconds * PEAKS
    name = f"<span>{channel}</span>" if record.channels > 1 else ""
    buttons = "".join(
        _button(segment, first, seconds, tints)
        for segment in record.segments
        if (segment.channel or 0) == channel and segment.end > first and segment.start < first + seconds
    )
    return (
        f'<div class="lane">{name}<svg viewBox="0 0 {width} 40" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{wave}" stroke="{colours.plain("faint")}" stroke-width="1" '
        f'vector-effect="non-scaling-stroke"/></svg>'
        f'<div class="segments">{buttons}</div>{_stack(record, channel, first, seconds, tints)}</div>'
    )


def _button(segment: Segment, first: int, seconds: int, tints: Tints) -> str:
    left, right = max(segment.start, first), min(segment.end, first + seconds)
    ranked = sorted(segment.probabilities.items(), key=lambda item: -item[1])[:3]
    words = f"{clock(segment.start)}–{clock(segment.end)} {segment.emotion}: " + ", ".join(
        f"{name} {_percent(value)}" for name, value in ranked
    )
    mark = ' class="uncertain"' if segment.emotion == UNCERTAIN else ""
    place = f"left:{100 * (left - first) / seconds:.3f}%;width:{100 * (right - left) / seconds:.3f}%"
    return (
        f'<button{mark} data-at="{segment.start:.2f}" title="{escape(words)}" '
        f'style="{place};--tint:{colours.css(tints[segment.emotion])}">{escape(segment.emotion)}</button>'
    )


def _stack(record: Record, channel: int, first: int, seconds: int, tints: Tints) -> str:
    """Probabilities over time, one above the other."""
    times, probabilities = record.steps(channel)
    inside = (times[:, 1] > first) & (times[:, 0] < first + seconds)
    times, tops = times[inside] - first, 1 - np.cumsum(probabilities[inside], axis=1).clip(max=1)
    paths = []
    for place, emotion in enumerate(record.classes):
        # A line of paper under it, since its neighbour's colour may be alike.
        below = np.maximum(tops[:, place - 1] - 0.03, tops[:, place]) if place else np.ones(len(tops))
        d = "".join(
            f"M{start:.2f} {low:.3f}H{end:.2f}V{high:.3f}H{start:.2f}Z"
            for (start, end), low, high in zip(times.tolist(), below.tolist(), tops[:, place].tolist(), strict=True)
        )
        paths.append(f'<path d="{d}" fill="{colours.plain(tints[emotion])}"/>')
    return (
        f'<svg class="shares" viewBox="0 0 {seconds} 1" preserveAspectRatio="none" role="img" '
        f'aria-label="probabilities over time">{"".join(paths)}</svg>'
    )


def _turns(segments: Sequence[Segment], channels: int, tints: Tints, sure: float) -> str:
    turns, least = turning_points(segments, sure), f"with a confidence of {100 * sure:.3g} % or more before and after"
    if not turns:
        return page.paragraph(f"No voice goes from one emotion to another here, {least}.")
    about = f"Where a voice goes from one emotion to another, {least}."
    if len(turns) > _MOST_TURNS:
        about += f" Of {len(turns)} such places, the surest {_MOST_TURNS}."
        surest = sorted(turns, key=lambda pair: -pair[0].confidence * pair[1].confidence)[:_MOST_TURNS]
        turns = [pair for pair in turns if pair in surest]
    rows = ""
    for before, after in turns:
        rows += f'<tr><td><button data-at="{after.start:.2f}">{clock(after.start)}</button></td>'
        rows += f"<td>{after.channel}</td>" if channels > 1 else ""
        for segment in (before, after):
            words = f"{escape(segment.emotion)} {_percent(segment.confidence)}"
            rows += f'<td class="cell">{_swatch(segment.emotion, tints)}{words}</td>'
        rows += "</tr>\n"
    head = "<th>at</th>" + ("<th>channel</th>" if channels > 1 else "") + "<th>from</th><th>to</th>"
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>\n'
    return page.paragraph(about) + table


def _portions(segments: Sequence[Segment], channels: int) -> str:
    emotions = sorted({segment.emotion for segment in segments})
    rows = []
    for channel in range(channels):
        mine = [segment for segment in segments if (segment.channel or 0) == channel]
        total = sum(segment.duration for segment in mine)
        parts = [sum(segment.duration for segment in mine if segment.emotion == name) for name in emotions]
        name = f"channel {channel}" if channels > 1 else "voice"
        rows.append([name, clock(total), *(_percent(part / total) if part else "–" for part in parts)])
    return page.table(["", "speaks for", *emotions], rows)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
