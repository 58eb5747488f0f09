"""A timeline as one HTML page: emotions over time, to look at, to listen to and to read."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from voxaffect.calibration import UNCERTAIN
from voxaffect.html import colours, page
from voxaffect.inference.record import PEAKS, Record
from voxaffect.inference.results import Segment
from voxaffect.text import valid

Tints = Mapping[str, str]
"""Class, or "uncertain" -> the name of its colour in `colours.NAMED`."""

_ROWS = (30, 60, 120, 300, 600, 1800)  # seconds of a row
_MOST_ROWS = 30
_MOST_TURNS = 30

_CSS = """
.bar{position:sticky;top:0;z-index:1;background:var(--paper);padding:.5rem 0;border-bottom:1px solid var(--line)}
.bar audio{width:100%;display:block}
.keys{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.5rem 0 0;padding:0;list-style:none;font-size:.9rem}
.keys i,.cell i{display:inline-block;width:.8rem;height:.8rem;vertical-align:-.08rem;margin-right:.35rem}
.row{margin:1.4rem 0;position:relative}
.row h3{margin:0 0 .2rem;font-size:.85rem;font-weight:400;color:var(--faint);font-variant-numeric:tabular-nums}
.lane{position:relative;margin:0 0 .6rem;cursor:pointer}
.lane>span{position:absolute;left:0;top:0;font-size:.75rem;color:var(--faint);background:var(--paper);padding-right:.3rem}
.lane svg{width:100%;height:2.6rem}
.lane svg.shares{height:2rem}
.segments{position:relative;height:1.9rem}
.segments button{position:absolute;top:0;height:100%;padding:.75rem 0 0;margin:0;border:0;background:none;color:inherit;
font:inherit;font-size:.72rem;line-height:1.1rem;text-align:left;white-space:nowrap;overflow:hidden;cursor:pointer}
.segments button::before{content:"";position:absolute;left:0;right:1px;top:0;height:.65rem;background:var(--tint)}
.segments button:focus-visible{outline:2px solid var(--ink);overflow:visible;z-index:1;background:var(--paper)}
.uncertain,.segments .uncertain::before{
background:repeating-linear-gradient(45deg,var(--faint) 0 2px,var(--paper) 2px 5px)!important}
.segments button.uncertain{background:none!important;color:var(--faint)}
.now{position:absolute;top:0;bottom:0;width:2px;background:var(--ink);pointer-events:none;display:none}
td button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-decoration:underline;
text-underline-offset:.2em}
"""

_SCRIPT = """
const audio=document.querySelector('audio'),rows=[...document.querySelectorAll('.row')];
function jump(t){if(audio){audio.currentTime=t;audio.play()}}
document.addEventListener('click',e=>{
const b=e.target.closest('[data-at]');if(b){jump(+b.dataset.at);return}
const l=e.target.closest('.lane');if(l){const r=l.closest('.row'),x=l.getBoundingClientRect();
jump(+r.dataset.from+(e.clientX-x.left)/x.width*r.dataset.seconds)}});
if(audio){const show=()=>{for(const r of rows){const s=audio.currentTime-r.dataset.from,n=r.querySelector('.now'),
d=+r.dataset.seconds;n.style.display=s>=0&&s<d?'block':'none';n.style.left=100*s/d+'%'}};
audio.addEventListener('timeupdate',show);
audio.addEventListener('error',()=>{document.querySelector('#unplayed').hidden=false})}
"""


def write(record: Record, player: str | None, about: str) -> str:
    """The page as text.

    player: the address of the recording, from where the page will lie; None: there is none to be played.
    about: by which model, as plain text.
    """
    found, tints = record.timeline, {UNCERTAIN: "faint", **colours.of_classes(record.classes)}
    spoken = sum(each.duration for each in found.segments)
    lines = f"{record.channels} channels, " if record.channels > 1 else ""
    intro = [
        escape(f"{lines}{clock(found.duration)} long, {clock(spoken)} of speech in {len(found.segments)} segments."),
        escape(about),
    ]
    sections = [
        page.Section("time", "Over time", _bar(record, player, tints) + "".join(_rows(record, tints))),
        page.Section("turns", "Turning points", _turns(found.segments, record.channels, tints)),
        page.Section("shares", "How much of what", _shares(found.segments, record.channels)),
    ]
    return page.page(
        f"{PurePath(valid(record.file or 'recording')).name}: emotions over time", intro, sections, _CSS, _SCRIPT
    )


def turning_points(segments: Sequence[Segment]) -> list[tuple[Segment, Segment]]:
    """Where a voice goes from one emotion to another, both of them sure: the surest ones, in their order.

    segments: sorted by start. What was uncertain in between does not count.
    """
    found = []
    for channel in sorted({each.channel or 0 for each in segments}):
        mine = [each for each in segments if (each.channel or 0) == channel and each.emotion != UNCERTAIN]
        found += [(before, after) for before, after in pairwise(mine) if before.emotion != after.emotion]
    found.sort(key=lambda pair: -pair[0].confidence * pair[1].confidence)
    return sorted(found[:_MOST_TURNS], key=lambda pair: (pair[1].start, pair[1].channel or 0))


def clock(seconds: float) -> str:
    """`1:02:03`, or `2:03` below an hour."""
    whole = int(seconds)
    hours = f"{whole // 3600}:" if whole >= 3600 else ""
    return f"{hours}{whole // 60 % 60:0{2 if hours else 1}}:{whole % 60:02}"


def _bar(record: Record, player: str | None, tints: Tints) -> str:
    names = dict.fromkeys([*record.classes, *(each.emotion for each in record.segments)])
    keys = "".join(f"<li>{_swatch(name, tints)}{escape(name)}</li>" for name in names)
    sound = f'<audio controls preload="metadata" src="{escape(player)}"></audio>' if player else ""
    sound += (
        '<p id="unplayed" class="faint" hidden>The recording is not where it was, or this browser cannot play it.</p>'
    )
    return f'<div class="bar">{sound}<ul class="keys">{keys}</ul></div>\n'


def _swatch(emotion: str, tints: Tints) -> str:
    mark = ' class="uncertain"' if emotion == UNCERTAIN else ""
    return f'<i{mark} style="background:{colours.css(tints[emotion])}"></i>'


def _rows(record: Record, tints: Tints) -> Iterator[str]:
    duration = max(record.duration, 1.0)
    seconds = next((each for each in _ROWS if duration / each <= _MOST_ROWS), _ROWS[-1])
    seconds = min(seconds, math.ceil(duration))
    peaks, loudest = record.peaks, max(float(record.peaks.max(initial=0)), 1e-3)
    for first in range(0, math.ceil(duration), seconds):
        lanes = "".join(
            _lane(
                record,
                channel,
                first,
                seconds,
                peaks[first * PEAKS : (first + seconds) * PEAKS, channel] / loudest,
                tints,
            )
            for channel in range(record.channels)
        )
        yield (
            f'<div class="row" data-from="{first}" data-seconds="{seconds}"><h3>{clock(first)}</h3>{lanes}'
            '<div class="now"></div></div>\n'
        )


def _lane(record: Record, channel: int, first: int, seconds: int, peaks: npt.NDArray[np.float32], tints: Tints) -> str:
    heights = 19 * np.sqrt(peaks)  # or quiet speech next to loud speech would be a flat line
    wave = "".join(f"M{k} {20 - each:.1f}V{20 + each:.1f}" for k, each in enumerate(heights.tolist()))
    width = seconds * PEAKS
    name = f"<span>{channel}</span>" if record.channels > 1 else ""
    buttons = "".join(
        _button(each, first, seconds, tints)
        for each in record.segments
        if (each.channel or 0) == channel and each.end > first and each.start < first + seconds
    )
    return (
        f'<div class="lane">{name}<svg viewBox="0 0 {width} 40" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{wave}" stroke="{colours.plain("faint")}" stroke-width="1" '
        f'vector-effect="non-scaling-stroke"/></svg>'
        f'<div class="segments">{buttons}</div>{_stack(record, channel, first, seconds, tints)}</div>'
    )


def _button(segment: Segment, first: int, seconds: int, tints: Tints) -> str:
    left, right = max(segment.start, first), min(segment.end, first + seconds)
    others = sorted(segment.probabilities.items(), key=lambda item: -item[1])[:3]
    words = f"{clock(segment.start)}–{clock(segment.end)} {segment.emotion}: " + ", ".join(
        f"{name} {_percent(share)}" for name, share in others
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
        # A line of paper under each, since its neighbour's colour may be alike.
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


def _turns(segments: Sequence[Segment], channels: int, tints: Tints) -> str:
    turns = turning_points(segments)
    if not turns:
        return page.paragraph("No voice goes from one emotion to another here.")
    rows = "".join(
        f'<tr><td><button data-at="{after.start:.2f}">{clock(after.start)}</button></td>'
        + (f"<td>{after.channel}</td>" if channels > 1 else "")
        + "".join(
            f'<td class="cell">{_swatch(each.emotion, tints)}{escape(each.emotion)} {_percent(each.confidence)}</td>'
            for each in (before, after)
        )
        + "</tr>\n"
        for before, after in turns
    )
    head = "<th>at</th>" + ("<th>channel</th>" if channels > 1 else "") + "<th>from</th><th>to</th>"
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>\n'


def _shares(segments: Sequence[Segment], channels: int) -> str:
    emotions = sorted({each.emotion for each in segments})
    rows = []
    for channel in range(channels):
        mine = [each for each in segments if (each.channel or 0) == channel]
        total = sum(each.duration for each in mine)
        parts = [sum(each.duration for each in mine if each.emotion == name) for name in emotions]
        rows.append(
            [f"channel {channel}" if channels > 1 else "voice", clock(total), *(_of(part, total) for part in parts)]
        )
    return page.table(["", "speaks for", *emotions], rows)


def _of(part: float, total: float) -> str:
    return _percent(part / total) if part else "–"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
