"""What a recording is remembered by: its exact content, and a vector that copies of it share.

The vector describes the picture of time against logarithmic frequency by the magnitude of its two-dimensional Fourier
transform, which does not change where the picture is moved: not by a circular shift in time, not by a shift in pitch
(Bertin-Mahieux & Ellis 2012 find cover songs so). A change of tempo scales one axis of it; vectors as if the recording
lasted longer are kept beside the plain one, so that a search among plain ones finds it.
"""

import functools
import hashlib
import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.errors import AudioError

Matrix = npt.NDArray[np.float32]

RATE = 8_000
"""Hz at which recordings are compared: what a telephone leaves of them."""

LONGEST = 20.0
"""Seconds from the beginning that near-twins are looked for in; equality is of the whole."""

SHORTEST = 0.3
"""Seconds below which there is too little to tell near-twins from others."""

SILENCE = 1e-4
"""Peak below which a recording is silent (-80 dB of full scale)."""

SCALES = (1.0, 1.06, 1.12, 1.19, 1.26)
"""Lengthenings looked for, by steps that the vector forgives half of; of a shortening the other one is the longer."""

_WINDOW = 1024  # 128 ms: harmonics stand apart, and phase vocoders smear about as much
_LOW, _HIGH = 140.0, 3_600.0  # Hz
_HOP, _PER_OCTAVE = 320, 24
_RATES, _TOP_RATE = 32, 5.0  # modulations up to 5 Hz: syllables and intonation
_QUEFRENCIES, _PADDED = 32, 256
_DIMENSIONS = 256


@dataclass(frozen=True)
class Heard:
    """A decoded recording.

    content: digest of all its samples and their rate, the same whatever the container.
    waveform: (samples,) float32 at `RATE` Hz, the first `LONGEST` seconds.
    """

    content: bytes
    peak: float
    waveform: audio.Waveform


@dataclass(frozen=True)
class Fingerprint:
    """What is remembered of a recording.

    vectors: (len(SCALES), 256) float32 of length one, or None of a recording that is silent or too short.
    """

    content: bytes
    silent: bool
    vectors: Matrix | None


def listen(path: str | os.PathLike[str]) -> Heard:
    """Decode, block by block.

    Raises AudioError where the recording cannot be read or holds no samples.
    """
    rate = audio.header(path).sample_rate
    digest, peak, kept, count = hashlib.sha256(f"{rate} Hz".encode()), 0.0, [], 0
    for block in audio.chunks(path, None):
        digest.update((block + np.float32(0)).tobytes())  # minus zero is zero
        peak = max(peak, float(np.abs(block).max()))
        if count < LONGEST * rate:
            kept.append(block)
        count += len(block)
    if not count:
        raise AudioError(f"{audio.name_of(path)}: holds no samples; record it again")
    beginning = np.concatenate(kept)[: int(LONGEST * rate)]
    return Heard(digest.digest(), peak, audio.resample(beginning, rate, RATE))


def fingerprint(path: str | os.PathLike[str]) -> Fingerprint:
    """Decode and remember.

    Raises AudioError as `listen` does.
    """
    heard = listen(path)
    silent = heard.peak < SILENCE
    if silent or len(heard.waveform) < SHORTEST * RATE:
        return Fingerprint(heard.content, silent, None)
    picture = log_spectrum(heard.waveform, _PER_OCTAVE, _HOP)
    return Fingerprint(heard.content, False, vectors(picture))


def log_spectrum(waveform: audio.Waveform, per_octave: int, hop: int) -> Matrix:
    """Time against logarithmic frequency, ridges alone: (samples,) at `RATE` Hz -> (bands, frames) float32, 0 or more.

    Fourth roots of powers, less their mean over an octave around: what is left are harmonics and formants, whatever
    the level, the microphone and the noise below them.
    """
    half = _WINDOW // 2
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(waveform, half), _WINDOW)[::hop]
    window, bands = np.hanning(_WINDOW + 1)[:-1].astype(np.float32), _bands(per_octave)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).astype(np.float32)
    roots = (bands @ power.T) ** 0.25
    return np.maximum(roots - mean_around(roots, per_octave // 2, axis=0), 0)


def vectors(picture: Matrix) -> Matrix:
    """Vectors of a picture as if it lasted `SCALES` times as long: (bands, frames) -> (len(SCALES), 256)."""
    # Transformed over its own length in time, a circular shift changes nothing; padded in frequency, pitch can move.
    spectrum = np.abs(np.fft.fft(np.fft.rfft(picture, axis=1), n=_PADDED, axis=0)).astype(np.float32)
    spectrum = spectrum[np.r_[_PADDED - _QUEFRENCIES + 1 : _PADDED, 0:_QUEFRENCIES]]
    squares = np.square(np.pad(spectrum, ((0, 0), (0, 2))))
    seconds = picture.shape[1] * _HOP / RATE
    rates = np.arange(1, _RATES + 1) * _TOP_RATE / _RATES
    found = []
    for scale in SCALES:
        position = np.minimum(rates * seconds * scale, spectrum.shape[1])
        low = position.astype(int)
        share = (position - low).astype(np.float32)
        magnitude = np.sqrt(squares[:, low] * (1 - share) + squares[:, low + 1] * share)
        # Less the mean around: all speech has one broad shape here, and what tells recordings apart stands out of it.
        magnitude -= mean_around(mean_around(magnitude, 4, axis=0), 4, axis=1)
        found.append(magnitude.ravel() @ _projection(magnitude.size))
    stacked = np.stack(found)
    return stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)


@functools.cache
def _bands(per_octave: int) -> Matrix:
    """Triangles on a logarithmic axis: (bands, frequencies), rows sum to one."""
    count = int(per_octave * np.log2(_HIGH / _LOW)) + 1
    centres = _LOW * 2 ** (np.arange(count) / per_octave)
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    half = np.maximum(centres * (2 ** (1 / per_octave) - 1), RATE / _WINDOW)
    weights = np.maximum(0, 1 - np.abs(frequencies - centres[:, None]) / half[:, None])
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@functools.cache
def _projection(size: int) -> Matrix:
    """A fixed random matrix, which keeps angles (Johnson & Lindenstrauss 1984): (size, 256)."""
    return np.random.default_rng(0).standard_normal((size, _DIMENSIONS), dtype=np.float32)


def mean_around(values: Matrix, reach: int, axis: int) -> Matrix:
    """Mean of each value and `reach` on both sides of it, edges held."""
    width = [(0, 0), (0, 0)]
    width[axis] = (reach + 1, reach)
    sums = np.moveaxis(np.cumsum(np.pad(values, width, mode="edge"), axis=axis, dtype=np.float64), axis, 0)
    means = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
    return np.moveaxis(means, 0, axis).astype(np.float32)
