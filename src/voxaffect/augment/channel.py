"""What lies between a voice and a model, applied to log-mel energies: level, microphone, telephone, noise.

The same on waveforms costs twenty times as much: a gain and a filter only add to a band's decibels, and powers of
independent sounds add up.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from voxaffect.augment.conditions import BAND
from voxaffect.augment.ranges import check_ranges

_KNOTS = 6  # points that an equaliser's curve goes through
_STOP_BAND = -100.0  # dB, outside a telephone's band


class ChannelParameters(NamedTuple):
    """Parameters of `Channel`.

    Attributes:
        curve: (n_mels,) float32, dB added to each band.
        noise: (n_mels, frames) float32, power relative to the clip's mean power; 0: no noise.
    """

    curve: Any
    noise: Any


@dataclass(frozen=True)
class Channel:
    """A random transmission channel for each clip and epoch.

    Args:
        level: dB louder or softer at most, 0 to 60.
        equalizer: Standard deviation, in dB, of a smooth random curve over the bands, 0 to 30.
        telephone: Share of clips that lose all but a telephone's band, 0 to 1.
        noise: Share of clips with noise of a random colour, 0 to 1.
        low: Lowest signal-to-noise ratio, dB; -20 to 100.
        high: Highest signal-to-noise ratio, dB; `low` to 100.

    Source:
        The equaliser is like FilterAugment: Nam, Kim & Park (2022), "FilterAugment: An acoustic environmental data
        augmentation method", ICASSP.
    """

    level: float = 0.0
    equalizer: float = 0.0
    telephone: float = 0.0
    noise: float = 0.0
    low: float = 5.0
    high: float = 40.0

    def __post_init__(self) -> None:
        check_ranges(
            "channel",
            self,
            level=(0, 60),
            equalizer=(0, 30),
            telephone=(0, 1),
            noise=(0, 1),
            low=(-20, 100),
            high=(self.low, 100),
        )

    def draw(
        self, rng: np.random.Generator, shape: tuple[int, int], centres: npt.NDArray[np.floating]
    ) -> ChannelParameters:
        """Draw the parameters of one clip.

        Args:
            rng: Where they are drawn from.
            shape: (n_mels, frames) of its energies.
            centres: (n_mels,) centre frequencies of the bands, Hz.

        Returns:
            Curve and noise.
        """
        n_mels, frames = shape
        curve = rng.uniform(-self.level, self.level) + self.equalizer * _smooth(rng, n_mels)
        if rng.random() < self.telephone:
            curve += np.where((centres < BAND[0]) | (centres > BAND[1]), _STOP_BAND, 0)
        noise = np.zeros(shape)
        if rng.random() < self.noise:
            colour = 10 ** (6 * _smooth(rng, n_mels) / 10)
            # A band's power is that of a few independent bins, and wavers the more the fewer they are.
            flicker = rng.gamma(2.0, 0.5, (n_mels, frames))
            noise = (colour / colour.mean())[:, None] * flicker * 10 ** (-rng.uniform(self.low, self.high) / 10)
        return ChannelParameters(curve.astype(np.float32), noise.astype(np.float32))

    def apply(self, x: Any, parameters: ChannelParameters, floor: float) -> Any:
        """Apply the parameters to a batch.

        Args:
            x: PyTorch tensor, (..., n_mels, frames) dB.
            parameters: As tensors, of one clip or of a batch.
            floor: Lowest energy of the result, dB.

        Returns:
            A tensor of the same shape.
        """
        power = 10 ** ((x + parameters.curve[..., None]) / 10)
        power = power + parameters.noise * power.mean((-2, -1))[..., None, None]
        return 10 * power.clamp(min=10 ** (floor / 10)).log10()


def _smooth(rng: np.random.Generator, n_mels: int) -> npt.NDArray[np.float64]:
    """Draw a smooth curve, of unit variance at its knots: (n_mels,)."""
    return np.interp(np.linspace(0, _KNOTS - 1, n_mels), np.arange(_KNOTS), rng.standard_normal(_KNOTS))
