"""Which times and bands of a recording drove the answer: what it loses where they are taken away.

Occlusion (Zeiler & Fergus 2014) on the graph as it ships, so it explains whatever a bundle holds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Source, Waveform
from voxaffect.calibration import softmax
from voxaffect.errors import AudioError
from voxaffect.inference.recognizer import Recognizer

HERTZ = (0.0, 300.0, 600.0, 1000.0, 1500.0, 2200.0, 3200.0, 4800.0, 8000.0)
"""Edges of the bands, about equally far apart in mel."""

SLICE = 0.25
"""Seconds that are taken away at a time; more of what is longer than ten seconds."""

LONGEST = 60.0
"""Seconds of the longest recording that is explained."""

_SLICES = 40
_LEFT = 10 ** (-40 / 20)  # of a cell's amplitude: to take away all would leave a hole that no recording has
_N_FFT, _HOP = 512, 128


@dataclass(frozen=True)
class Occlusion:
    """What each cell of time and frequency is worth to the answer.

    emotion: the most probable class. seconds: (times + 1,) edges. hertz: (bands + 1,) edges. worth: (bands, times) by
    how much its probability falls without the cell; negative where it rises.
    """

    emotion: str
    seconds: npt.NDArray[np.float64]
    hertz: npt.NDArray[np.float64]
    worth: npt.NDArray[np.float64]


def occlude(recognizer: Recognizer, source: Source | tuple[npt.ArrayLike, int]) -> Occlusion:
    """Explain what `recognizer.recognize(source)` answers.

    Raises AudioError where the recording lasts longer than a minute, or cannot be read.
    """
    waveform, name = recognizer.waveform(source)
    rate = recognizer.sample_rate
    duration = len(waveform) / rate
    if duration > LONGEST:
        raise AudioError(f"{name}: lasts {duration:.0f} s; cut out the {LONGEST:.0f} s or less that shall be explained")
    whole = softmax(recognizer.listen(waveform)[0])
    best = int(whole.argmax())
    seconds = np.linspace(0, duration, min(_SLICES, max(1, round(duration / SLICE))) + 1)
    hertz = np.array([*(edge for edge in HERTZ if edge < rate / 2), rate / 2])
    spectrum = _transform(waveform)
    worth = np.empty((len(hertz) - 1, len(seconds) - 1))
    for band, time in np.ndindex(worth.shape):
        rows = slice(
            *np.round(hertz[band : band + 2] / rate * _N_FFT).astype(int) + np.array([0, band == len(hertz) - 2])
        )
        columns = slice(*np.round((seconds[time : time + 2] * rate + _N_FFT / 2) / _HOP).astype(int))
        kept = spectrum.copy()
        kept[rows, columns] *= _LEFT
        without = softmax(recognizer.listen(_inverse(kept, len(waveform)))[0])
        worth[band, time] = whole[best] - without[best]
    return Occlusion(recognizer.classes[best], seconds, hertz, worth)


def _transform(waveform: Waveform) -> npt.NDArray[np.complex128]:
    """Short-time spectrum (n_fft / 2 + 1, frames); the first frame ends where the waveform begins."""
    padded = np.pad(waveform.astype(np.float64), _N_FFT)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_HOP]
    return np.fft.rfft(frames * np.hanning(_N_FFT + 1)[:-1]).T


def _inverse(spectrum: npt.NDArray[np.complex128], samples: int) -> Waveform:
    """The waveform of a short-time spectrum: what overlaps is added."""
    frames = np.fft.irfft(spectrum.T, _N_FFT)
    total = np.zeros((len(frames) - 1) * _HOP + _N_FFT)
    for number, frame in enumerate(frames):
        total[number * _HOP : number * _HOP + _N_FFT] += frame
    total /= _N_FFT / _HOP / 2  # what Hann windows of this hop add up to
    return total[_N_FFT:][:samples].astype(np.float32)
