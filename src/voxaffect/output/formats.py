"""Timelines as text and tables that other programs read.

Every format holds the same: who (the channel, counted from 0), from when to when, which emotion, how probable.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path

from voxaffect.errors import SettingsError
from voxaffect.files import rows
from voxaffect.files.atomic import write_text
from voxaffect.inference.results import Segment, Timeline
from voxaffect.inference.schema import columns, flat_row
from voxaffect.output import tables


def json_lines(timeline: Timeline) -> str:
    """A JSON object a segment, one a line."""
    return _rows("jsonl", timeline)


def comma_separated(timeline: Timeline) -> str:
    """A header and a row a segment; start and end in seconds."""
    return _rows("csv", timeline)


def audformat(timeline: Timeline) -> str:
    """A CSV table with audformat's segmented index, as audformat.utils.read_csv reads it."""
    text = io.StringIO()
    table = rows.CsvWriter(text, columns(timeline.classes))
    for segment in timeline.segments:
        times = {"start": _time_delta(segment.start), "end": _time_delta(segment.end)}
        table.write({**flat_row(segment.to_dict()), **times})
    return text.getvalue()


def text_grid(timeline: Timeline) -> str:
    """Praat's TextGrid: a tier a channel, with empty intervals between the segments."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {timeline.duration:.6f}"]
    lines += ["tiers? <exists>", f"size = {timeline.channels}", "item []:"]
    for channel in range(timeline.channels):
        intervals: list[tuple[float, float, str]] = []
        end = 0.0
        for segment in timeline.of_channel(channel):
            if segment.start > end:
                intervals.append((end, segment.start, ""))
            end = min(segment.end, timeline.duration)
            intervals.append((segment.start, end, segment.emotion))
        if end < timeline.duration:
            intervals.append((end, timeline.duration, ""))
        lines += [
            f"    item [{channel + 1}]:",
            '        class = "IntervalTier"',
            f'        name = "{_name(timeline, channel)}"',
        ]
        lines += [
            "        xmin = 0",
            f"        xmax = {timeline.duration:.6f}",
            f"        intervals: size = {len(intervals)}",
        ]
        for number, (start, stop, text) in enumerate(intervals, 1):
            lines += [
                f"        intervals [{number}]:",
                f"            xmin = {start:.6f}",
                f"            xmax = {stop:.6f}",
            ]
            quoted = text.replace('"', '""')
            lines += [f'            text = "{quoted}"']
    return "\n".join(lines) + "\n"


def web_vtt(timeline: Timeline) -> str:
    """WebVTT subtitles (W3C): a cue a segment."""
    cues = []
    for each in timeline.segments:
        text = f"<v {_name(timeline, each.channel)}>{_words(each)}"
        cues.append(f"{_clock(each.start, '.')} --> {_clock(each.end, '.')}\n{text}\n")
    return "\n".join(["WEBVTT\n", *cues])


def subrip(timeline: Timeline) -> str:
    """SubRip subtitles (.srt): a cue a segment."""
    speaker = "{}: " if timeline.channels > 1 else ""
    cues = [
        f"{number}\n{_clock(each.start, ',')} --> {_clock(each.end, ',')}\n"
        f"{speaker.format(_name(timeline, each.channel))}{_words(each)}\n"
        for number, each in enumerate(timeline.segments, 1)
    ]
    return "\n".join(cues)


TEXTS: dict[str, Callable[[Timeline], str]] = {
    "jsonl": json_lines,
    "csv": comma_separated,
    "audformat": audformat,
    "textgrid": text_grid,
    "vtt": web_vtt,
    "srt": subrip,
}
"""Name -> what makes the text."""

_ENDINGS = {
    ".jsonl": "jsonl",
    ".audformat.csv": "audformat",  # before .csv
    ".csv": "csv",
    ".textgrid": "textgrid",
    ".vtt": "vtt",
    ".srt": "srt",
}


def refuse(path: Path) -> None:
    """Refuse a path that no timeline can be written to.

    Raises:
        SettingsError: Its ending is of no format.
        MissingExtraError: It is Parquet, and the library is missing.
    """
    if _format(path) is None and not _is_parquet(path):
        raise SettingsError(f"{path}: its ending is of no format; choose {', '.join([*_ENDINGS, '.parquet'])} or .html")
    if _is_parquet(path):
        rows.refuse(path)


def write(path: Path, timeline: Timeline) -> None:
    """Write a timeline in the format that the path's ending says, whole or not at all.

    Raises:
        SettingsError: As `refuse` does.
        MissingExtraError: As `refuse` does.
        OSError: There is no room.
    """
    refuse(path)
    if _is_parquet(path):
        tables.write(path, timeline.classes, [segment.to_dict() for segment in timeline.segments])
    else:
        write_text(path, TEXTS[_format(path) or ""](timeline))


def _format(path: Path) -> str | None:
    return next((name for ending, name in _ENDINGS.items() if path.name.lower().endswith(ending)), None)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _rows(name: str, timeline: Timeline) -> str:
    text = io.StringIO()
    writer = tables.WRITERS[name](text, timeline.classes)
    for segment in timeline.segments:
        writer.write(segment.to_dict())
    return text.getvalue()


def _words(segment: Segment) -> str:
    """Of a subtitle: as players read tags in SubRip too, it is escaped in the same way as in WebVTT."""
    return escape(f"{segment.emotion} {100 * segment.confidence:.0f} %", quote=False)


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
