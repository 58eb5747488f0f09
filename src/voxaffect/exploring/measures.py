"""What is measured of a recording: where sound is, how loud, how high, how bright and how fast it is.

All of it is relative to the recording's own loudest part, so that gain changes the level and nothing else; and all of
it is measured between the first and the last sound, so that silence around it changes the silence and nothing else.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import signal

from voxaffect.audio import Waveform
from voxaffect.exploring import pitch

SAMPLE_RATE = 16_000
"""Hz, of all waveforms here."""

BLOCK = pitch.HOP
"""Samples (10 ms) that are sound or silence as one, and have one pitch."""

BELOW = 40.0
"""dB under the loudest block from which on a block is silence."""

SILENCE = -70.0
"""Level, dB re full scale, that no block of a silent recording reaches."""

SHORTEST = 5
"""Blocks (50 ms) of the shortest sound that is no click."""

_WINDOW = 1024  # 64 ms, about which loudness is smoothed to see syllables
_FRAME = 512


class Measure(NamedTuple):
    """A measure's name, its unit, the unit of differences in it, decimals worth showing, and what it is in one line."""

    title: str
    unit: str
    difference: str
    decimals: int
    about: str


MEASURES: dict[str, Measure] = {
    "duration": Measure("Duration", "s", "s", 2, "of the whole recording"),
    "leading": Measure("Leading silence", "s", "s", 2, "before the first sound"),
    "trailing": Measure("Trailing silence", "s", "s", 2, "after the last sound"),
    "gaps": Measure("Gaps", "s", "s", 2, "silence between the first and the last sound"),
    "sounding": Measure("Sound", "s", "s", 2, "all that is not silence"),
    "level": Measure("Level", "dB", "dB", 1, "RMS of the sound, re full scale"),
    "pitch": Measure("Pitch", "Hz", "semitones", 0, "median of the voiced frames"),
    "pitch_range": Measure("Pitch range", "semitones", "semitones", 1, "percentile 10 to 90 of the voiced frames"),
    "voiced": Measure("Voiced share", "%", "points", 0, "of the sound, that has a pitch"),
    "centre": Measure("Spectral centre", "Hz", "Hz", 0, "mean frequency, weighted by magnitude, up to 8 kHz"),
    "rate": Measure("Speech rate, by proxy", "peaks/s", "peaks/s", 1, "voiced peaks of loudness per second of sound"),
}
"""Every measure, in the order of the tables."""


@dataclass(frozen=True)
class Measures:
    """One recording's measures, in the units of `MEASURES`; NaN where there is nothing to measure."""

    duration: float
    leading: float = np.nan
    trailing: float = np.nan
    gaps: float = np.nan
    sounding: float = np.nan
    level: float = np.nan
    pitch: float = np.nan
    pitch_range: float = np.nan
    voiced: float = np.nan
    centre: float = np.nan
    rate: float = np.nan


def measure(waveform: Waveform) -> Measures:
    """Measure a recording: (samples,) float32 at 16 kHz.

    Of a silent one only the duration is known. Sound of less than 64 ms has no pitch and no rate.
    """
    duration = len(waveform) / SAMPLE_RATE
    blocks = np.flatnonzero(sound(waveform))
    if not len(blocks):
        return Measures(duration)
    first, last = blocks[0], blocks[-1] + 1
    spoken, active = waveform[first * BLOCK : last * BLOCK], blocks - first
    sounding = len(blocks) * BLOCK / SAMPLE_RATE
    span = (last - first) * BLOCK / SAMPLE_RATE
    leading = first * BLOCK / SAMPLE_RATE
    found = {
        "leading": leading,
        "trailing": duration - leading - span,
        "gaps": span - sounding,
        "sounding": sounding,
        "level": _level(spoken, active),
        "centre": _centre(spoken, active),
    }
    if len(spoken) >= _WINDOW:
        found |= _voice(spoken, active)
    return Measures(duration, **{name: float(value) for name, value in found.items()})


def sound(waveform: Waveform) -> npt.NDArray[np.bool_]:
    """Which blocks of 10 ms hold sound: (samples,) -> (samples // 160,).

    Sound is what lies less than 40 dB under the loudest block and lasts 50 ms at least. A constant offset is none.
    """
    levels = _decibels(_blocks(waveform).var(axis=1))
    if not len(levels) or levels.max() < SILENCE:
        return np.zeros(len(levels), bool)
    loud = levels > levels.max() - BELOW
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    for start, end in edges.reshape(-1, 2):
        if end - start < SHORTEST:
            loud[start:end] = False
    return loud


def _voice(spoken: Waveform, active: npt.NDArray[np.intp]) -> dict[str, float]:
    f0 = pitch.track(spoken)
    heard = f0[active]
    voiced = np.isfinite(heard)
    peaks = _peaks(spoken)
    rate = np.isfinite(f0[peaks]).sum() / (len(active) * BLOCK / SAMPLE_RATE)
    found = {"voiced": 100 * voiced.mean(), "rate": rate}
    if voiced.any():
        heights = 12 * np.log2(heard[voiced])
        low, middle, high = np.percentile(heights, [10, 50, 90])
        found |= {"pitch": 2 ** (middle / 12), "pitch_range": high - low}
    return found


def _peaks(spoken: Waveform) -> npt.NDArray[np.intp]:
    """Blocks where loudness peaks as it does in syllables: 2 dB out of its surroundings (de Jong & Wempe 2009)."""
    window = np.hanning(_WINDOW)
    power = signal.fftconvolve(np.square(spoken, dtype=np.float64), window / window.sum(), mode="same")
    loudness = _decibels(power[BLOCK // 2 :: BLOCK])
    found, _ = signal.find_peaks(loudness, height=loudness.max() - 25, prominence=2)
    return np.asarray(found, np.intp)


def _level(spoken: Waveform, active: npt.NDArray[np.intp]) -> float:
    samples = _blocks(spoken)[active]
    return float(_decibels(samples.var()))


def _centre(spoken: Waveform, active: npt.NDArray[np.intp]) -> float:
    """Magnitude-weighted mean frequency of the active frames' spectra, as librosa's spectral_centroid."""
    padded = np.pad(spoken, (0, _FRAME))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[active * BLOCK]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_FRAME + 1)[:-1]))
    frequencies = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE)
    return float(((spectrum @ frequencies) / spectrum.sum(axis=1)).mean())


def _blocks(waveform: Waveform) -> npt.NDArray[np.float64]:
    count = len(waveform) // BLOCK
    return waveform[: count * BLOCK].reshape(count, BLOCK).astype(np.float64)


def _decibels(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return 10 * np.log10(np.maximum(power, 1e-20))
