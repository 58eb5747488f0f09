"""Augmentations of training clips: `draw(rng, ...)` draws parameters, `apply(x, ...)` uses them.

Randomness is passed in, so that a seed gives the same clip whatever else runs. `waveform`, `channel` and `spectrogram`
are drawn anew in every epoch, `copies` are made once, those of `lines` too. `conditions` also test finished models.
"""

from voxaffect.augment.channel import Channel, ChannelParameters
from voxaffect.augment.conditions import CONDITIONS, ConditionContext
from voxaffect.augment.copies import COPIES, augmented, copied
from voxaffect.augment.spectrogram import Masks, MixStyle, Mixup, Warp, WarpParameters
from voxaffect.augment.waveform import Gain, Noise, Shift, WaveformAugmentation

__all__ = [
    "CONDITIONS",
    "COPIES",
    "Channel",
    "ChannelParameters",
    "ConditionContext",
    "Gain",
    "Masks",
    "MixStyle",
    "Mixup",
    "Noise",
    "Shift",
    "Warp",
    "WarpParameters",
    "WaveformAugmentation",
    "augmented",
    "copied",
]
