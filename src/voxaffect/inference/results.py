"""What recognition returns."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from voxaffect.baseline_head import Sums
from voxaffect.inference.schema import json_row
from voxaffect.inference.voice_activity import FRAME, SAMPLE_RATE


@dataclass(frozen=True)
class Recognition:
    """The emotion of a whole recording.

    Attributes:
        emotion: The most probable class, or "uncertain" where the confidence is below the threshold.
        confidence: The highest of the probabilities.
        probabilities: Class -> probability; they sum to 1.
        duration: Seconds.
        embedding: (dim,) float32, the network's last layer before the classes.
        file: The recording's name as it was given; None: it has none.
        channel: Counted from 0; None: the mix of all.
        warning: What is wrong with the recording, which was used anyway; None: nothing.

    Examples:
        >>> import voxaffect as va
        >>> recognition = va.load().recognize("examples/synthetic-voice.flac")
        >>> recognition.emotion, recognition.file
        ('neutral', 'examples/synthetic-voice.flac')
    """

    emotion: str
    confidence: float
    probabilities: Mapping[str, float] = field(hash=False)
    duration: float
    embedding: npt.NDArray[np.float32] = field(repr=False, compare=False)
    file: str | None = None
    channel: int | None = None
    warning: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The row of `schema.json_row`."""
        names = ("file", "channel", "emotion", "confidence", "probabilities", "warning")
        answer = {name: getattr(self, name) for name in names}
        return json_row(start=0.0, end=self.duration, **answer)

    def to_fields(self) -> dict[str, Any]:
        """Plain values without rounding, for `from_fields`."""
        # Of thousands of numbers, whose digits would be four times as long.
        return {**vars(self), "embedding": base64.b64encode(self.embedding.astype("<f4").tobytes()).decode()}

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> Self:
        """From what `to_fields` returned."""
        embedding = np.frombuffer(base64.b64decode(values["embedding"], validate=True), "<f4")
        return cls(**{**values, "embedding": embedding.astype(np.float32)})


@dataclass(frozen=True)
class Segment:
    """A span of speech in one emotion, or that a transcript names.

    Attributes:
        start: Seconds from the beginning.
        end: Likewise.
        channel: Counted from 0; None: all channels mixed.
        emotion: The most probable class, or "uncertain" where its probability is below the threshold; empty where
            there is an error.
        confidence: The highest of the probabilities.
        probabilities: Class -> probability, of a timeline the mean over the segment; they sum to 1.
        file: The recording's name as it was given; None: it has none.
        speaker: Whom the transcript names that the segment was given by; None: nobody.
        text: What is said, by that transcript; None: there is none.
        warning: What is wrong with the recording, which was used as far as it goes; None: nothing.
        error: Why a span that a transcript names has no emotion; None: it has one.

    Examples:
        >>> Segment(0.5, 2.0, 0, "sad", 0.75, {"sad": 0.75, "happy": 0.25}).duration
        1.5
    """

    start: float
    end: float
    channel: int | None
    emotion: str
    confidence: float
    probabilities: Mapping[str, float] = field(hash=False)
    file: str | None = None
    speaker: str | None = None
    text: str | None = None
    warning: str | None = None
    error: str | None = None

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start

    def to_dict(self) -> dict[str, Any]:
        """The row of `schema.json_row`."""
        empty = dict.fromkeys(("emotion", "confidence", "probabilities")) if self.error else {}
        return json_row(**vars(self) | empty)

    def to_fields(self) -> dict[str, Any]:
        """Plain values without rounding, for `from_fields`."""
        return dict(vars(self))

    @classmethod
    def from_fields(cls, values: Mapping[str, Any]) -> Self:
        """From what `to_fields` returned."""
        return cls(**values)


def by_start(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Sorted by start and channel."""
    return tuple(sorted(segments, key=lambda segment: (segment.start, segment.channel or 0)))


@dataclass(frozen=True)
class Timeline:
    """The segments of a recording.

    Attributes:
        file: Its name as it was given; None: it has none.
        duration: Seconds that were processed.
        channels: How many there are.
        classes: Of the bundle.
        segments: Sorted by start and channel.
    """

    file: str | None
    duration: float
    channels: int
    classes: tuple[str, ...]
    segments: tuple[Segment, ...] = field(repr=False)

    def of_channel(self, channel: int) -> list[Segment]:
        """The segments of a channel; 0 is that of all channels mixed, too."""
        return [segment for segment in self.segments if (segment.channel or 0) == channel]


@dataclass(frozen=True)
class Step:
    """Half a second of speech.

    Attributes:
        start: Seconds.
        end: Seconds.
        probabilities: (classes,), smoothed over time.
        last: Whether its speech region ends with it.
        speech: Whether it is speech; other sounds, which voice activity lets through, are part of no segment.
    """

    start: float
    end: float
    probabilities: tuple[float, ...]
    last: bool
    speech: bool = True


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a channel while nobody speaks on it.

    Attributes:
        frames: Processed so far.
        memory: (2, 1, 128), of the voice activity network.
        context: (64,), the samples that it sees before the next frame.
        emotions: (classes,) probabilities of the smoother.
        spoken: The sample with which the last speech region ended.
        offset: A constant that the channel's samples contain.
        own: What its own baseline has learnt; None: nothing.
        own_steps: Steps since then.
    """

    frames: int
    memory: npt.NDArray[np.float32] = field(repr=False)
    context: npt.NDArray[np.float32] = field(repr=False)
    emotions: npt.NDArray[np.float64] = field(repr=False)
    spoken: int
    offset: float
    own: Sums | None = field(default=None, repr=False)
    own_steps: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Snapshot) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.frames, self.spoken))

    @property
    def seconds(self) -> float:
        """Where it was taken."""
        return self.frames * FRAME / SAMPLE_RATE

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        values = {**vars(self), "own": None if self.own is None else vars(self.own)}
        return _plain(values)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Snapshot":
        """From what `to_dict` returned."""
        arrays: dict[str, Any] = {name: np.array(values[name], np.float32) for name in ("memory", "context")}
        arrays["emotions"] = np.array(values["emotions"], np.float64)
        if values["own"] is not None:
            count, total, squares = (values["own"][name] for name in ("count", "total", "squares"))
            arrays["own"] = Sums(count, np.array(total, np.float64), np.array(squares, np.float64))
        return cls(**{**values, **arrays})


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays as lists."""
    return {
        name: _plain(value) if isinstance(value, dict) else value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in values.items()
    }
