"""Augmentation of spectrograms and batches: operators alone, so that NumPy's arrays and PyTorch's tensors both do."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.augment.ranges import refuse_outside

Matrix = npt.NDArray[np.float32]


class WarpParameters(NamedTuple):
    """Two matrices of interpolation weights: mel (n_mels, n_mels), time (frames, frames), or batches."""

    mel: Any
    time: Any


@dataclass(frozen=True)
class Warp:
    """Stretch a spectrogram by up to a share `mel` in frequency and `time` in time, by linear interpolation.

    A cheap stand-in for another vocal tract (Jaitly & Hinton 2013) and another rate of speech.
    """

    mel: float
    time: float

    def __post_init__(self) -> None:
        refuse_outside("warp_mel", self.mel, 0, 0.9)
        refuse_outside("warp_time", self.time, 0, 0.9)

    def draw(self, rng: np.random.Generator, shape: tuple[int, int]) -> WarpParameters:
        """For a spectrogram of that shape (n_mels, frames)."""
        mel, time = rng.uniform(1 - self.mel, 1 + self.mel), rng.uniform(1 - self.time, 1 + self.time)
        n_mels, frames = shape
        # In frequency about the bottom, as a vocal tract scales; in time about the middle of the window.
        return WarpParameters(_interpolation(n_mels, mel, 0.0), _interpolation(frames, time, (frames - 1) / 2).T)

    def apply(self, x: Any, parameters: WarpParameters) -> Any:
        """(..., n_mels, frames) -> the same shape."""
        return parameters.mel @ x @ parameters.time


@dataclass(frozen=True)
class Masks:
    """Blank `count` bands of up to `mel` mel bands and `count` spans of up to `frames` frames (SpecAugment, Park 2019).

    Blank is zero, the mean of a normalised spectrogram.
    """

    count: int
    mel: int
    frames: int

    def __post_init__(self) -> None:
        refuse_outside("mask_count", self.count, 0, 20)
        refuse_outside("mask_mel", self.mel, 0, 1000)
        refuse_outside("mask_frames", self.frames, 0, 100_000)

    def draw(self, rng: np.random.Generator, shape: tuple[int, int]) -> Matrix:
        """What to keep: (n_mels, frames) of 0 and 1."""
        keep = np.ones(shape, np.float32)
        for _ in range(self.count):
            for view, widest in ((keep, self.mel), (keep.T, self.frames)):
                width = int(rng.integers(min(widest, len(view)) + 1))
                start = int(rng.integers(len(view) - width + 1))
                view[start : start + width] = 0
        return keep

    def apply(self, x: Any, keep: Any) -> Any:
        """(..., n_mels, frames) -> the same shape."""
        return x * keep


class MixStyleParameters(NamedTuple):
    """partner: (batch,) which other clip; share: (batch,) float32 how much of one's own statistics is kept."""

    partner: npt.NDArray[np.int64]
    share: Matrix


@dataclass(frozen=True)
class MixStyle:
    """Give a clip, in a share `probability` of all, bands' means and deviations between its own and another clip's.

    MixStyle (Zhou et al. 2021) in frequency, as Kim et al. 2022 do against unknown microphones.
    Shares are drawn from Beta(alpha, alpha); of clips of several corpora, many a partner is of another one.
    """

    alpha: float = 0.3
    probability: float = 0.5

    def __post_init__(self) -> None:
        refuse_outside("mixstyle_alpha", self.alpha, 0.01, 10)
        refuse_outside("mixstyle_probability", self.probability, 0, 1)

    def draw(self, rng: np.random.Generator, batch: int) -> MixStyleParameters:
        """Partners and shares for a batch of that size."""
        share = np.where(rng.random(batch) < self.probability, rng.beta(self.alpha, self.alpha, batch), 1.0)
        return MixStyleParameters(rng.permutation(batch), share.astype(np.float32))

    def apply(self, x: Any, partner: Any, share: Any) -> Any:
        """A tensor of PyTorch's, (batch, n_mels, frames) -> the same shape; `share` must broadcast against x."""
        mean, deviation = x.mean(-1, keepdim=True), x.std(-1, keepdim=True) + 1e-3
        mixed_mean = share * mean + (1 - share) * mean[partner]
        mixed_deviation = share * deviation + (1 - share) * deviation[partner]
        return (x - mean) / deviation * mixed_deviation + mixed_mean


class MixupParameters(NamedTuple):
    """partner: (batch,) which other clip; share: (batch,) float32 how much of oneself is kept, 0.5 to 1."""

    partner: npt.NDArray[np.int64]
    share: Matrix


@dataclass(frozen=True)
class Mixup:
    """Mix each clip and its label with another of the batch (Zhang et al. 2018), share from Beta(alpha, alpha)."""

    alpha: float

    def __post_init__(self) -> None:
        refuse_outside("mixup", self.alpha, 0, 10)

    def draw(self, rng: np.random.Generator, batch: int) -> MixupParameters:
        """Partners and shares for a batch of that size."""
        partner = rng.permutation(batch)
        if self.alpha == 0:
            return MixupParameters(partner, np.ones(batch, np.float32))
        share = rng.beta(self.alpha, self.alpha, batch).astype(np.float32)
        return MixupParameters(partner, np.maximum(share, 1 - share))

    def apply(self, x: Any, partner: Any, share: Any) -> Any:
        """(batch, ...) -> the same shape; `share` must broadcast against x."""
        return x * share + x[partner] * (1 - share)


def _interpolation(size: int, factor: float, centre: float) -> Matrix:
    """Rows of weights that read position `centre + (i - centre) * factor` of a vector, edges held: (size, size)."""
    position = np.clip(centre + (np.arange(size) - centre) * factor, 0, size - 1)
    low = np.minimum(position.astype(int), max(size - 2, 0))
    weight = (position - low).astype(np.float32)
    matrix = np.zeros((size, size), np.float32)
    matrix[np.arange(size), low] = 1 - weight
    matrix[np.arange(size), np.minimum(low + 1, size - 1)] += weight
    return matrix
