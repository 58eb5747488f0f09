"""Pretrained encoders of speech as front ends: a waveform to their hidden states; needs `voxaffect[encoders]`.

`loading` reads an encoder by name or from a folder, `whisper` and `waveform` are what comes before its layers,
`layers` are these, and `frontend` joins them.
"""

from voxaffect.models.encoder.frontend import EncoderFrontend
from voxaffect.models.encoder.layers import Layers

__all__ = ["EncoderFrontend", "Layers"]
