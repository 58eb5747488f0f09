"""Fingerprints of recordings: a digest of the exact content, and vectors that copies of a recording share.

A vector is the magnitude of the two-dimensional Fourier transform of the picture of time against logarithmic frequency.
Neither a circular shift in time nor a shift in pitch changes it. A change of tempo scales one of its axes; besides the
plain vector there are vectors as if the recording lasted longer, so that a search among plain ones finds it.

Source:
    Bertin-Mahieux & Ellis (2012), "Large-scale cover song recognition using the 2D Fourier transform magnitude", ISMIR.
"""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.auditing.properties import Meter, Properties
from voxaffect.corpora import Sound
from voxaffect.errors import AudioError

Matrix = npt.NDArray[np.float32]

RATE = 8_000
"""Sample rate at which recordings are compared, Hz: what a telephone passes of them."""

MAX_SECONDS = 20.0
"""Near-twins are looked for in the beginning of a recording, of this length; equality is of the whole."""

MIN_SECONDS = 0.3
"""Shorter recordings are too short for near-twins."""

SILENT_PEAK = 1e-4
"""Peak amplitude (-80 dB re full scale) below which a recording is silent."""

SCALES = (1.0, 1.06, 1.12, 1.19, 1.26)
"""How many times as long a near-twin may last; a vector tolerates half a step. Of a shorter one the other is longer."""

_WINDOW = 1024  # 128 ms: harmonics stand apart, and phase vocoders smear about as much
_LOW, _HIGH = 140.0, 3_600.0  # Hz
_HOP_LENGTH, _PER_OCTAVE = 320, 24
_RATES, _TOP_RATE = 32, 5.0  # modulations up to 5 Hz: syllables and intonation
_QUEFRENCIES, _PADDED = 32, 256
_DIMENSIONS = 256


@dataclass(frozen=True)
class DecodedRecording:
    """A decoded recording.

    Args:
        content: Digest of all samples and their rate, the same whatever the container.
        properties: What may tell its label without an ear for emotion.
        peak: Highest amplitude.
        waveform: (samples,) float32 at `RATE` Hz, the first `MAX_SECONDS`.
    """

    content: bytes
    properties: Properties
    peak: float
    waveform: audio.Waveform


@dataclass(frozen=True)
class Fingerprint:
    """What identifies a recording and its copies.

    Args:
        content: Digest of all samples and their rate.
        properties: Of the recording.
        silent: Whether there is nothing in it.
        vectors: (len(SCALES), 256) float32 of length one; None where it is silent or too short.
    """

    content: bytes
    properties: Properties
    silent: bool
    vectors: Matrix | None


def read_recording(sound: Sound) -> DecodedRecording:
    """Decode a recording, chunk by chunk.

    Args:
        sound: The recording, or a segment of one.

    Returns:
        Its digest, its properties and its beginning.

    Raises:
        AudioError: The recording cannot be read or holds no samples.
    """
    about = audio.header(sound.path)
    rate, meter = about.sample_rate, Meter(sound.path, about)
    digest, peak, parts, count = hashlib.sha256(f"{rate} Hz".encode()), 0.0, [], 0
    for chunk in sound.chunks():
        meter.push(chunk)
        digest.update((chunk + np.float32(0)).tobytes())  # minus zero is zero
        peak = max(peak, float(np.abs(chunk).max()))
        if count < MAX_SECONDS * rate:
            parts.append(chunk)
        count += len(chunk)
    if not count:
        raise AudioError(f"{sound.path}: holds no samples; record it again")
    beginning = np.concatenate(parts)[: int(MAX_SECONDS * rate)]
    return DecodedRecording(digest.digest(), meter.properties(), peak, audio.resample(beginning, rate, RATE))


def fingerprint(sound: Sound) -> Fingerprint:
    """Compute a recording's fingerprint.

    Args:
        sound: The recording, or a segment of one.

    Returns:
        The fingerprint.

    Raises:
        AudioError: The recording cannot be read or holds no samples.
    """
    recording = read_recording(sound)
    content, properties, silent = recording.content, recording.properties, recording.peak < SILENT_PEAK
    if silent or len(recording.waveform) < MIN_SECONDS * RATE:
        return Fingerprint(content, properties, silent, None)
    picture = log_spectrum(recording.waveform, _PER_OCTAVE, _HOP_LENGTH)
    return Fingerprint(content, properties, False, vectors(picture))


def log_spectrum(waveform: audio.Waveform, per_octave: int, hop_length: int) -> Matrix:
    """Compute a picture of time against logarithmic frequency, of harmonics and formants alone.

    It holds fourth roots of powers, less their mean over an octave around. What is left does not depend on the level,
    the microphone and the noise below the voice.

    Args:
        waveform: (samples,) at `RATE` Hz.
        per_octave: Bands per octave.
        hop_length: Samples between two frames.

    Returns:
        (bands, frames) float32, 0 or more.
    """
    half = _WINDOW // 2
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(waveform, half), _WINDOW)[::hop_length]
    window, bands = np.hanning(_WINDOW + 1)[:-1].astype(np.float32), _bands(per_octave)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).astype(np.float32)
    roots = (bands @ power.T) ** 0.25
    return np.maximum(roots - mean_around(roots, per_octave // 2, axis=0), 0)


def vectors(picture: Matrix) -> Matrix:
    """Compute the vectors of a picture, as if it lasted `SCALES` times as long.

    Args:
        picture: (bands, frames), 24 bands per octave and 40 ms between frames.

    Returns:
        (len(SCALES), 256) float32 of length one.
    """
    # Transformed over its own length in time, a circular shift changes nothing; padded in frequency, pitch can move.
    spectrum = np.abs(np.fft.fft(np.fft.rfft(picture, axis=1), n=_PADDED, axis=0)).astype(np.float32)
    spectrum = spectrum[np.r_[_PADDED - _QUEFRENCIES + 1 : _PADDED, 0:_QUEFRENCIES]]
    squares = np.square(np.pad(spectrum, ((0, 0), (0, 2))))
    seconds = picture.shape[1] * _HOP_LENGTH / RATE
    rates = np.arange(1, _RATES + 1) * _TOP_RATE / _RATES
    rows = []
    for scale in SCALES:
        position = np.minimum(rates * seconds * scale, spectrum.shape[1])
        low = position.astype(int)
        weight = (position - low).astype(np.float32)
        magnitude = np.sqrt(squares[:, low] * (1 - weight) + squares[:, low + 1] * weight)
        # Less the mean around: all speech has one broad shape here, and recordings differ in the details.
        magnitude -= mean_around(mean_around(magnitude, 4, axis=0), 4, axis=1)
        rows.append(magnitude.ravel() @ _projection(magnitude.size))
    stacked = np.stack(rows)
    return stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-12)


@functools.cache
def _bands(per_octave: int) -> Matrix:
    """Triangular filters on a logarithmic axis: (bands, frequencies), rows sum to one."""
    count = int(per_octave * np.log2(_HIGH / _LOW)) + 1
    centres = _LOW * 2 ** (np.arange(count) / per_octave)
    frequencies = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    half = np.maximum(centres * (2 ** (1 / per_octave) - 1), RATE / _WINDOW)
    weights = np.maximum(0, 1 - np.abs(frequencies - centres[:, None]) / half[:, None])
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@functools.cache
def _projection(size: int) -> Matrix:
    """A fixed random matrix, which preserves angles (Johnson & Lindenstrauss 1984): (size, 256)."""
    return np.random.default_rng(0).standard_normal((size, _DIMENSIONS), dtype=np.float32)


def mean_around(values: Matrix, reach: int, axis: int) -> Matrix:
    """Average each value with `reach` neighbours on both sides along an axis; edges are repeated."""
    width = [(0, 0), (0, 0)]
    width[axis] = (reach + 1, reach)
    sums = np.moveaxis(np.cumsum(np.pad(values, width, mode="edge"), axis=axis, dtype=np.float64), axis, 0)
    means = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
    return np.moveaxis(means, 0, axis).astype(np.float32)
