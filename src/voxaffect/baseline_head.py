"""The baseline head: a second output layer, for embeddings normalised by the statistics of a speaker or line."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.card import BaselineHeadRecord

Vector = npt.NDArray[np.float64]

PRIOR = 10.0
"""Recordings that the population counts for, where the deviation of a few recordings is estimated."""

_LEAST = 0.1  # of the median dimension's deviation, which no deviation falls below


class Statistics(NamedTuple):
    """Mean and deviation of a speaker's or line's embeddings, (dim,) each."""

    mean: Vector
    std: Vector


@dataclass(frozen=True, eq=False)
class Population:
    """Statistics of many speakers.

    Attributes:
        mean: Of embeddings, (dim,).
        within_std: Deviation of one speaker's embeddings, (dim,).
        between_std: Deviation of speakers' means, (dim,).
        own_std: Whether a speaker's embeddings are divided by their own deviation, and not by `within_std`.
    """

    mean: Vector
    within_std: Vector
    between_std: Vector
    own_std: bool = True

    @classmethod
    def of(cls, embeddings: npt.NDArray[np.floating], speakers: npt.NDArray[np.str_]) -> "Population":
        """From embeddings (recordings, dim) of speakers (recordings,)."""
        groups = [embeddings[speakers == speaker].astype(np.float64) for speaker in np.unique(speakers)]
        means = np.stack([group.mean(axis=0) for group in groups])
        within = np.mean([group.var(axis=0) for group in groups], axis=0)
        # A dimension that was the same in nearly all recordings holds little information; divided by so small a
        # deviation it would outweigh all other dimensions in a recording where it differs.
        spread = np.sqrt(within)
        least = max(1e-3, _LEAST * float(np.median(spread)))
        return cls(means.mean(axis=0), np.maximum(spread, least), np.sqrt(means.var(axis=0) + 1e-6))

    def estimate(self, embeddings: npt.NDArray[np.floating]) -> Statistics:
        """The statistics of one speaker from embeddings (recordings, dim); the fewer, the closer to the population's.

        The mean is the best linear unbiased prediction of a group's mean (Robinson 1991); the deviation is drawn
        towards that within speakers likewise.
        """
        count = len(embeddings)
        weight = (self.within_std / self.between_std) ** 2
        mean = (embeddings.sum(axis=0) + weight * self.mean) / (count + weight)
        if not self.own_std:
            return Statistics(mean, self.within_std)
        squares = ((embeddings - mean) ** 2).sum(axis=0)
        return Statistics(mean, np.sqrt((squares + PRIOR * self.within_std**2) / (count + PRIOR)))


@dataclass(frozen=True, eq=False)
class BaselineHead:
    """The output layer for normalised embeddings.

    Attributes:
        population: The speakers it was trained on.
        weight: (classes, dim).
        bias: (classes,).
    """

    population: Population
    weight: Vector
    bias: Vector

    def logits(self, embeddings: npt.NDArray[np.floating], statistics: Statistics) -> npt.NDArray[np.float32]:
        """Embeddings (..., dim) of the speaker of these statistics -> logits (..., classes)."""
        normalised = (embeddings - statistics.mean) / statistics.std
        return (normalised @ self.weight.T + self.bias).astype(np.float32)

    def scaled(self, temperature: float) -> "BaselineHead":
        """The layer whose logits are divided by the temperature."""
        return BaselineHead(self.population, self.weight / temperature, self.bias / temperature)

    def without_baseline(self) -> tuple[Vector, Vector]:
        """Weight and bias of the equivalent layer for embeddings as they are, of a speaker with no recordings yet."""
        prior = self.population.estimate(np.zeros((0, len(self.population.mean))))
        weight = self.weight / prior.std
        return weight, self.bias - weight @ prior.mean

    def to_record(self) -> BaselineHeadRecord:
        """For a card, to five significant digits."""
        population, weight = self.population, tuple(map(_rounded, self.weight))
        return BaselineHeadRecord(
            _rounded(population.mean),
            _rounded(population.within_std),
            _rounded(population.between_std),
            weight,
            _rounded(self.bias),
            population.own_std,
        )

    @classmethod
    def from_record(cls, record: BaselineHeadRecord) -> "BaselineHead":
        """From a card."""
        mean, within, between = map(np.array, (record.mean, record.within_std, record.between_std))
        population = Population(mean, within, between, record.own_std)
        return cls(population, np.array(record.weight), np.array(record.bias))


def _rounded(values: Vector) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
