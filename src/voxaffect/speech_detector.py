"""The speech detector: a linear layer that tells embeddings of speech from those of every other sound."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect.card import SpeechDetectorRecord

Vector = npt.NDArray[np.float64]

SECONDS = 2.0
"""Of a recording, that must sound like speech: pauses and rooms around somebody who speaks may be longer than that."""


@dataclass(frozen=True, eq=False)
class SpeechDetector:
    """The layer.

    Attributes:
        weight: (dim,).
        bias: Such that 0 is the lowest score of speech.

    Examples:
        >>> SpeechDetector(np.array([1.0, 0.0]), -2.0).scores(np.array([[3.0, 5.0], [1.0, 5.0]]))
        array([ 1., -1.])
    """

    weight: Vector
    bias: float

    def scores(self, embeddings: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """(..., dim) -> (...,), 0 or more where somebody speaks."""
        return np.asarray(embeddings @ self.weight + self.bias)

    def checksum(self) -> str:
        """SHA-256, in hexadecimal."""
        return hashlib.sha256(np.append(self.weight, self.bias).tobytes()).hexdigest()

    @classmethod
    def from_record(cls, record: SpeechDetectorRecord) -> "SpeechDetector":
        """From a card."""
        return cls(np.array(record.weight), record.bias)

    def to_record(self, missed: Mapping[str, float]) -> SpeechDetectorRecord:
        """For a card, to five significant digits."""
        weight, (bias,) = (tuple(float(f"{each:.5g}") for each in part) for part in (self.weight, (self.bias,)))
        return SpeechDetectorRecord(weight, bias, missed)


def highest(scores: npt.NDArray[np.floating], weights: npt.NDArray[np.floating], size: int) -> float:
    """The highest weighted mean of so many scores in a row, or of all if there are fewer.

    Args:
        scores: (frames,).
        weights: (frames,), above 0.
        size: Frames, 1 or more.

    Examples:
        >>> highest(np.array([0.0, 4.0, 2.0]), np.ones(3), 2)
        3.0
    """
    size = min(size, len(scores))
    sums = [np.convolve(each.astype(np.float64), np.ones(size), "valid") for each in (scores * weights, weights)]
    return float((sums[0] / sums[1]).max())
