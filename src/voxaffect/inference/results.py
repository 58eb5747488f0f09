"""What recognition gives: values that do nothing, and what a stream needs of a recogniser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform
from voxaffect.inference.smoothing import Shares
from voxaffect.inference.voice_activity import FRAME, SAMPLE_RATE


@dataclass(frozen=True)
class Recognition:
    """What was heard in a recording.

    emotion: the most probable class, or "uncertain" where its probability, the confidence, is below the threshold.
    probabilities: class -> probability, summing to 1.
    duration: seconds of the recording. embedding: (dim,) float32, the network's last layer before the classes.
    """

    emotion: str
    confidence: float
    probabilities: Mapping[str, float]
    duration: float
    embedding: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Segment:
    """A stretch of speech in one emotion.

    start, end: seconds from the beginning. channel: counted from 0.
    emotion: the most probable class, or "uncertain" where its probability is below the recogniser's threshold.
    confidence: the highest of the probabilities. probabilities: class -> mean over the segment, summing to 1.
    """

    start: float
    end: float
    channel: int
    emotion: str
    confidence: float
    probabilities: Mapping[str, float]

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class Timeline:
    """What was heard in a recording.

    file: its name. duration: seconds, as far as it was heard. channels: how many there are. classes: of the bundle.
    segments: sorted by start and channel.
    """

    file: str
    duration: float
    channels: int
    classes: tuple[str, ...]
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Moment:
    """A cell of time in which somebody speaks.

    start, end: seconds. shares: (classes,) probabilities, smoothed over time. last: whether its speech ends with it.
    """

    start: float
    end: float
    shares: Shares
    last: bool


@dataclass(frozen=True)
class Snapshot:
    """All that a line knows when nobody speaks on it.

    frames: heard so far. memory, context: of the network that finds speech. emotions: (classes,) of the smoother.
    spoken: the sample with which the last speech ended.
    """

    frames: int
    memory: npt.NDArray[np.float32]
    context: npt.NDArray[np.float32]
    emotions: Shares
    spoken: int

    @property
    def seconds(self) -> float:
        """Where it was taken."""
        return self.frames * FRAME / SAMPLE_RATE

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {name: value if isinstance(value, int) else value.tolist() for name, value in vars(self).items()}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Snapshot":
        """From what `to_dict` gave."""
        memory, context = (np.array(found[name], np.float32) for name in ("memory", "context"))
        return cls(found["frames"], memory, context, np.array(found["emotions"], np.float64), found["spoken"])


class WindowModel(Protocol):
    """A model of windows, as a stream needs one; a `Recognizer` is one."""

    @property
    def name(self) -> str:
        """What messages call it."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the logits."""

    @property
    def sample_rate(self) -> int:
        """Hz."""

    @property
    def shortest(self) -> float:
        """Seconds of the shortest window."""

    @property
    def threshold(self) -> float:
        """Confidence below which the answer is "uncertain"."""

    def logits(self, windows: Sequence[Waveform]) -> npt.NDArray[np.float32]:
        """Windows (samples,) each -> (windows, classes)."""
