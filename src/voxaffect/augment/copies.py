"""Augmented copies that are made once and added to the training clips; each kind doubles them.

Kinds and ranges are those of the article. Pitch and stretch use librosa's phase vocoder, as its notebook does.

Source:
    Reza Chu (2019), "Speech Emotion Recognition with Convolutional Neural Network".
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
    """A kind of copy. Its parameters are a tuple of numbers, so that they can name a copy in the cache."""

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw the parameters."""

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) at `sample_rate` Hz -> a waveform, of another length if the kind changes it."""


@dataclass(frozen=True)
class Louder:
    """Multiply by U(low, high), without clipping; the article's "dynamic change"."""

    low: float = 1.5
    high: float = 3.0

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw (factor,)."""
        return (float(rng.uniform(self.low, self.high)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) -> (samples,)."""
        return waveform * np.float32(parameters[0])


@dataclass(frozen=True)
class PitchShift:
    """Raise the pitch by U(0, `semitones`); the length stays."""

    semitones: float = 4.0

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw (semitones,)."""
        return (float(rng.uniform(0, self.semitones)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) -> (samples,)."""
        effects = _librosa_effects()
        return effects.pitch_shift(waveform, sr=sample_rate, n_steps=parameters[0], res_type="soxr_hq")


@dataclass(frozen=True)
class Roll:
    """Roll by U(-`steps`, `steps`) x `step` samples: what leaves at one end enters at the other."""

    steps: float = 5.0
    step: int = 500

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw (samples,)."""
        return (float(int(rng.uniform(-self.steps, self.steps) * self.step)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) -> (samples,)."""
        return np.roll(waveform, int(parameters[0]))


@dataclass(frozen=True)
class Hiss:
    """Add white Gaussian noise, with a deviation of U(0, `amplitude`) of the clip's highest sample."""

    amplitude: float = 0.005

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw (deviation as a fraction of the highest sample, seed of the noise)."""
        return (float(self.amplitude * rng.uniform()), float(rng.integers(2**32)))

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) -> (samples,)."""
        deviation, seed = parameters
        noise = np.random.default_rng(int(seed)).standard_normal(len(waveform), dtype=np.float32)
        return waveform + noise * np.float32(deviation * waveform.max())


@dataclass(frozen=True)
class TimeStretch:
    """Play at `rate` times the speed; the pitch stays."""

    rate: float = 0.8

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Give (rate,); nothing is random."""
        return (self.rate,)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) -> (samples / rate,)."""
        return _librosa_effects().time_stretch(waveform, rate=parameters[0])


@dataclass(frozen=True)
class SpeedAndPitch:
    """Shorten to U(`shortest`, 1) of the length by reading samples faster, which raises the pitch; pad with silence."""

    shortest: float = 0.8

    def draw(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw (fraction of the length,)."""
        return (float(rng.uniform(self.shortest, 1)),)

    def apply(self, waveform: Waveform, sample_rate: int, parameters: tuple[float, ...]) -> Waveform:
        """Make a copy: (samples,) -> (samples,)."""
        samples = np.arange(len(waveform))
        faster = np.interp(np.arange(0, len(waveform), 1 / parameters[0]), samples, waveform)
        return np.pad(faster, (0, len(waveform)))[: len(waveform)].astype(np.float32)


COPIES: dict[str, Copy] = {
    "gain": Louder(),
    "pitch": PitchShift(),
    "shift": Roll(),
    "noise": Hiss(),
    "stretch": TimeStretch(),
    "speed-pitch": SpeedAndPitch(),
}
"""The kinds of copies, by the names that `copies.kinds` of an experiment takes."""


def copied(utterances: Iterable[Utterance], kind: str) -> list[Utterance]:
    """Copy utterances.

    Args:
        utterances: What to copy.
        kind: Name in `COPIES`.

    Returns:
        An utterance for each, whose id ends with `+kind`; its waveform is made when it is loaded for training.

    Raises:
        SettingsError: The kind is not known.
    """
    if kind not in COPIES:
        raise SettingsError(f"copies of kind {kind!r} are not known; choose among {', '.join(COPIES)}")
    return [dataclasses.replace(clip, id=f"{clip.id}+{kind}", copy=kind) for clip in utterances]


def augmented(
    utterances: Iterable[Utterance], kinds: Sequence[str], classes: Sequence[str], scheme: Scheme
) -> list[Utterance]:
    """Copy the utterances of some classes.

    Args:
        utterances: What to copy.
        kinds: Names in `COPIES`.
        classes: Classes of the scheme whose utterances are copied; empty: all.
        scheme: Maps utterances to classes.

    Returns:
        The copies alone, kind by kind.

    Raises:
        SettingsError: A kind is not known, or the scheme has no such class.
    """
    for name in classes:
        if name not in scheme.classes:
            raise SettingsError(
                f"copies.classes: {name!r} is not in scheme {scheme.name}; choose among {', '.join(scheme.classes)}"
            )
    wanted = {scheme.classes.index(name) for name in classes or scheme.classes}
    chosen = [each for each in utterances if scheme.index_of(each) in wanted]
    return [copy for kind in kinds for copy in copied(chosen, kind)]


def draw_parameters(utterance: Utterance, seed: int) -> tuple[float, ...]:
    """Draw the parameters of an utterance's copy.

    Args:
        utterance: A copy, as `copied` gives it.
        seed: Of the training run.

    Returns:
        The parameters; they depend on seed, utterance and kind alone.
    """
    rng = np.random.default_rng((seed, zlib.crc32(utterance.id.encode())))
    return COPIES[utterance.copy].draw(rng)


def _librosa_effects() -> Any:
    try:
        import librosa.effects
    except ImportError as error:
        raise missing_extra("train", error) from error
    return librosa.effects
