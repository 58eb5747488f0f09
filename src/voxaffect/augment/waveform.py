"""Augmentation of waveforms, drawn anew for each clip and epoch."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.augment.ranges import refuse_outside


class OfWaveforms(Protocol):
    """What every augmentation of waveforms can do; parameters are whatever its own `draw` gives."""

    def draw(self, rng: np.random.Generator) -> Any:
        """The parameters."""

    def apply(self, waveform: Waveform, sample_rate: int, parameters: Any) -> Waveform:
        """(samples,) at `sample_rate` Hz -> (samples,)."""


@dataclass(frozen=True)
class Shift:
    """Move the sound by up to `seconds` either way; what leaves is lost and silence (zeros) enters."""

    seconds: float

    def __post_init__(self) -> None:
        refuse_outside("shift", self.seconds, 0, 10)

    def draw(self, rng: np.random.Generator) -> float:
        """Seconds to move by, later if positive."""
        return float(rng.uniform(-self.seconds, self.seconds))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: float) -> Waveform:
        """(samples,) at `sample_rate` Hz -> (samples,)."""
        offset = int(np.clip(round(parameters * sample_rate), -len(waveform), len(waveform)))
        moved = np.zeros_like(waveform)
        if offset >= 0:
            moved[offset:] = waveform[: len(waveform) - offset]
        else:
            moved[:offset] = waveform[-offset:]
        return moved


@dataclass(frozen=True)
class Gain:
    """Louder or softer by up to `decibels`: distance and recording level are not emotion."""

    decibels: float

    def __post_init__(self) -> None:
        refuse_outside("gain", self.decibels, 0, 60)

    def draw(self, rng: np.random.Generator) -> float:
        """Gain in dB."""
        return float(rng.uniform(-self.decibels, self.decibels))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: float) -> Waveform:
        """(samples,) -> (samples,), not clipped."""
        return waveform * np.float32(10 ** (parameters / 20))


class NoiseParameters(NamedTuple):
    """snr: signal-to-noise ratio in dB, or None for no noise; seed: of the noise itself."""

    snr: float | None
    seed: int


@dataclass(frozen=True)
class Noise:
    """White noise at a ratio between `low` and `high` dB, in a share `probability` of clips."""

    low: float
    high: float
    probability: float

    def __post_init__(self) -> None:
        refuse_outside("noise_low", self.low, -20, 100)
        refuse_outside("noise_high", self.high, self.low, 100)
        refuse_outside("noise_probability", self.probability, 0, 1)

    def draw(self, rng: np.random.Generator) -> NoiseParameters:
        """Whether, how much, and which noise."""
        chosen, snr, seed = rng.random() < self.probability, rng.uniform(self.low, self.high), rng.integers(2**32)
        return NoiseParameters(float(snr) if chosen else None, int(seed))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: NoiseParameters) -> Waveform:
        """(samples,) -> (samples,). The ratio is of mean powers over the whole clip."""
        if parameters.snr is None:
            return waveform
        noise = np.random.default_rng(parameters.seed).standard_normal(len(waveform), dtype=np.float32)
        level = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)) / 10 ** (parameters.snr / 10))
        return waveform + noise * np.float32(level)
