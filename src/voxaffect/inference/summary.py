"""A call in one row: who speaks for how long, in which emotions, and where an emotion turns into another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from voxaffect.calibration import UNCERTAIN
from voxaffect.inference.batch import FileResult
from voxaffect.inference.results import Segment
from voxaffect.text import valid


@dataclass(frozen=True)
class ChannelSummary:
    """What one channel of a call holds.

    Attributes:
        channel: Counted from 0; None: all channels mixed.
        talk_time: Seconds of speech.
        shares: Class -> its share of the talk time. With `uncertain` they sum to 1; empty where nobody speaks.
        uncertain: The share of the answer "uncertain"; None where nobody speaks.
        sure: The share of answers that are sure; None where nobody speaks.
        turning_points: How many there are.
    """

    channel: int | None
    talk_time: float
    shares: Mapping[str, float] = field(hash=False)
    uncertain: float | None
    sure: float | None
    turning_points: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values: seconds with three decimals, shares with four."""
        shares = {name: round(value, 4) for name, value in self.shares.items()}
        rounded = {name: _rounded(getattr(self, name)) for name in ("uncertain", "sure")}
        return {
            "channel": self.channel,
            "talk_time": round(self.talk_time, 3),
            "shares": shares,
            **rounded,
            "turning_points": self.turning_points,
        }


@dataclass(frozen=True)
class CallSummary:
    """A recording in one row.

    Attributes:
        file: Its name as it was given.
        duration: Seconds; None: it could not be read.
        channels: Of a recording that could not be read, none.
        warning: What is wrong with a recording that was used anyway; None: nothing.
        error: Why it could not be read, or not to its end; None: it could.
    """

    file: str
    duration: float | None
    channels: tuple[ChannelSummary, ...]
    warning: str | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "file": valid(self.file),
            "duration": _rounded(self.duration, 3),
            "channels": [channel.to_dict() for channel in self.channels],
            "warning": self.warning,
            "error": self.error,
        }


def summarize(result: FileResult, classes: Sequence[str], sure: float) -> CallSummary:
    """The summary of a file's timeline.

    Args:
        result: Of `recognize_many(..., timeline=True)`.
        classes: Of the bundle.
        sure: The confidence from which on an answer is sure, as `Recognizer.sure`.
    """
    segments = [segment for segment in result.results if isinstance(segment, Segment)]
    channels = tuple(
        _channel(number, [segment for segment in segments if segment.channel == number], classes, sure)
        for number in result.channels
    )
    return CallSummary(result.file, result.duration, channels, result.warning, result.error)


def turning_points(segments: Sequence[Segment], sure: float) -> list[tuple[Segment, Segment]]:
    """Where a channel goes from one emotion to another, both answers sure: (before, after), sorted by time.

    Answers in between that are not sure do not count.

    Args:
        segments: Sorted by start.
        sure: The confidence from which on an answer is sure, as `Recognizer.sure`.

    Examples:
        >>> import voxaffect as va
        >>> recognizer = va.load()
        >>> turning_points(list(recognizer.timeline("examples/synthetic-voice.flac")), recognizer.sure)
        []
    """
    answers = [each for each in segments if each.emotion != UNCERTAIN and each.confidence >= sure]
    turns = []
    for channel in {each.channel for each in answers}:
        mine = [each for each in answers if each.channel == channel]
        turns += [(before, after) for before, after in pairwise(mine) if before.emotion != after.emotion]
    return sorted(turns, key=lambda pair: (pair[1].start, pair[1].channel or 0))


def _channel(number: int | None, segments: Sequence[Segment], classes: Sequence[str], sure: float) -> ChannelSummary:
    talk_time = sum(segment.duration for segment in segments)

    def share(chosen: Sequence[Segment]) -> float:
        return sum(segment.duration for segment in chosen) / talk_time

    turns = len(turning_points(segments, sure))
    if not talk_time:
        return ChannelSummary(number, 0.0, {}, None, None, turns)
    shares = {name: share([each for each in segments if each.emotion == name]) for name in classes}
    certain = share([each for each in segments if each.emotion != UNCERTAIN and each.confidence >= sure])
    return ChannelSummary(number, talk_time, shares, max(0.0, 1 - sum(shares.values())), certain, turns)


def _rounded(value: float | None, decimals: int = 4) -> float | None:
    return None if value is None else round(value, decimals)
