"""Segments as text and tables that other programs read.

Every format holds the same: who (the channel, counted from 0), from when to when, which emotion, how probable.
"""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError
from voxaffect.files import rows
from voxaffect.files.atomic import write_text
from voxaffect.inference.results import Segment, Timeline


def json_line(file: str, segment: Segment) -> str:
    """A segment as a JSON object, without its line's end."""
    return json.dumps({"file": file, **_plain(segment)}, ensure_ascii=False)


def json_lines(found: Timeline) -> str:
    """A JSON object a segment, one a line."""
    return "".join(json_line(found.file, each) + "\n" for each in found.segments)


def comma_separated(found: Timeline) -> str:
    """A header and a row a segment; start and end in seconds."""
    return _table(found, lambda seconds: f"{seconds:.3f}")


def audformat(found: Timeline) -> str:
    """A CSV table with audformat's segmented index, as audformat.utils.read_csv reads it."""
    return _table(found, _time_delta)


def text_grid(found: Timeline) -> str:
    """Praat's TextGrid: a tier a channel, and between the segments intervals that say nothing."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {found.duration:.6f}"]
    lines += ["tiers? <exists>", f"size = {found.channels}", "item []:"]
    for channel in range(found.channels):
        intervals: list[tuple[float, float, str]] = []
        end = 0.0
        for segment in (each for each in found.segments if each.channel == channel):
            if segment.start > end:
                intervals.append((end, segment.start, ""))
            end = min(segment.end, found.duration)
            intervals.append((segment.start, end, segment.emotion))
        if end < found.duration:
            intervals.append((end, found.duration, ""))
        lines += [
            f"    item [{channel + 1}]:",
            '        class = "IntervalTier"',
            f'        name = "{_name(found, channel)}"',
        ]
        lines += [
            "        xmin = 0",
            f"        xmax = {found.duration:.6f}",
            f"        intervals: size = {len(intervals)}",
        ]
        for number, (start, stop, text) in enumerate(intervals, 1):
            lines += [
                f"        intervals [{number}]:",
                f"            xmin = {start:.6f}",
                f"            xmax = {stop:.6f}",
            ]
            lines += [f'            text = "{text}"']
    return "\n".join(lines) + "\n"


def web_vtt(found: Timeline) -> str:
    """WebVTT subtitles (W3C): a cue a segment."""
    cues = [
        f"{_clock(each.start, '.')} --> {_clock(each.end, '.')}\n<v {_name(found, each.channel)}>{_words(each)}\n"
        for each in found.segments
    ]
    return "\n".join(["WEBVTT\n", *cues])


def subrip(found: Timeline) -> str:
    """SubRip subtitles (.srt): a cue a segment."""
    speaker = "{}: " if found.channels > 1 else ""
    cues = [
        f"{number}\n{_clock(each.start, ',')} --> {_clock(each.end, ',')}\n"
        f"{speaker.format(_name(found, each.channel))}{_words(each)}\n"
        for number, each in enumerate(found.segments, 1)
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

_HEAD = ("file", "start", "end", "channel", "emotion", "confidence")

_ENDINGS = {
    ".jsonl": "jsonl",
    ".audformat.csv": "audformat",  # before .csv
    ".csv": "csv",
    ".textgrid": "textgrid",
    ".vtt": "vtt",
    ".srt": "srt",
}


def refuse(path: Path) -> None:
    """Raise SettingsError where the path's ending says nothing; MissingExtraError for Parquet without its library."""
    if _format(path) is None and not _is_parquet(path):
        raise SettingsError(f"{path}: its ending is of no format; choose {', '.join([*_ENDINGS, '.parquet'])} or .html")
    if _is_parquet(path):
        rows.refuse(path)


def write(path: Path, found: Timeline) -> None:
    """Write the segments in the format that the path's ending says, whole or not at all.

    Raises what `refuse` raises, and OSError where there is no room.
    """
    refuse(path)
    if _is_parquet(path):
        kinds = {"file": str, "channel": int, "emotion": str}
        names = [*_HEAD, *found.classes]
        table = [{**vars(each), "file": found.file, **each.probabilities} for each in found.segments]
        rows.write(path, {name: kinds.get(name, float) for name in names}, table)
    else:
        write_text(path, TEXTS[_format(path) or ""](found))


def _format(path: Path) -> str | None:
    return next((name for ending, name in _ENDINGS.items() if path.name.lower().endswith(ending)), None)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _table(found: Timeline, time: Callable[[float], str]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([*_HEAD, *found.classes])
    for each in found.segments:
        shares = [f"{each.probabilities[name]:.4f}" for name in found.classes]
        about = [each.channel, each.emotion, f"{each.confidence:.4f}"]
        table.writerow([found.file, time(each.start), time(each.end), *about, *shares])
    return text.getvalue()


def _plain(segment: Segment) -> dict[str, Any]:
    return {
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "channel": segment.channel,
        "emotion": segment.emotion,
        "confidence": round(segment.confidence, 4),
        "probabilities": {name: round(share, 4) for name, share in segment.probabilities.items()},
    }


def _words(segment: Segment) -> str:
    return f"{segment.emotion} {100 * segment.confidence:.0f} %"


def _name(found: Timeline, channel: int) -> str:
    return f"channel {channel}" if found.channels > 1 else "voice"


def _clock(seconds: float, point: str) -> str:
    """`01:02:03.456`, the millisecond's point as the format wants it."""
    whole = round(1000 * seconds)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{point}{whole % 1000:03}"


def _time_delta(seconds: float) -> str:
    """As pandas writes one: `0 days 00:00:01.500000`."""
    whole = timedelta(milliseconds=round(1000 * seconds))
    rest = whole - timedelta(days=whole.days)
    return f"{whole.days} days {_clock(rest.total_seconds(), '.')}000"
