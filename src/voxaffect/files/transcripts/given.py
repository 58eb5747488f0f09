"""The given segment: a span of a recording that a transcript or a table names; and the times that they write."""

import re
import warnings
from dataclasses import dataclass
from decimal import Decimal
from math import inf, isfinite
from pathlib import Path

from voxaffect.errors import TranscriptError, VoxaffectWarning


@dataclass(frozen=True)
class GivenSegment:
    """A span of a recording that a transcript names.

    Attributes:
        start: Seconds from the beginning of the recording, 0 or more.
        end: Likewise, `start` or more; None: to its end.
        channel: Counted from 0; None: all channels mixed.
        speaker: Empty where the transcript names none.
        text: What is said.
        label: The emotion, where the transcript has one besides the text, or its text is one as subtitles of
            `voxaffect timeline` are.
        confidence: Of that emotion, in [0, 1]; None where it is not written.
        file: The recording, as the transcript names it; empty where it does not.
        where: In the transcript, as `line 3`.

    Raises:
        TranscriptError: The times make no span.

    Examples:
        >>> GivenSegment(0.5, 2.0, speaker="anna", text="Hello.").label
        ''
    """

    start: float
    end: float | None
    channel: int | None = None
    speaker: str = ""
    text: str = ""
    label: str = ""
    confidence: float | None = None
    file: str = ""
    where: str = ""

    def __post_init__(self) -> None:
        if not (0 <= self.start < inf) or not (self.end is None or self.start <= self.end < inf):
            raise TranscriptError(f"a segment from {self.start} to {self.end} s: give 0 <= start <= end, in seconds")


_CLOCK = r"(?:(?P<hours>\d+):)?(?P<minutes>\d+):(?P<seconds>\d+(?:[.,]\d*)?)"
_TIMES = [
    re.compile(pattern)
    for pattern in (
        r"(?P<seconds>[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?)",
        _CLOCK,
        rf"(?P<days>\d+) days?(?:,? \+?{_CLOCK})?",
        r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d*)?)S)?)?",
    )
]
_UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def parse_time(text: str) -> float:
    """A time in seconds.

    Args:
        text: Seconds, `HH:MM:SS.mmm` with hours or without, or a time delta of pandas, Python or ISO 8601.

    Raises:
        ValueError: It is none of that.

    Examples:
        >>> [parse_time(text) for text in ("1.5", "00:01.500", "1:02:03,25", "0 days 00:00:01.5", "P0DT0H0M1.5S")]
        [1.5, 1.5, 3723.25, 1.5, 1.5]
    """
    match = next((match for match in (pattern.fullmatch(text.strip()) for pattern in _TIMES) if match), None)
    if match is None:
        raise ValueError(text)
    parts = {unit: (value or "0").replace(",", ".") for unit, value in match.groupdict().items()}
    fraction, whole = parts.pop("seconds", "0"), sum(int(value) * _UNITS[unit] for unit, value in parts.items())
    seconds = float(Decimal(fraction) + whole) if whole else float(fraction)  # the same in all forms
    if not isfinite(seconds):
        raise ValueError(text)
    return seconds


def given_segment(
    path: Path,
    where: str,
    start: str,
    end: str,
    *,
    channel: str = "",
    speaker: str = "",
    text: str = "",
    label: str = "",
    confidence: float | None = None,
    file: str = "",
) -> GivenSegment:
    """A given segment from what is written; an empty end is that of the recording.

    Segments may overlap, as people who speak at the same time. A start just before the recording is its beginning,
    with a warning.

    Args:
        path: Of the transcript, for messages.
        where: In it, likewise.
        start: As `parse_time` takes it.
        end: Likewise, or empty.
        channel: A number, or empty.
        speaker: As `GivenSegment` has it, and so the following.
        text: Likewise.
        label: Likewise.
        confidence: Likewise.
        file: Likewise.

    Raises:
        TranscriptError: A time is none, or the segment ends before it starts or before the recording.
    """
    if not start:
        raise TranscriptError(f"{path}: {where} has no start; write seconds from the beginning, as 12.5")
    first = _time(path, where, "start", start)
    last = _time(path, where, "end", end) if end else None
    if last is not None and last < first:
        raise TranscriptError(f"{path}: {where} ends at {last:g} s, before its start at {first:g} s; correct the times")
    if first < 0:
        if last is not None and last <= 0:
            raise TranscriptError(f"{path}: {where} ends at {last:g} s, before the recording begins; correct the times")
        warnings.warn(f"{path}: {where} starts at {first:g} s; 0 is taken", VoxaffectWarning, stacklevel=2)
        first = 0.0
    return GivenSegment(first, last, _channel(path, where, channel), speaker, text, label, confidence, file, where)


def spoken(path: Path, where: str, start: str, end: str, voice: str, text: str) -> GivenSegment:
    """A given segment of a cue or an interval; parameters as of `given_segment`.

    `timeline` calls voices `channel 0` or `voice`, and its text is an emotion: `angry 83 %`.
    """
    number, (label, confidence) = _NUMBERED.fullmatch(voice), parse_emotion(text)
    return given_segment(
        path,
        where,
        start,
        end,
        channel=number[1] if number else "",
        speaker="" if number or voice == "voice" else voice,
        text=text,
        label="" if confidence is None else label,
        confidence=confidence,
    )


def _time(path: Path, where: str, name: str, text: str) -> float:
    try:
        return parse_time(text)
    except ValueError:
        remedy = "write seconds, as 12.5, or HH:MM:SS.mmm"
        raise TranscriptError(f"{path}: {where} has {name} {text[:40]!r}, which is no time; {remedy}") from None


def _channel(path: Path, where: str, text: str) -> int | None:
    if not text:
        return None
    number = re.fullmatch(r"(\d{1,3})(?:\.0)?", text)  # a column with gaps is one of floats in pandas
    if number is None:
        raise TranscriptError(f"{path}: {where} has channel {text!r}; write its number, 0 for the first")
    return int(number[1])


_NUMBERED = re.compile(r"channel (\d{1,3})")
_SURE = re.compile(r"(\S.*?)\s+(\d{1,3}) ?%")


def parse_emotion(text: str) -> tuple[str, float | None]:
    """Emotion and confidence of a text as `timeline` writes it, or as it was corrected; without a number, all of it.

    Examples:
        >>> parse_emotion("angry 83 %"), parse_emotion("on hold")
        (('angry', 0.83), ('on hold', None))
    """
    sure = _SURE.fullmatch(text.strip())
    return (sure[1].strip(), int(sure[2]) / 100) if sure and int(sure[2]) <= 100 else (text.strip(), None)
