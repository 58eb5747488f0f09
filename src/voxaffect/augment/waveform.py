"""Augmentations of waveforms, drawn anew for each clip and epoch."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.augment.ranges import check_ranges


class WaveformAugmentation(Protocol):
    """An augmentation of waveforms. Its parameters are whatever its own `draw` gives."""

    def draw(self, rng: np.random.Generator) -> Any:
        """Draw the parameters."""

    def apply(self, waveform: Waveform, sample_rate: int, parameters: Any) -> Waveform:
        """Augment a waveform: (samples,) at `sample_rate` Hz -> (samples,)."""


@dataclass(frozen=True)
class Shift:
    """Shift a clip in time. What leaves is lost; silence enters.

    Args:
        seconds: At most, earlier or later; 0 to 10.

    Examples:
        >>> Shift(1.0).apply(np.ones(4, np.float32), 2, 0.5).tolist()
        [0.0, 1.0, 1.0, 1.0]
    """

    seconds: float

    def __post_init__(self) -> None:
        check_ranges("shift", self, seconds=(0, 10))

    def draw(self, rng: np.random.Generator) -> float:
        """Draw the shift, in seconds; positive is later."""
        return float(rng.uniform(-self.seconds, self.seconds))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: float) -> Waveform:
        """Shift a waveform: (samples,) at `sample_rate` Hz -> (samples,)."""
        offset = int(np.clip(round(parameters * sample_rate), -len(waveform), len(waveform)))
        moved = np.zeros_like(waveform)
        if offset >= 0:
            moved[offset:] = waveform[: len(waveform) - offset]
        else:
            moved[:offset] = waveform[-offset:]
        return moved


@dataclass(frozen=True)
class Gain:
    """Make a clip louder or softer: distance and recording level are not emotion.

    Args:
        decibels: At most, up or down; 0 to 60.

    Examples:
        >>> Gain(20).apply(np.ones(2, np.float32), 16_000, -20.0).tolist()
        [0.10000000149011612, 0.10000000149011612]
    """

    decibels: float

    def __post_init__(self) -> None:
        check_ranges("gain", self, decibels=(0, 60))

    def draw(self, rng: np.random.Generator) -> float:
        """Draw the gain, in dB."""
        return float(rng.uniform(-self.decibels, self.decibels))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: float) -> Waveform:
        """Scale a waveform, without clipping: (samples,) -> (samples,)."""
        return waveform * np.float32(10 ** (parameters / 20))


class NoiseParameters(NamedTuple):
    """Parameters of `Noise`.

    Attributes:
        snr: Signal-to-noise ratio in dB; None: no noise.
        seed: Of the noise itself.
    """

    snr: float | None
    seed: int


@dataclass(frozen=True)
class Noise:
    """Add white noise to some clips.

    Args:
        low: Lowest signal-to-noise ratio, dB; -20 to 100.
        high: Highest signal-to-noise ratio, dB; `low` to 100.
        probability: Share of clips that get noise, 0 to 1.
    """

    low: float
    high: float
    probability: float

    def __post_init__(self) -> None:
        check_ranges("noise", self, low=(-20, 100), high=(self.low, 100), probability=(0, 1))

    def draw(self, rng: np.random.Generator) -> NoiseParameters:
        """Draw whether there is noise, its ratio and its seed."""
        chosen, snr, seed = rng.random() < self.probability, rng.uniform(self.low, self.high), rng.integers(2**32)
        return NoiseParameters(float(snr) if chosen else None, int(seed))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: NoiseParameters) -> Waveform:
        """Add the noise, at a ratio of mean powers over the whole clip: (samples,) -> (samples,)."""
        if parameters.snr is None:
            return waveform
        noise = np.random.default_rng(parameters.seed).standard_normal(len(waveform), dtype=np.float32)
        level = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)) / 10 ** (parameters.snr / 10))
        return waveform + noise * np.float32(level)
