"""The baseline head: a second output layer, for embeddings normalised by what is normal for a line or a voice."""

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.card import BaselineHeadRecord, Shrinkage

Vector = npt.NDArray[np.float64]

PRIOR = 10.0
"""Recordings that the population counts for, where the deviation of a few recordings is estimated."""

_LEAST = 0.1  # of the median dimension's deviation, which no deviation falls below


@dataclass(frozen=True, eq=False)
class Sums:
    """What is remembered of recordings of a line or a voice: `BaselineHead.sums` makes them.

    Sums of parts add up to those of the whole.

    Attributes:
        count: How many recordings they are of.
        total: Of their embeddings, (dim,).
        squares: Of the embeddings, (dim,), where a head divides by their own deviation; of their logits against the
            training mean, (classes,), where it goes by means alone.

    Examples:
        >>> one = Sums(1, np.array([2.0]), np.array([4.0]))
        >>> (one + one).total
        array([4.])
    """

    count: int
    total: Vector
    squares: Vector

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.count + other.count, self.total + other.total, self.squares + other.squares)


class Statistics(NamedTuple):
    """What embeddings are normalised by: a mean that is subtracted and a deviation that divides, (dim,) each."""

    mean: Vector
    std: Vector


@dataclass(frozen=True, eq=False)
class Population:
    """Statistics of many speakers, of whom one is normalised by the mean and the deviation of his or her own.

    Attributes:
        mean: Of embeddings, (dim,).
        within_std: Deviation of one speaker's embeddings, (dim,).
        between_std: Deviation of speakers' means, (dim,).
    """

    mean: Vector
    within_std: Vector
    between_std: Vector

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

    def sums(self, embeddings: npt.NDArray[np.floating]) -> Sums:
        """What `estimate` needs of embeddings (recordings, dim)."""
        rows = embeddings.astype(np.float64)
        return Sums(len(rows), rows.sum(axis=0), (rows**2).sum(axis=0))

    def estimate(self, sums: Sums | None, mean: Vector | None = None) -> Statistics:
        """The statistics of one speaker; the fewer recordings, the closer to the population's.

        The mean is the best linear unbiased prediction of a group's mean (Robinson 1991); the deviation is drawn
        towards that within speakers likewise.

        Args:
            sums: Of the speaker's recordings.
            mean: That the speaker's is drawn towards; None: the population's.
        """
        mean = self.mean if mean is None else mean
        if sums is None:
            return Statistics(mean, self.within_std)
        own = _shrunk(mean, sums, (self.within_std / self.between_std) ** 2)
        # Rounding may leave a little less than nothing of recordings that are all alike.
        squares = np.maximum(sums.squares - 2 * own * sums.total + sums.count * own**2, 0)
        return Statistics(own, np.sqrt((squares + PRIOR * self.within_std**2) / (sums.count + PRIOR)))


@dataclass(frozen=True, eq=False)
class Means:
    """Statistics of the training recordings, where a line or a voice is normalised by its mean alone.

    Attributes:
        mean: Of embeddings, (dim,).
        std: Deviation of one speaker's embeddings, (dim,), which divides those of everybody.
        shrinkage: How far means of few recordings are trusted.
    """

    mean: Vector
    std: Vector
    shrinkage: Shrinkage


@dataclass(frozen=True, eq=False)
class BaselineHead:
    """The output layer for normalised embeddings.

    Attributes:
        population: The recordings it was trained on, and what it normalises by.
        weight: (classes, dim).
        bias: (classes,).
    """

    population: Population | Means
    weight: Vector
    bias: Vector

    def sums(self, embeddings: npt.NDArray[np.floating]) -> Sums:
        """What `statistics` needs of embeddings (recordings, dim)."""
        if isinstance(self.population, Population):
            return self.population.sums(embeddings)
        rows = embeddings.astype(np.float64)
        return Sums(len(rows), rows.sum(axis=0), (self._evidence(rows) ** 2).sum(axis=0))

    def statistics(self, line: Sums | None = None, voice: Sums | None = None) -> Statistics:
        """What is normal: the training mean, the line's and the voice's, each drawn towards the one before.

        A voice that has been heard in one emotion alone would have that emotion as its normal. Its recordings are
        alike, so they count for less: their number is multiplied by the scatter of their logits, as a share of that of
        a training voice. Where the line is not known, they count in full: they also tell what is normal for the line,
        which matters more.

        Args:
            line: Of recordings of the line, by whatever voices; None: there are none.
            voice: Of recordings of the voice; None: there are none.
        """
        known = self.population
        if isinstance(known, Population):
            if line is None or voice is None:
                return known.estimate(line or voice)
            return known.estimate(voice, known.estimate(line).mean)
        mean = known.mean if line is None else _shrunk(known.mean, line, known.shrinkage.line_weight)
        if voice is not None:
            share = 1.0 if line is None else self.variety(voice)
            mean = _shrunk(mean, voice, known.shrinkage.voice_weight, share)
        return Statistics(mean, known.std)

    def variety(self, voice: Sums) -> float:
        """How varied recordings of a voice are, in [0, 1]: 1 if as varied as those of a training voice, or more so."""
        known = self.population
        if isinstance(known, Population) or not voice.count:
            return 1.0
        scatter = voice.squares / voice.count - self._evidence(voice.total / voice.count) ** 2
        return float(np.clip(scatter.sum() / known.shrinkage.scatter, 0, 1))

    def logits(self, embeddings: npt.NDArray[np.floating], statistics: Statistics) -> npt.NDArray[np.float32]:
        """Embeddings (..., dim) of the speaker of these statistics -> logits (..., classes)."""
        normalised = (embeddings - statistics.mean) / statistics.std
        return (normalised @ self.weight.T + self.bias).astype(np.float32)

    def scaled(self, temperature: float) -> "BaselineHead":
        """The layer whose logits are divided by the temperature."""
        population = self.population
        if isinstance(population, Means):
            scatter = population.shrinkage.scatter / temperature**2
            shrinkage = dataclasses.replace(population.shrinkage, scatter=scatter)
            population = dataclasses.replace(population, shrinkage=shrinkage)
        return BaselineHead(population, self.weight / temperature, self.bias / temperature)

    def without_baseline(self) -> tuple[Vector, Vector]:
        """Weight and bias of the equivalent layer for embeddings as they are, of a speaker with no recordings yet."""
        prior = self.statistics()
        weight = self.weight / prior.std
        return weight, self.bias - weight @ prior.mean

    def to_record(self) -> BaselineHeadRecord:
        """For a card, to five significant digits."""
        known, layer = self.population, (tuple(map(_rounded, self.weight)), _rounded(self.bias))
        if isinstance(known, Population):
            within, between = _rounded(known.within_std), _rounded(known.between_std)
            return BaselineHeadRecord(_rounded(known.mean), within, *layer, between_std=between)
        return BaselineHeadRecord(_rounded(known.mean), _rounded(known.std), *layer, shrinkage=known.shrinkage)

    @classmethod
    def from_record(cls, record: BaselineHeadRecord) -> "BaselineHead":
        """From a card."""
        mean, within, weight, bias = map(np.array, (record.mean, record.within_std, record.weight, record.bias))
        if record.shrinkage is not None:
            return cls(Means(mean, within, record.shrinkage), weight, bias)
        return cls(Population(mean, within, np.array(record.between_std)), weight, bias)

    def _evidence(self, embeddings: Vector) -> Vector:
        """Embeddings (..., dim) -> logits (..., classes) against the training mean, less their mean over classes."""
        weight = self.weight - self.weight.mean(axis=0)
        return np.asarray((embeddings - self.population.mean) / self.statistics().std @ weight.T)


def _shrunk(mean: Vector, sums: Sums, weight: Vector | float, share: float = 1.0) -> Vector:
    """The mean of recordings, each counted for a share, and of `weight` recordings at `mean`: exactly that of none."""
    return mean + share * (sums.total - sums.count * mean) / (share * sums.count + weight)


def _rounded(values: Vector) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
