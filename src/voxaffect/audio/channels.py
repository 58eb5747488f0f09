"""Whether the channels of a recording are different speakers, or one sound that several microphones or a copy hold."""

from itertools import combinations

import numpy as np
import numpy.typing as npt

_FRAME = 0.03  # seconds
_QUIET = -55.0  # dB re full scale: a channel whose loud frames are no louder holds no speech
_RANGE = 20.0  # dB between loud and quiet frames: speech has more, noise and hum have less
_ACTIVE = -15.0  # dB re a channel's loud frames
_DEEPEST = -30.0  # dB re a channel's loud frames: what is lower is silence
_LAGS = range(-2, 3)  # frames by which one channel may be later
_ALIKE = 0.25  # correlation of levels: two voices have less, one voice in two rooms or on a telephone has more
_SECONDS = 1.0  # of active frames at least, or a correlation is chance


class Levels:
    """The levels of a recording's channels over time, block by block.

    Two microphones, or two copies, hold the same speech: at other levels, with other noises, some milliseconds apart,
    and their waveforms may have nothing in common. But their levels rise and fall together. Those of two speakers do
    not, whether they take turns or talk at once.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._frame = max(1, round(_FRAME * sample_rate))
        self._rest: npt.NDArray[np.float32] | None = None
        self._powers: list[npt.NDArray[np.floating]] = []

    def push(self, block: npt.NDArray[np.floating]) -> None:
        """Take a block (samples, channels)."""
        if self._rest is not None and len(self._rest):
            block = np.concatenate([self._rest, block])
        end = len(block) // self._frame * self._frame
        frames = block[:end].reshape(-1, self._frame, block.shape[1])
        power = np.einsum("fsc,fsc->fc", frames, frames) / self._frame
        offset = np.einsum("fsc->fc", frames) / self._frame  # a constant is no sound
        self._powers.append(np.maximum(power - offset**2, 0.0))
        self._rest = block[end:]

    def speakers_differ(self) -> bool:
        """Whether there are two channels on which different people speak.

        Examples:
            >>> rng = np.random.default_rng(0)
            >>> turns = np.repeat(rng.integers(0, 2, 20), 8000)  # half a second each
            >>> voices = rng.normal(0, 0.1, (len(turns), 2)) * np.stack([turns, 1 - turns], axis=1)
            >>> levels = Levels(16_000)
            >>> levels.push(voices)
            >>> levels.speakers_differ()
            True
        """
        powers = np.concatenate(self._powers or [np.zeros((0, 1))])  # (frames, channels)
        if not len(powers):
            return False
        levels = 10 * np.log10(powers + 1e-12)
        ranked = np.sort(levels, axis=0)  # np.percentile imports for longer than all of this takes
        quiet, loud = ranked[round(0.05 * (len(ranked) - 1))], ranked[round(0.95 * (len(ranked) - 1))]
        speech = np.flatnonzero((loud > _QUIET) & (loud - quiet > _RANGE))
        relative = levels - loud
        return any(_apart(relative[:, first], relative[:, second]) for first, second in combinations(speech, 2))


def _apart(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> bool:
    """Whether two channels' levels, in dB re their loud frames, go their own ways."""
    count, likeness = len(first), -1.0
    for lag in _LAGS:
        one, other = first[max(0, lag) : count + min(0, lag)], second[max(0, -lag) : count - max(0, lag)]
        active = (one > _ACTIVE) | (other > _ACTIVE)
        if active.sum() < _SECONDS / _FRAME:
            return False
        one, other = np.maximum(one[active], _DEEPEST), np.maximum(other[active], _DEEPEST)
        one, other = one - one.mean(), other - other.mean()
        likeness = max(likeness, float(one @ other / np.sqrt(max(one @ one * (other @ other), 1e-9))))
    return likeness < _ALIKE
