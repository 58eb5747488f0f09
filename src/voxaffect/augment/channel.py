"""What lies between a voice and a model, done to log-mel energies: level, microphone, telephone, noise.

The same could be done to waveforms, and cost twenty times as much: a gain and a filter only add to a band's decibels,
and powers of independent sounds add up.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.augment.conditions import BAND
from voxaffect.augment.ranges import refuse_outside

Matrix = npt.NDArray[np.float32]

KNOTS = 6
"""Points that an equaliser's curve is drawn through."""

STOPPED = -100.0
"""dB by which a telephone weakens what is outside its band."""


class ChannelParameters(NamedTuple):
    """curve: (n_mels,) dB added to each band. noise: (n_mels, frames) power, of the clip's mean power; 0 for none."""

    curve: Any
    noise: Any


@dataclass(frozen=True)
class Channel:
    """Another line for each clip and epoch.

    level: dB louder or softer at most. equalizer: dB, standard deviation of a smooth random curve over the bands
    (as FilterAugment, Nam et al. 2022). telephone: share of clips that lose all but a telephone's band.
    noise: share of clips with noise of a random colour, `low` to `high` dB below the voice.
    """

    level: float = 0.0
    equalizer: float = 0.0
    telephone: float = 0.0
    noise: float = 0.0
    low: float = 5.0
    high: float = 40.0

    def __post_init__(self) -> None:
        refuse_outside("channel_level", self.level, 0, 60)
        refuse_outside("channel_equalizer", self.equalizer, 0, 30)
        refuse_outside("channel_telephone", self.telephone, 0, 1)
        refuse_outside("channel_noise", self.noise, 0, 1)
        refuse_outside("channel_low", self.low, -20, 100)
        refuse_outside("channel_high", self.high, self.low, 100)

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, int], centres: npt.NDArray[np.floating]
    ) -> ChannelParameters:
        """For energies of that shape (n_mels, frames), whose bands lie around `centres` Hz."""
        n_mels, frames = shape
        curve = rng.uniform(-self.level, self.level) + self.equalizer * _smooth(rng, n_mels)
        if rng.random() < self.telephone:
            curve += np.where((centres < BAND[0]) | (centres > BAND[1]), STOPPED, 0)
        noise = np.zeros(shape)
        if rng.random() < self.noise:
            colour = 10 ** (6 * _smooth(rng, n_mels) / 10)
            # A band's power is that of a few independent bins, and wavers the more the fewer they are.
            flicker = rng.gamma(2.0, 0.5, (n_mels, frames))
            noise = (colour / colour.mean())[:, None] * flicker * 10 ** (-rng.uniform(self.low, self.high) / 10)
        return ChannelParameters(curve.astype(np.float32), noise.astype(np.float32))

    def apply(self, x: Any, parameters: ChannelParameters, floor: float) -> Any:
        """A tensor of PyTorch's, (..., n_mels, frames) dB -> the same shape, not below `floor` dB."""
        power = 10 ** ((x + parameters.curve[..., None]) / 10)
        power = power + parameters.noise * power.mean((-2, -1))[..., None, None]
        return 10 * power.clamp(min=10 ** (floor / 10)).log10()


def _smooth(rng: np.random.Generator, n_mels: int) -> npt.NDArray[np.float64]:
    """A curve through normal variates: (n_mels,)."""
    return np.interp(np.linspace(0, KNOTS - 1, n_mels), np.arange(KNOTS), rng.standard_normal(KNOTS))
