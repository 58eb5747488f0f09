"""A constant offset and the hum of the mains: what does not change from pause to speech, found and taken out.

Cheap sound cards add a constant, and bad cables a hum of 50 or 60 Hz with its harmonics. Both are as loud in pauses as
in speech, which no voice is, so they can be told apart from a voice even where they are much louder. What has neither
is left as it is, but for its mean.
"""

import functools
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.audio.waveforms import Waveform

MAINS = (50.0, 60.0)
"""Hz of the mains, in all countries."""

_BLOCK = 0.1  # seconds: whole periods of both, and short enough to lie in a pause
_FEWEST = 5  # blocks in which a hum can be told apart from speech
_SECTION = 6.0  # seconds, about, that one frequency fits
_COHERENT = 0.6  # of the change of phase from block to block, 1 for a hum
_CLEAR = 3.0  # least amplitude of a line, by how far the typical block is from it; clean clips have 1.7 at most
_NEAR = 0.5  # Hz that the mains, or the clock of the recorder, may be off
_HARMONICS = 20
_RECORDED = 1e-3  # least power beside the hum, by that of the hum, of a recording of anything else
_PRODUCT = 1 << 17  # multiplications of a matrix product that starts no threads

_Real = npt.NDArray[np.floating]
_Complex = npt.NDArray[np.complex128]


class _Lines(NamedTuple):
    """Sines. amplitude: (lines,), as of sample 0. hertz: (lines,). clear: (lines,), whether they stand out."""

    amplitude: _Complex
    hertz: _Real
    clear: npt.NDArray[np.bool_]


def remove_hum(waveform: Waveform, sample_rate: int) -> Waveform:
    """Remove a constant offset, and the hum of the mains where there is one.

    The mean is subtracted. A line near 50 or 60 Hz whose amplitude and phase last through pauses and speech is fitted,
    robustly, since a block of speech is an outlier. It is subtracted, and so are its harmonics.

    Args:
        waveform: (samples,).
        sample_rate: Hz.

    Returns:
        (samples,). A recording of nothing but hum keeps it.

    Examples:
        >>> time = np.arange(16_000) / 16_000
        >>> voice = (np.random.default_rng(0).standard_normal(16_000) * 0.01).astype(np.float32)
        >>> hum = (0.03 + 0.03 * np.sin(2 * np.pi * 50 * time)).astype(np.float32)
        >>> bool(np.abs(remove_hum(voice + hum, 16_000) - voice).max() < 0.002)
        True
    """
    if not len(waveform):
        return waveform
    waveform = waveform - waveform.mean()
    sections = max(1, round(len(waveform) / sample_rate / _SECTION))
    if sections == 1:
        return _without_mains(waveform, sample_rate)
    return np.concatenate([_without_mains(part, sample_rate) for part in np.array_split(waveform, sections)])


def _without_mains(waveform: Waveform, sample_rate: int) -> Waveform:
    size = round(_BLOCK * sample_rate)
    count, seconds = len(waveform) // size, size / sample_rate
    if count < _FEWEST:
        return waveform
    blocks = waveform[: count * size].reshape(count, size)
    amplitudes = _amplitudes(blocks, _mains_basis(size, sample_rate))
    magnitudes = np.abs(amplitudes)
    typical = np.sort(magnitudes, axis=0)[count // 2]
    mains = int(typical.argmax())
    values = amplitudes[:, mains]
    turns = values[1:] * values[:-1].conj()
    turns *= np.minimum(1, typical[mains] / np.maximum(magnitudes[1:, mains], 1e-12))
    turn = turns.sum()
    if abs(turn) <= _COHERENT * np.abs(turns).sum():
        return waveform
    nominal = np.array(MAINS[mains : mains + 1])
    off = np.angle(turn * np.exp(-2j * np.pi * nominal * seconds)) / (2 * np.pi * seconds)
    found = _fit(amplitudes[:, mains : mains + 1], nominal + off, nominal, seconds)
    hertz = float(found.hertz[0])
    if not found.clear[0] or abs(hertz - MAINS[mains]) > _NEAR:
        return waveform
    harmonics = hertz * np.arange(1, min(_HARMONICS + 1, math.ceil(sample_rate / 2 / hertz)))
    amplitudes = _amplitudes(blocks, _basis(size, harmonics, sample_rate))
    lines = _fit(amplitudes, harmonics, harmonics, seconds, fixed=True)
    rest = waveform - _sum(lines, len(waveform), sample_rate)
    return rest if np.dot(rest, rest) >= _RECORDED * np.dot(waveform, waveform) else waveform


def _amplitudes(blocks: npt.NDArray[np.float32], basis: npt.NDArray[np.float32]) -> _Complex:
    """Blocks (count, size) -> complex amplitudes (count, lines), the phases as of a block's first sample."""
    rows = max(1, _PRODUCT // basis.size)
    parts = [blocks[first : first + rows] @ basis for first in range(0, len(blocks), rows)]
    both = np.concatenate(parts, dtype=np.float64)
    lines = basis.shape[1] // 2
    return both[:, :lines] - 1j * both[:, lines:]


def _basis(size: int, hertz: _Real, sample_rate: int) -> npt.NDArray[np.float32]:
    """Cosines and sines under a Hann window, which keeps the pitch of a voice out: (size, 2 * lines)."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size)
    phase = 2 * np.pi / sample_rate * np.outer(np.arange(size), hertz)
    both = np.concatenate([np.cos(phase), np.sin(phase)], axis=1)
    return (both * (2 * window / window.sum())[:, None]).astype(np.float32)


@functools.lru_cache(maxsize=8)
def _mains_basis(size: int, sample_rate: int) -> npt.NDArray[np.float32]:
    return _basis(size, np.array(MAINS), sample_rate)


def _fit(amplitudes: _Complex, hertz: _Real, of_basis: _Real, seconds: float, fixed: bool = False) -> _Lines:
    """Fit one sine to each column of the blocks' amplitudes, by reweighted least squares.

    A block counts the less, the further it is from the fit (Cauchy's weights; Holland & Welsch 1977, Communications in
    Statistics 6(9): 813-827).

    Args:
        amplitudes: (count, lines).
        hertz: (lines,), to begin with.
        of_basis: (lines,) frequencies that the amplitudes were computed with.
        seconds: Of a block.
        fixed: The frequencies are known.
    """
    count = len(amplitudes)
    place = np.arange(count)[:, None] - (count - 1) / 2
    radians = 2 * np.pi * seconds  # a block and Hz
    most = 0.05 / seconds / count  # Hz that one round may change
    distance = np.abs(amplitudes)
    spread = np.sort(distance, axis=0)[count // 2] + 1e-9
    weight = np.minimum(1, spread / np.maximum(distance, 1e-12)) ** 2
    for _ in range(8):
        turned = amplitudes * np.exp(-1j * radians * hertz * place)
        mean = (weight * turned).sum(axis=0) / weight.sum(axis=0)
        ahead = (turned * mean.conj()).imag / np.maximum(np.abs(mean) ** 2, 1e-20)
        slope = (weight * place * ahead).sum(axis=0) / (weight * place**2).sum(axis=0) / radians
        hertz = hertz if fixed else hertz + np.clip(slope, -most, most)
        turned = amplitudes * np.exp(-1j * radians * hertz * place)
        mean = (weight * turned).sum(axis=0) / weight.sum(axis=0)
        distance = np.abs(turned - mean)
        spread = np.sort(distance, axis=0)[count // 2] + 1e-9
        weight = 1 / (1 + (distance / spread) ** 2)
    # From the middle of the blocks to their beginning, and within a block from its middle.
    phase = radians * hertz * (count - 1) / 2 + radians / 2 * (hertz - of_basis)
    return _Lines(mean * np.exp(-1j * phase), hertz, np.abs(mean) > _CLEAR * spread)


def _sum(lines: _Lines, samples: int, sample_rate: int) -> Waveform:
    """The sum of those that stand out: (samples,). Products of slow and fast turns, since sines are slow to compute."""
    size = 256
    total = np.zeros((-(-samples // size), size))
    for amplitude, hertz in zip(lines.amplitude[lines.clear], lines.hertz[lines.clear], strict=True):
        angle = 2 * np.pi / sample_rate * hertz
        slow = amplitude * np.exp(1j * angle * size * np.arange(len(total)))
        total += np.outer(slow, np.exp(1j * angle * np.arange(size))).real
    return total.ravel()[:samples].astype(np.float32)
