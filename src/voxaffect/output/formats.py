"""Timelines as text and tables that other programs read.

Every format holds the same: who (the channel, counted from 0), from when to when, which emotion, how probable.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from html import escape
from pathlib import Path
from textwrap import indent

from voxaffect.errors import SettingsError
from voxaffect.files import rows
from voxaffect.files.atomic import write_text
from voxaffect.inference.results import Segment, Timeline
from voxaffect.inference.schema import columns, flat_row
from voxaffect.output import tables
from voxaffect.text import printable


def audformat(timeline: Timeline) -> str:
    """A CSV table with audformat's segmented index, as audformat.utils.read_csv reads it."""
    text = io.StringIO()
    table = rows.CsvTable(text, columns(timeline.classes))
    for segment in timeline.segments:
        times = {"start": _time_delta(segment.start), "end": _time_delta(segment.end)}
        table.write({**flat_row(segment.to_dict()), **times})
    return text.getvalue()


def text_grid(timeline: Timeline) -> str:
    """Praat's TextGrid: a tier a channel, with empty intervals between the segments."""
    limits = f"xmin = 0\nxmax = {timeline.duration:.6f}"
    text = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\n{limits}\n'
    text += f"tiers? <exists>\nsize = {timeline.channels}\nitem []:\n"
    for channel in range(timeline.channels):
        intervals = _intervals(timeline, channel)
        name = f'class = "IntervalTier"\nname = "{_name(timeline, channel)}"'
        text += f"    item [{channel + 1}]:\n"
        text += indent(f"{name}\n{limits}\nintervals: size = {len(intervals)}\n", " " * 8)
        for number, (start, end, emotion) in enumerate(intervals, 1):
            quoted = printable(emotion).replace('"', '""')
            text += f"        intervals [{number}]:\n            xmin = {start:.6f}\n            xmax = {end:.6f}\n"
            text += f'            text = "{quoted}"\n'
    return text


def _intervals(timeline: Timeline, channel: int) -> list[tuple[float, float, str]]:
    """Start, end and emotion of a channel's segments, and of the gaps between them with an empty emotion."""
    intervals, end = [], 0.0
    for segment in timeline.of_channel(channel):
        if segment.start > end:
            intervals.append((end, segment.start, ""))
        end = min(segment.end, timeline.duration)
        intervals.append((segment.start, end, segment.emotion))
    if end < timeline.duration:
        intervals.append((end, timeline.duration, ""))
    return intervals


def web_vtt(timeline: Timeline) -> str:
    """WebVTT subtitles (W3C): a cue a segment."""
    cues = []
    for segment in timeline.segments:
        text = f"<v {_name(timeline, segment.channel)}>{_words(segment)}"
        cues.append(f"{_clock(segment.start, '.')} --> {_clock(segment.end, '.')}\n{text}\n")
    return "\n".join(["WEBVTT\n", *cues])


def subrip(timeline: Timeline) -> str:
    """SubRip subtitles (.srt): a cue a segment."""
    speaker = "{}: " if timeline.channels > 1 else ""
    cues = [
        f"{number}\n{_clock(segment.start, ',')} --> {_clock(segment.end, ',')}\n"
        f"{speaker.format(_name(timeline, segment.channel))}{_words(segment)}\n"
        for number, segment in enumerate(timeline.segments, 1)
    ]
    return "\n".join(cues)


def _rows(form: str, timeline: Timeline) -> str:
    """A row of `schema.json_row` a segment."""
    text = io.StringIO()
    write = tables.row_writer(form, text, timeline.classes)
    for segment in timeline.segments:
        write(segment.to_dict())
    return text.getvalue()


TEXTS: dict[str, Callable[[Timeline], str]] = {
    "jsonl": partial(_rows, "jsonl"),
    "csv": partial(_rows, "csv"),
    "audformat": audformat,
    "textgrid": text_grid,
    "vtt": web_vtt,
    "srt": subrip,
}
"""Name -> what makes the text."""

_ENDINGS = (".jsonl", ".csv", ".parquet", ".TextGrid", ".vtt", ".srt", ".audformat.csv")


def format_of(path: Path) -> str:
    """The format that a path's ending says: a name of `TEXTS`, or "parquet".

    Raises:
        SettingsError: Its ending is of no format.
        MissingExtraError: It is Parquet, and the library is missing.
    """
    ending = next((ending for ending in reversed(_ENDINGS) if path.name.lower().endswith(ending.lower())), None)
    if ending is None:
        raise SettingsError(f"{path}: its ending is of no format; choose {', '.join(_ENDINGS)} or .html")
    if ending == ".parquet":
        rows.refuse(path)
    return ending.lower().split(".")[1]


def write(path: Path, timeline: Timeline) -> None:
    """Write a timeline in the format that the path's ending says, whole or not at all.

    Raises:
        SettingsError: As `format_of` does.
        MissingExtraError: As `format_of` does.
        OSError: There is no room.
    """
    form = format_of(path)
    if form == "parquet":
        tables.write(path, timeline.classes, [segment.to_dict() for segment in timeline.segments])
    else:
        write_text(path, TEXTS[form](timeline))


def _words(segment: Segment) -> str:
    """Of a subtitle: as players read tags in SubRip too, it is escaped in the same way as in WebVTT."""
    return escape(f"{printable(segment.emotion)} {100 * segment.confidence:.0f} %", quote=False)


def _name(timeline: Timeline, channel: int | None) -> str:
    return f"channel {channel}" if timeline.channels > 1 else "voice"


def _clock(seconds: float, point: str) -> str:
    """`01:02:03.456`, the millisecond's point as the format wants it."""
    whole = round(1000 * seconds)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"


def _time_delta(seconds: float) -> str:
    """As pandas writes one: `0 days 00:00:01.500000`."""
    whole = timedelta(milliseconds=round(1000 * seconds))
    rest = whole - timedelta(days=whole.days)
    return f"{whole.days} days {_clock(rest.total_seconds(), '.')}000"
