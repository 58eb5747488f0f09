"""Pitch by autocorrelation and the best path through its candidates, the method of Praat.

Source:
    Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
    sampled sound", Institute of Phonetic Sciences, Amsterdam.
"""

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform

RANGE = (60.0, 800.0)
"""Lowest and highest pitch, Hz: a man's low voice to a woman's scream."""

HOP_LENGTH = 160
"""Samples of a frame (10 ms), which has one pitch, and is sound or silence as one."""

# Boersma's values: how periodic a voiced frame must be, how loud relative to the loudest frame, and the costs of a
# lower candidate, of a jump by an octave, and of a change between voiced and unvoiced.
_VOICED, _LOUD = 0.45, 0.03
_OCTAVE, _JUMP, _CHANGE = 0.01, 0.35, 0.14

_SAMPLE_RATE = 16_000
_WINDOW = 800  # three periods of the lowest pitch
_FINER = 4  # steps a sample, since a high voice's period is few samples long
_CANDIDATES = 5
_FRAMES = 4096  # analysed at a time, so that memory does not grow with length


def track(waveform: Waveform) -> npt.NDArray[np.float64]:
    """Track the pitch of a voice, one value every 10 ms.

    Args:
        waveform: (samples,) float32 at 16 kHz.

    Returns:
        (samples // 160,) Hz; NaN where unvoiced.

    Example:
        >>> tone = np.sin(2 * np.pi * 200 * np.arange(8000) / 16_000).astype(np.float32)
        >>> round(float(np.median(track(tone))))
        200
    """
    count = len(waveform) // HOP_LENGTH
    peak = float(np.abs(waveform).max(initial=0))
    if not count or not peak:
        return np.full(count, np.nan)
    padded = np.pad(waveform / peak, (_WINDOW - HOP_LENGTH) // 2)  # each window lies about the middle of its 10 ms
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP_LENGTH][:count]
    parts = [_candidates(frames[first : first + _FRAMES]) for first in range(0, count, _FRAMES)]
    pitches, strengths = (np.concatenate(part) for part in zip(*parts, strict=True))
    chosen = pitches[np.arange(count), _best_path(pitches, strengths)]
    return np.where(chosen > 0, chosen, np.nan)


def _candidates(frames: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(frames, window) -> pitches in Hz and strengths, each (frames, candidates); pitch 0 is the unvoiced one."""
    centred = frames - frames.mean(axis=1, keepdims=True)
    loudness = np.abs(centred).max(axis=1)
    window = np.hanning(_WINDOW + 1)[:-1]
    rate = _FINER * _SAMPLE_RATE
    shortest, longest = int(rate / RANGE[1]), int(rate / RANGE[0])
    lags = np.arange(shortest, longest + 1)
    inside = slice(shortest - 1, longest + 2)
    correlation = _autocorrelation(centred * window)[:, inside] / _autocorrelation(window[None])[:, inside]
    before, here, after = correlation[:, :-2], correlation[:, 1:-1], correlation[:, 2:]
    # The top of the parabola through a maximum and its neighbours: lags are whole steps and pitches are not.
    bend = np.minimum(before - 2 * here + after, -1e-12)
    aside = np.clip((before - after) / (2 * bend), -0.5, 0.5)
    pitches = rate / (lags + aside)
    height = here - (before - after) * aside / 4
    strengths = height - _OCTAVE * np.log2(RANGE[0] / pitches)
    strengths[(here < before) | (here <= after)] = -np.inf
    best = np.argsort(-strengths, axis=1, kind="stable")[:, :_CANDIDATES]
    unvoiced = _VOICED + np.maximum(0, 2 - (loudness / loudness.max(initial=1e-12)) * (1 + _VOICED) / _LOUD)
    return (
        np.column_stack([np.zeros(len(frames)), np.take_along_axis(pitches, best, axis=1)]),
        np.column_stack([unvoiced, np.take_along_axis(strengths, best, axis=1)]),
    )


def _autocorrelation(frames: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(frames, window) -> (frames, 4 * window), 1 at lag 0, interpolated between samples by its own spectrum."""
    length = 2 * frames.shape[1]
    power = np.abs(np.fft.rfft(frames, length)) ** 2
    correlation = np.fft.irfft(power, _FINER * length)[:, : _FINER * length // 2]
    return correlation / np.maximum(correlation[:, :1], 1e-20)


def _best_path(pitches: npt.NDArray[np.float64], strengths: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The candidates of the strongest path: (frames, candidates) twice -> (frames,) (Viterbi)."""
    voiced = pitches > 0
    heights = np.log2(np.where(voiced, pitches, 1))
    origin = np.zeros(pitches.shape, np.intp)
    total = strengths[0]
    for frame in range(1, len(pitches)):
        both = voiced[frame - 1][:, None] & voiced[frame]
        change = voiced[frame - 1][:, None] ^ voiced[frame]
        cost = _JUMP * both * np.abs(heights[frame - 1][:, None] - heights[frame]) + _CHANGE * change
        reached = total[:, None] - cost
        origin[frame] = reached.argmax(axis=0)
        total = reached.max(axis=0) + strengths[frame]
    path = np.empty(len(pitches), np.intp)
    path[-1] = total.argmax()
    for frame in range(len(pitches) - 1, 0, -1):
        path[frame - 1] = origin[frame, path[frame]]
    return path
