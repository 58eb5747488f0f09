"""Emotion against what is normal for a voice or a line: embeddings less its own, and a last layer for these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

PRIOR = 10.0
"""Recordings that what is known of voices in general counts for, where the deviation of one of them is estimated."""

_LEAST = 0.1  # of the median dimension's deviation: less is taken for so much


class Normal(NamedTuple):
    """What is normal for a voice or a line. centre, deviation: (dim,) of embeddings."""

    centre: Vector
    deviation: Vector


@dataclass(frozen=True)
class Voices:
    """Embeddings of voices in general.

    centre: (dim,) their mean. within: (dim,) deviation of a voice's recordings. between: (dim,) deviation of voices'
    means.
    """

    centre: Vector
    within: Vector
    between: Vector

    @classmethod
    def of(cls, embeddings: npt.NDArray[np.floating], voices: npt.NDArray[np.str_]) -> "Voices":
        """From (recordings, dim) of the voices (recordings,)."""
        groups = [embeddings[voices == voice].astype(np.float64) for voice in np.unique(voices)]
        means = np.stack([group.mean(axis=0) for group in groups])
        within = np.mean([group.var(axis=0) for group in groups], axis=0)
        # A dimension that was the same in nearly all recordings says little; divided by so little, it would say all of
        # one in which it is not.
        spread = np.sqrt(within)
        least = max(1e-3, _LEAST * float(np.median(spread)))
        return cls(means.mean(axis=0), np.maximum(spread, least), np.sqrt(means.var(axis=0) + 1e-6))

    def normal(self, embeddings: npt.NDArray[np.floating]) -> Normal:
        """What is normal for whom (recordings, dim) are of: the fewer they are, the closer to all voices.

        The centre is the best linear unbiased prediction of a group's mean (Robinson 1991); the deviation is drawn
        towards that of voices in general likewise.
        """
        count = len(embeddings)
        weight = (self.within / self.between) ** 2
        centre = (embeddings.sum(axis=0) + weight * self.centre) / (count + weight)
        squares = ((embeddings - centre) ** 2).sum(axis=0)
        return Normal(centre, np.sqrt((squares + PRIOR * self.within**2) / (count + PRIOR)))


@dataclass(frozen=True)
class Relative:
    """The last layer of a model that works against what is normal.

    voices: of its training. weight: (classes, dim). bias: (classes,).
    """

    voices: Voices
    weight: Vector
    bias: Vector

    def logits(self, embeddings: npt.NDArray[np.floating], normal: Normal) -> npt.NDArray[np.float32]:
        """(..., dim) -> (..., classes)."""
        found = (embeddings - normal.centre) / normal.deviation @ self.weight.T + self.bias
        return found.astype(np.float32)

    def softened(self, temperature: float) -> "Relative":
        """The layer whose logits are divided by the temperature."""
        return Relative(self.voices, self.weight / temperature, self.bias / temperature)

    def head(self) -> tuple[Vector, Vector]:
        """The layer as one of embeddings as they are, for nobody in particular: weight and bias as above."""
        nobody = self.voices.normal(np.zeros((0, len(self.voices.centre))))
        weight = self.weight / nobody.deviation
        return weight, self.bias - weight @ nobody.centre

    def to_dict(self) -> dict[str, Any]:
        """For a card, to five significant digits."""
        parts = {**vars(self.voices), "weight": self.weight, "bias": self.bias}
        return {name: _rounded(value) for name, value in parts.items()}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Relative":
        """From what `to_dict` gave."""
        parts = {name: np.array(value, dtype=np.float64) for name, value in found.items()}
        weight, bias = parts.pop("weight"), parts.pop("bias")
        return cls(Voices(**parts), weight, bias)


def _rounded(values: Vector) -> Any:
    return [_rounded(each) for each in values] if values.ndim > 1 else [float(f"{each:.5g}") for each in values]
