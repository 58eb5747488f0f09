"""Whether the channels of a recording are different speakers, or one sound that several microphones or a copy hold."""

from itertools import combinations

import numpy as np
import numpy.typing as npt

_FRAME = 0.03  # seconds
_QUIET = -55.0  # dB re full scale: a channel whose loud frames are no louder holds no speech
_RANGE = 20.0  # dB between loud and quiet frames: speech has more, noise and hum have less
_ACTIVE = -15.0  # dB re a channel's loud frames
_APART = 15.0  # dB by which one channel is active and the other is not
_SHARE, _SECONDS = 0.05, 0.3  # of the active frames, and at least, in which each channel is active alone


class Levels:
    """The levels of a recording's channels over time, block by block.

    Two microphones, or two copies, hold the same speech: at other levels, with other noises, some milliseconds apart,
    and their waveforms may have nothing in common. But they are loud at the same times. Two speakers take turns.

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
        return any(_take_turns(relative[:, first], relative[:, second]) for first, second in combinations(speech, 2))


def _take_turns(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> bool:
    active = int(((first > _ACTIVE) | (second > _ACTIVE)).sum())
    alone = [int(((one > _ACTIVE) & (other < one - _APART)).sum()) for one, other in ((first, second), (second, first))]
    return min(alone) >= max(_SHARE * active, _SECONDS / _FRAME)
