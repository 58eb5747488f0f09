"""Augmented copies that are made once and added to the training clips, each doubling them.

They are those of Reza Chu, "Speech Emotion Recognition with Convolutional Neural Network" (2019), and of its notebook,
with their exact ranges. Pitch and stretch are librosa's phase vocoder, as there.
"""

import dataclasses
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError, missing_extra
from voxaffect.labels import Scheme


class Copy(Protocol):
    """What makes a copy: parameters are a tuple of numbers, so that a copy on disk can be known by them."""

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """The parameters."""

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) at `sample_rate` Hz -> (any,)."""


@dataclass(frozen=True)
class Louder:
    """Times U(1.5, 3), clipped nowhere; the article's "dynamic change"."""

    low: float = 1.5
    high: float = 3.0

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """(factor,)."""
        return (float(rng.uniform(self.low, self.high)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) -> (samples,)."""
        return waveform * np.float32(parameters[0])


@dataclass(frozen=True)
class Pitch:
    """Raised by U(0, 4) semitones, the length kept."""

    semitones: float = 4.0

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """(semitones,)."""
        return (float(rng.uniform(0, self.semitones)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) -> (samples,)."""
        effects = _librosa_effects()
        return effects.pitch_shift(waveform, sr=sample_rate, n_steps=parameters[0], res_type="soxr_hq")


@dataclass(frozen=True)
class Roll:
    """Moved by U(-5, 5) x 500 samples; what leaves at one end enters at the other."""

    steps: float = 5.0
    step: int = 500

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """(samples,)."""
        return (float(int(rng.uniform(-self.steps, self.steps) * self.step)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) -> (samples,)."""
        return np.roll(waveform, int(parameters[0]))


@dataclass(frozen=True)
class Hiss:
    """White Gaussian noise whose deviation is 0.005 x U(0, 1) of the clip's highest sample."""

    amplitude: float = 0.005

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """(share of the highest sample, seed of the noise)."""
        return (float(self.amplitude * rng.uniform()), float(rng.integers(2**32)))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) -> (samples,)."""
        share, seed = parameters
        noise = np.random.default_rng(int(seed)).standard_normal(len(waveform), dtype=np.float32)
        return waveform + noise * np.float32(share * waveform.max())


@dataclass(frozen=True)
class Stretch:
    """Played at 0.8 of the speed, so 1.25 times as long, the pitch kept."""

    rate: float = 0.8

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """(rate,); nothing is random in it."""
        return (self.rate,)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) -> (samples / rate,)."""
        return _librosa_effects().time_stretch(waveform, rate=parameters[0])


@dataclass(frozen=True)
class SpeedAndPitch:
    """Shortened to U(0.8, 1) of its length by reading samples faster, so higher too; silence fills what is left."""

    shortest: float = 0.8

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """(share of the length,)."""
        return (float(rng.uniform(self.shortest, 1)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """(samples,) -> (samples,)."""
        samples = np.arange(len(waveform))
        faster = np.interp(np.arange(0, len(waveform), 1 / parameters[0]), samples, waveform)
        return np.pad(faster, (0, len(waveform)))[: len(waveform)].astype(np.float32)


COPIES: dict[str, Copy] = {
    "gain": Louder(),
    "pitch": Pitch(),
    "shift": Roll(),
    "noise": Hiss(),
    "stretch": Stretch(),
    "speed-pitch": SpeedAndPitch(),
}


def copied(utterances: Iterable[Utterance], kind: str) -> list[Utterance]:
    """The utterances again, to be heard as copies of that kind, with ids of their own (`...+noise`).

    Raises SettingsError for a kind that is not in COPIES.
    """
    if kind not in COPIES:
        raise SettingsError(f"copies of kind {kind!r} are not known; choose among {', '.join(COPIES)}")
    return [dataclasses.replace(each, id=f"{each.id}+{kind}", copy=kind) for each in utterances]


def augmented(
    utterances: Iterable[Utterance], kinds: Sequence[str], classes: Sequence[str], scheme: Scheme
) -> list[Utterance]:
    """The copies of each kind of those utterances whose class is among `classes` (empty: all of the scheme).

    Raises SettingsError for a class that the scheme does not have.
    """
    for name in classes:
        if name not in scheme.classes:
            raise SettingsError(
                f"copies.classes: {name!r} is not in scheme {scheme.name}; choose among {', '.join(scheme.classes)}"
            )
    wanted = {scheme.classes.index(name) for name in classes or scheme.classes}
    chosen = [each for each in utterances if scheme.index_of(each) in wanted]
    return [copy for kind in kinds for copy in copied(chosen, kind)]


def draw(utterance: Utterance, seed: int) -> tuple[float, ...]:
    """The parameters of an utterance's copy: the same for (seed, utterance, kind), whatever else is copied."""
    rng = np.random.default_rng((seed, zlib.crc32(utterance.id.encode())))
    return COPIES[utterance.copy].draw(rng)


def _librosa_effects() -> Any:
    try:
        import librosa.effects
    except ImportError as error:
        raise missing_extra("train", error) from error
    return librosa.effects
