"""A waveform as a model takes it, in training and in use: without hum, trimmed, aligned, padded."""

import functools
import math

import numpy as np
import numpy.typing as npt

from voxaffect.audio.hum import remove_hum
from voxaffect.audio.waveforms import Waveform

Span = tuple[int, int]
"""First sample of a part, and the one after its last; what lies outside of the waveform is silence."""

_PARTS = 64  # of a period, in which energy is counted
_QUIET = 1e-4  # of the energy of the loudest part: what may be cut off
_KEPT = 2  # periods of quiet that are not cut off


def prepare(
    waveform: Waveform, sample_rate: int, *, trim_db: float | None, period: float | None, least: float
) -> Waveform:
    """Prepare a recording, so that the answer depends on the voice in it alone.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        trim_db: As `span` takes it.
        period: Likewise.
        least: Likewise.

    Returns:
        (any,), `least` seconds or longer.

    Examples:
        >>> voice = np.sin(np.arange(20_000) / 10).astype(np.float32)
        >>> prepare(voice + np.float32(0.1), 16_000, trim_db=40, period=0.32, least=2).shape
        (35840,)
    """
    waveform = remove_hum(waveform, sample_rate)
    return cut(waveform, span(waveform, sample_rate, trim_db=trim_db, period=period, least=least))


def span(waveform: Waveform, sample_rate: int, *, trim_db: float | None, period: float | None, least: float) -> Span:
    """The part of a recording that a model takes.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        trim_db: Both ends are removed as far as they lie so many dB below the loudest 25 ms; None: nothing is.
        period: Seconds, of the grid that `align` lays; None: it begins with the recording.
        least: Seconds; what is shorter gets silence on both sides.
    """
    samples = round(least * sample_rate)
    first, last = (0, len(waveform)) if trim_db is None else _loud(waveform, sample_rate, trim_db)
    if period is not None:
        before, after = _aligned(waveform[first:last], round(period * sample_rate), samples)
        first, last = first + before, first + after
    missing = max(0, samples - (last - first))
    return first - missing // 2, last + missing - missing // 2


def cut(waveform: Waveform, part: Span) -> Waveform:
    """A part of a waveform, with silence where it reaches beyond.

    Examples:
        >>> cut(np.ones(3, np.float32), (-2, 2)).tolist()
        [0.0, 0.0, 1.0, 1.0]
    """
    first, last = part
    begin, end = max(first, 0), min(last, len(waveform))
    if (begin, end) == part:
        return waveform[begin:end]
    result = np.zeros(last - first, np.float32)
    result[begin - first : end - first] = waveform[begin:end]
    return result


def trim(waveform: Waveform, sample_rate: int, top_db: float) -> Waveform:
    """Remove the beginning and the end, as far as they are quiet.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        top_db: Quiet is what lies this many dB below the loudest 25 ms.

    Returns:
        The part between; the waveform itself if nothing would be left.

    Examples:
        >>> trim(np.pad(np.ones(1600, np.float32), 8000), 16_000, top_db=30).shape
        (1999,)
    """
    return cut(waveform, _loud(waveform, sample_rate, top_db))


def align(waveform: Waveform, period: int, least: int = 0) -> Waveform:
    """Lay the grid of a network's frames by what is loud in a recording, not by where it begins.

    A network that has a frame every 20 ms, and strides over frames, answers differently when the same voice begins
    10 ms later. Here the grid begins where the phase of the energy at `period` is zero, which moves with the voice.
    Both ends move onto it by less than a period: what is quiet is cut off, or silence is added. Where more than three
    periods before or after the voice are quiet, two to three of them stay.

    Args:
        waveform: (samples,).
        period: Samples after which the network's strides repeat.
        least: The least length, in samples; what is shorter gets silence on both sides.

    Returns:
        A whole number of periods, `least` samples or longer.

    Examples:
        >>> voice = np.zeros(20_000, np.float32)
        >>> voice[9_000:12_000] = np.sin(np.arange(3_000) / 10)
        >>> bool(np.array_equal(align(voice, 5120), align(voice[160:], 5120)))
        True
    """
    return cut(waveform, _aligned(waveform, period, least))


def pad(waveform: Waveform, samples: int) -> Waveform:
    """Pad with silence on both sides, up to a length.

    Args:
        waveform: Of any length.
        samples: The least length.

    Returns:
        At least `samples` long; a longer waveform as it is.

    Examples:
        >>> pad(np.ones(3, np.float32), 6).tolist()
        [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    missing = max(0, samples - len(waveform))
    return np.pad(waveform, (missing // 2, missing - missing // 2))


def _loud(waveform: Waveform, sample_rate: int, top_db: float) -> Span:
    frame = max(1, sample_rate // 40)
    if len(waveform) < frame:
        return 0, len(waveform)
    # Frames at every sample: on a grid from the first sample, the result would depend on where the recording begins.
    sums = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=np.float64))])
    power = sums[frame:] - sums[:-frame]
    loud = power > power.max() * 10 ** (-top_db / 10)
    if not loud.any():
        return 0, len(waveform)
    return int(loud.argmax()) + (frame - 1) // 2, len(loud) - int(loud[::-1].argmax()) + (frame - 1) // 2


def _aligned(waveform: Waveform, period: int, least: int) -> Span:
    size = -(-period // _PARTS)
    blocks = waveform[: len(waveform) // size * size].reshape(-1, size)
    energy = np.einsum("ij,ij->i", blocks, blocks)
    loud = energy > energy.max(initial=0) * _QUIET
    first_loud, last_loud = 0, len(waveform)
    if loud.any():
        first_loud, last_loud = int(loud.argmax()) * size, (len(loud) - int(loud[::-1].argmax())) * size
    cosine, sine = energy @ _turning(len(energy), size, period)
    place = round(math.atan2(sine, cosine) / (2 * np.pi) * period) % period  # one on the grid
    before = max(0, (least - len(waveform)) // 2)
    latest = first_loud - (first_loud - place) % period  # place on the grid that loses nothing loud
    first = place - period * ((place + before) // period)
    first = min(max(first, latest - _KEPT * period), latest)
    fewest = -(-(last_loud - first) // period)
    periods = round((len(waveform) - first) / period)
    periods = max(min(max(periods, fewest), fewest + _KEPT), -(-least // period), 1)
    return first, first + periods * period


@functools.lru_cache(maxsize=64)
def _turning(count: int, size: int, period: int) -> npt.NDArray[np.float32]:
    """Cosine and sine of the phase at `period`, in the middle of so many parts of `size` samples: (count, 2)."""
    phase = 2 * np.pi * size / period * np.arange(0.5, count)
    return np.stack([np.cos(phase), np.sin(phase)], axis=1).astype(np.float32)
