"""Measures of a recording: where there is sound, and how loud, high, bright and fast it is.

What is sound is relative to the recording's loudest part, so that gain changes the level and nothing else. All but the
silences is measured between the first and the last sound, so that silence around it changes nothing else.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import signal

from voxaffect.audio import Waveform
from voxaffect.exploring import pitch
from voxaffect.exploring.pitch import HOP_LENGTH

SAMPLE_RATE = 16_000
"""Hz, of all waveforms here."""

_ACTIVE_RANGE = 40.0  # dB below the loudest frame from which on a frame is silence
_SILENT_LEVEL = -70.0  # dB re full scale, which no frame of a silent recording reaches
_MIN_FRAMES = 5  # of the shortest sound that is no click: 50 ms
_WINDOW = 1024  # 64 ms, about which loudness is smoothed to see syllables
_N_FFT = 512


class Measure(NamedTuple):
    """What a measure is.

    Attributes:
        title: Its name in tables.
        unit: Of its values.
        difference: Unit of differences in it.
        decimals: How many are worth showing.
        about: What it is, in one line.
    """

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
    """The measures of one recording, in the units of `MEASURES`; NaN where there is nothing to measure."""

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
    """Measure a recording.

    Args:
        waveform: (samples,) float32 at 16 kHz.

    Returns:
        The measures. A silent recording has only a duration; sound of less than 64 ms has no pitch and no rate.

    Examples:
        >>> tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(8000) / 16_000)
        >>> measured = measure(np.pad(tone, 1600).astype(np.float32))
        >>> round(measured.leading, 2), round(measured.level, 1), round(measured.pitch)
        (0.1, -9.0, 200)
    """
    duration = len(waveform) / SAMPLE_RATE
    frames = np.flatnonzero(active_frames(waveform))
    if not len(frames):
        return Measures(duration)
    first, last = frames[0], frames[-1] + 1
    voice, active = waveform[first * HOP_LENGTH : last * HOP_LENGTH], frames - first
    sounding = len(frames) * HOP_LENGTH / SAMPLE_RATE
    span = (last - first) * HOP_LENGTH / SAMPLE_RATE
    leading = first * HOP_LENGTH / SAMPLE_RATE
    values = {
        "leading": leading,
        "trailing": duration - leading - span,
        "gaps": span - sounding,
        "sounding": sounding,
        "level": _level(voice, active),
        "centre": _centre(voice, active),
    }
    if len(voice) >= _WINDOW:
        values |= _voice_measures(voice, active)
    return Measures(duration, **{name: float(value) for name, value in values.items()})


def active_frames(waveform: Waveform) -> npt.NDArray[np.bool_]:
    """Find the frames of 10 ms that hold sound.

    Sound is what lies less than 40 dB below the loudest frame and lasts at least 50 ms. A constant offset is silence.

    Args:
        waveform: (samples,) float32 at 16 kHz.

    Returns:
        (samples // 160,) of bool.
    """
    levels = _decibels(_frames(waveform).var(axis=1))
    if not len(levels) or levels.max() < _SILENT_LEVEL:
        return np.zeros(len(levels), bool)
    loud = levels > levels.max() - _ACTIVE_RANGE
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    for start, end in edges.reshape(-1, 2):
        if end - start < _MIN_FRAMES:
            loud[start:end] = False
    return loud


def _voice_measures(voice: Waveform, active: npt.NDArray[np.intp]) -> dict[str, float]:
    f0 = pitch.track(voice)
    pitches = f0[active]
    voiced = np.isfinite(pitches)
    peaks = _peaks(voice)
    rate = np.isfinite(f0[peaks]).sum() / (len(active) * HOP_LENGTH / SAMPLE_RATE)
    values = {"voiced": 100 * voiced.mean(), "rate": rate}
    if voiced.any():
        heights = 12 * np.log2(pitches[voiced])
        low, middle, high = np.percentile(heights, [10, 50, 90])
        values |= {"pitch": 2 ** (middle / 12), "pitch_range": high - low}
    return values


def _peaks(voice: Waveform) -> npt.NDArray[np.intp]:
    """Frames where loudness peaks by 2 dB, as it does in syllables (de Jong & Wempe 2009)."""
    window = np.hanning(_WINDOW)
    power = signal.fftconvolve(np.square(voice, dtype=np.float64), window / window.sum(), mode="same")
    loudness = _decibels(power[HOP_LENGTH // 2 :: HOP_LENGTH])
    peaks, _ = signal.find_peaks(loudness, height=loudness.max() - 25, prominence=2)
    return np.asarray(peaks, np.intp)


def _level(voice: Waveform, active: npt.NDArray[np.intp]) -> float:
    samples = _frames(voice)[active]
    return float(_decibels(samples.var()))


def _centre(voice: Waveform, active: npt.NDArray[np.intp]) -> float:
    """Magnitude-weighted mean frequency of the active frames' spectra, as librosa's spectral_centroid."""
    padded = np.pad(voice, (0, _N_FFT))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[active * HOP_LENGTH]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_N_FFT + 1)[:-1]))
    frequencies = np.fft.rfftfreq(_N_FFT, 1 / SAMPLE_RATE)
    return float(((spectrum @ frequencies) / spectrum.sum(axis=1)).mean())


def _frames(waveform: Waveform) -> npt.NDArray[np.float64]:
    count = len(waveform) // HOP_LENGTH
    return waveform[: count * HOP_LENGTH].reshape(count, HOP_LENGTH).astype(np.float64)


def _decibels(power: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return 10 * np.log10(np.maximum(power, 1e-20))
