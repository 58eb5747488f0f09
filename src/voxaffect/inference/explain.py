"""Why an answer is what it is: the times and bands that it depends on, and the voice in words.

Occlusion (Zeiler & Fergus 2014) on the graph as it ships, so that it explains any bundle.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio import Raw, Waveform
from voxaffect.calibration import softmax
from voxaffect.errors import AudioError
from voxaffect.inference.network import Network, no_speech
from voxaffect.inference.sources import Opened, Recording
from voxaffect.text import printable

HERTZ = (0.0, 300.0, 600.0, 1000.0, 1500.0, 2200.0, 3200.0, 4800.0, 8000.0)
"""Edges of the bands, about equally far apart in mel."""

SLICE = 0.25
"""Seconds that are attenuated at a time; more in recordings of more than ten seconds."""

LONGEST = 60.0
"""Seconds of the longest recording that is explained."""

_SHADES = " ░▒▓█"
_SLICES = 40
_LEFT = 10 ** (-40 / 20)  # of a cell's amplitude: no recording has a gap of silence in it
_N_FFT, _HOP = 512, 128


@dataclass(frozen=True, eq=False)
class Occlusion:
    """How much an answer depends on each cell of time and frequency.

    Attributes:
        emotion: The most probable class.
        seconds: (times + 1,) edges.
        hertz: (bands + 1,) edges.
        worth: (bands, times), by how much its probability falls without the cell; negative where it rises.
    """

    emotion: str
    seconds: npt.NDArray[np.float64]
    hertz: npt.NDArray[np.float64]
    worth: npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why an answer is what it is.

    Attributes:
        occlusion: The times and bands that it depends on.
        words: How the voice compares with other voices in that emotion.
    """

    occlusion: Occlusion
    words: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Explanation({self.occlusion.emotion}: {' '.join(self.words)})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        why = self.occlusion
        edges = {"seconds": why.seconds.round(3).tolist(), "hertz": why.hertz.tolist()}
        return {"emotion": why.emotion, **edges, "worth": why.worth.round(4).tolist(), "words": list(self.words)}

    def as_text(self) -> str:
        """A picture in characters: bands in rows, high ones first, time in columns, and the words below it."""
        why = self.occlusion
        wide = 2 if why.worth.shape[1] <= 20 else 1
        most = max(float(why.worth.max()), 1e-9)
        lines = [f"  What speaks for {printable(why.emotion)}, and against it (-):", ""]
        for band in reversed(range(len(why.worth))):
            edges = f"{why.hertz[band]:.0f} to {why.hertz[band + 1]:.0f} Hz"
            cells = "".join(wide * _shade(float(worth) / most) for worth in why.worth[band])
            lines.append(f"  {edges:>16}  {cells}".rstrip())
        end = f"{why.seconds[-1]:.1f} s"
        lines.append(f"  {'':16}  {'0':<{max(wide * why.worth.shape[1] - len(end), 2)}}{end}")
        return "\n".join([*lines, "", *(f"  {printable(line)}" for line in self.words)])


def explain(
    recognizer: Network, source: Recording, *, raw: Raw | None = None, channel: int | None = None
) -> Explanation:
    """Explain the answer to a recording. The words need the extra `explore`, and say so where it is missing.

    Raises:
        AudioError: The recording lasts longer than a minute, or cannot be read.
    """
    occlusion = occlude(recognizer, source, raw=raw, channel=channel)
    try:
        from voxaffect.exploring.measures import SAMPLE_RATE, measure
        from voxaffect.exploring.typical import compare_with_typical
    except ImportError:
        words = ["pip install 'voxaffect[explore]' compares its pitch, level and rate as well."]
        return Explanation(occlusion, tuple(words))
    corpora = [corpus.name for corpus in recognizer.bundle.card.training.corpora]
    words = compare_with_typical(
        measure(Opened(source, raw, channel).load(SAMPLE_RATE, longest=LONGEST)), occlusion.emotion, corpora
    )
    nothing = f"Typical values of {occlusion.emotion} in {' and '.join(corpora)} have not been measured."
    return Explanation(occlusion, tuple(words or [nothing]))


def occlude(recognizer: Network, source: Recording, *, raw: Raw | None = None, channel: int | None = None) -> Occlusion:
    """Attenuate each cell of time and frequency in turn, and measure by how much the probability of the answer falls.

    Raises:
        AudioError: The recording lasts longer than a minute, cannot be read, or holds no speech.
    """
    opened, rate = Opened(source, raw, channel), recognizer.sample_rate
    waveform = audio.remove_hum(opened.load(rate, longest=600.0), rate)
    duration = len(waveform) / rate
    if duration > LONGEST:
        raise AudioError(f"{opened.name}: lasts {duration:.0f} s; cut out {LONGEST:.0f} s or less to explain")
    part = recognizer.part(waveform)  # the same for all: what is attenuated must not move the network's frames
    logits, _, speech = recognizer.answer_part(waveform, part)
    if not speech:
        raise no_speech(opened.name)
    whole = softmax(logits)
    best = int(whole.argmax())
    seconds = np.linspace(0, duration, min(_SLICES, max(1, round(duration / SLICE))) + 1)
    hertz = np.array([*(edge for edge in HERTZ if edge < rate / 2), rate / 2])
    spectrum = _transform(waveform)
    worth = np.empty((len(hertz) - 1, len(seconds) - 1))
    for band, time in np.ndindex(worth.shape):
        low, high = np.round(hertz[band : band + 2] / rate * _N_FFT).astype(int)
        columns = slice(*np.round((seconds[time : time + 2] * rate + _N_FFT / 2) / _HOP).astype(int))
        without_cell = spectrum.copy()
        without_cell[low : high + (band == len(hertz) - 2), columns] *= _LEFT
        without = softmax(recognizer.forward_part(_inverse(without_cell, len(waveform)), part)[0])
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


def _shade(worth: float) -> str:
    """worth: 1 for the cell that the answer depends on most."""
    return "-" if worth < -0.25 else _SHADES[min(max(round(worth * 4), 0), 4)]
