"""Augmentations of spectrograms and batches, by operators that NumPy arrays and PyTorch tensors share."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.augment.ranges import check_ranges

_Array = npt.NDArray[np.float32]


class WarpParameters(NamedTuple):
    """Parameters of `Warp`: matrices of interpolation weights, of one clip or of a batch.

    Attributes:
        mel: (n_mels, n_mels).
        time: (frames, frames).
    """

    mel: Any
    time: Any


@dataclass(frozen=True)
class Warp:
    """Stretch a spectrogram in frequency and time, by linear interpolation.

    A cheap approximation of another vocal tract and another rate of speech.

    Args:
        mel: Largest change in frequency, as a fraction, 0 to 0.9.
        time: Largest change in time, as a fraction, 0 to 0.9.

    Source:
        Jaitly & Hinton (2013), "Vocal tract length perturbation (VTLP) improves speech recognition", ICML workshop.
    """

    mel: float
    time: float

    def __post_init__(self) -> None:
        check_ranges("warp", self, mel=(0, 0.9), time=(0, 0.9))

    def draw(self, rng: np.random.Generator, shape: tuple[int, int]) -> WarpParameters:
        """Draw the parameters for a spectrogram of shape (n_mels, frames)."""
        mel, time = rng.uniform(1 - self.mel, 1 + self.mel), rng.uniform(1 - self.time, 1 + self.time)
        n_mels, frames = shape
        # In frequency about the bottom, as a vocal tract scales; in time about the middle of the window.
        return WarpParameters(_interpolation(n_mels, mel, 0.0), _interpolation(frames, time, (frames - 1) / 2).T)

    def apply(self, x: Any, parameters: WarpParameters) -> Any:
        """Warp spectrograms: (..., n_mels, frames) -> the same shape."""
        return parameters.mel @ x @ parameters.time


@dataclass(frozen=True)
class Masks:
    """Blank bands and spans of a spectrogram: set them to zero, the mean of a normalised spectrogram.

    Args:
        count: How many bands and how many spans, 0 to 20.
        mel: Largest width of a band, in mel bands.
        frames: Largest width of a span, in frames.

    Source:
        Park et al. (2019), "SpecAugment: A simple data augmentation method for automatic speech recognition",
        Interspeech.
    """

    count: int
    mel: int
    frames: int

    def __post_init__(self) -> None:
        check_ranges("masks", self, count=(0, 20), mel=(0, 1000), frames=(0, 100_000))

    def draw(self, rng: np.random.Generator, shape: tuple[int, int]) -> _Array:
        """Draw a mask for a spectrogram of shape (n_mels, frames): 0 where it is blanked, 1 elsewhere."""
        keep = np.ones(shape, np.float32)
        for _ in range(self.count):
            for view, widest in ((keep, self.mel), (keep.T, self.frames)):
                width = int(rng.integers(min(widest, len(view)) + 1))
                start = int(rng.integers(len(view) - width + 1))
                view[start : start + width] = 0
        return keep

    def apply(self, x: Any, keep: Any) -> Any:
        """Mask spectrograms: (..., n_mels, frames) -> the same shape."""
        return x * keep


class Partners(NamedTuple):
    """Parameters of `MixStyle` and `Mixup`.

    Attributes:
        partner: (batch,) int64, the index of another clip.
        share: (batch,) float32, the weight of the clip itself, 0 to 1.
    """

    partner: npt.NDArray[np.int64]
    share: _Array


@dataclass(frozen=True)
class MixStyle:
    """Mix the mean and the standard deviation of each band with those of another clip of the batch.

    Makes a model less dependent on microphones. Other corpora give many of the partners if a batch has several corpora.

    Args:
        alpha: The weights are drawn from Beta(alpha, alpha); 0.01 to 10.
        probability: Share of clips that are mixed, 0 to 1.

    Source:
        Zhou et al. (2021), "Domain generalization with MixStyle", ICLR; by frequency band as Kim et al. (2022) do.
    """

    alpha: float = 0.3
    probability: float = 0.5

    def __post_init__(self) -> None:
        check_ranges("mixstyle", self, alpha=(0.01, 10), probability=(0, 1))

    def draw(self, rng: np.random.Generator, batch: int) -> Partners:
        """Draw partners and weights for a batch of that size."""
        share = np.where(rng.random(batch) < self.probability, rng.beta(self.alpha, self.alpha, batch), 1.0)
        return Partners(rng.permutation(batch), share.astype(np.float32))

    def apply(self, x: Any, partner: Any, share: Any) -> Any:
        """Mix statistics of PyTorch tensors: (batch, n_mels, frames) -> the same shape. `share` must broadcast to x."""
        mean, deviation = x.mean(-1, keepdim=True), x.std(-1, keepdim=True) + 1e-3
        mixed_mean = share * mean + (1 - share) * mean[partner]
        mixed_deviation = share * deviation + (1 - share) * deviation[partner]
        return (x - mean) / deviation * mixed_deviation + mixed_mean


@dataclass(frozen=True)
class Mixup:
    """Mix each clip and its target with another of the batch.

    Args:
        alpha: The weights are drawn from Beta(alpha, alpha), 0 to 10; 0: clips stay as they are.

    Source:
        Zhang et al. (2018), "mixup: Beyond empirical risk minimization", ICLR.
    """

    alpha: float

    def __post_init__(self) -> None:
        check_ranges("mixup", self, alpha=(0, 10))

    def draw(self, rng: np.random.Generator, batch: int) -> Partners:
        """Draw partners and weights for a batch of that size."""
        partner = rng.permutation(batch)
        if self.alpha == 0:
            return Partners(partner, np.ones(batch, np.float32))
        share = rng.beta(self.alpha, self.alpha, batch).astype(np.float32)
        return Partners(partner, np.maximum(share, 1 - share))

    def apply(self, x: Any, partner: Any, share: Any) -> Any:
        """Mix clips or targets: (batch, ...) -> the same shape. `share` must broadcast to x."""
        return x * share + x[partner] * (1 - share)


def _interpolation(size: int, factor: float, centre: float) -> _Array:
    """Weights that read a vector at `centre + (i - centre) * factor`, with its edges repeated: (size, size)."""
    position = np.clip(centre + (np.arange(size) - centre) * factor, 0, size - 1)
    low = np.minimum(position.astype(int), max(size - 2, 0))
    weight = (position - low).astype(np.float32)
    matrix = np.zeros((size, size), np.float32)
    matrix[np.arange(size), low] = 1 - weight
    matrix[np.arange(size), np.minimum(low + 1, size - 1)] += weight
    return matrix
