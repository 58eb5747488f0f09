"""Augmentation of training clips: `draw(rng, ...)` gives the parameters, `apply(x, ...)` uses them.

Randomness is passed in, so that a seed gives the same clip whatever else runs. There are three sorts: `waveform` and
`spectrogram`, drawn anew in every epoch, and `copies`, made once and added to the clips. `conditions` are what a
finished model is tried under as well.
"""

from voxaffect.augment.channel import Channel, ChannelParameters
from voxaffect.augment.conditions import CONDITIONS, Surroundings
from voxaffect.augment.copies import COPIES, Copy, augmented, copied
from voxaffect.augment.spectrogram import (
    Masks,
    MixStyle,
    MixStyleParameters,
    Mixup,
    MixupParameters,
    Warp,
    WarpParameters,
)
from voxaffect.augment.waveform import Gain, Noise, NoiseParameters, OfWaveforms, Shift

__all__ = [
    "CONDITIONS",
    "COPIES",
    "Channel",
    "ChannelParameters",
    "Copy",
    "Gain",
    "Masks",
    "MixStyle",
    "MixStyleParameters",
    "Mixup",
    "MixupParameters",
    "Noise",
    "NoiseParameters",
    "OfWaveforms",
    "Shift",
    "Surroundings",
    "Warp",
    "WarpParameters",
    "augmented",
    "copied",
]
