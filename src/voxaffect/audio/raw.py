"""Headerless recordings: whoever gives one says what it is."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from voxaffect.audio.content import Content
from voxaffect.audio.decoder import Chunk
from voxaffect.audio.libsndfile import Libsndfile
from voxaffect.errors import check

Encoding = Literal["s16", "s24", "s32", "f32", "u8", "mulaw", "alaw", "gsm", "vox"]
"""Signed integers of 16, 24, 32 bits and floats, little-endian; bytes around 128; G.711; GSM 06.10; Dialogic ADPCM."""

_SUBTYPES: dict[str, str] = {
    "s16": "PCM_16",
    "s24": "PCM_24",
    "s32": "PCM_32",
    "f32": "FLOAT",
    "u8": "PCM_U8",
    "mulaw": "ULAW",
    "alaw": "ALAW",
    "gsm": "GSM610",
    "vox": "VOX_ADPCM",
}
_BYTES = {"s16": 2, "s24": 3, "s32": 4, "f32": 4, "u8": 1, "mulaw": 1, "alaw": 1}
_MAX_CHANNELS = 16


@dataclass(frozen=True)
class Raw:
    """What a headerless recording is, as .raw, .pcm, .vox, .gsm and .snd often are.

    Args:
        sample_rate: Hz.
        encoding: Of its samples.
        channels: Interleaved.

    Raises:
        SettingsError: A value is out of range.

    Examples:
        >>> Raw(8000, "u8").samples(bytes([0, 128, 192]))[:, 0].tolist()
        [-1.0, 0.0, 0.5]
    """

    sample_rate: int
    encoding: Encoding = "s16"
    channels: int = 1

    def __post_init__(self) -> None:
        known = get_args(Encoding)
        check(self.encoding in known, f"`encoding`={self.encoding}: is not known; choose one of {', '.join(known)}")
        good = 1_000 <= self.sample_rate <= 768_000
        check(good, f"`rate`={self.sample_rate}: is not believable; choose 8000 to 48000 Hz")
        most = _MAX_CHANNELS if self.encoding in _BYTES else 1
        check(1 <= self.channels <= most, f"`channels`={self.channels}: choose 1 to {most} of {self.encoding}")

    @property
    def frame(self) -> int:
        """Bytes of one sample of every channel.

        Raises:
            SettingsError: The encoding has none, as it codes many samples together.
        """
        text = f"`encoding`={self.encoding}: codes many samples together, and cannot come live; choose another"
        check(self.encoding in _BYTES, text)
        return _BYTES[self.encoding] * self.channels

    def samples(self, data: bytes) -> Chunk:
        """Decode a number of whole frames -> (samples, channels) float32."""
        flat: npt.NDArray[np.float64 | np.float32]
        match self.encoding:
            case "f32":
                flat = np.frombuffer(data, "<f4")
            case "s24":
                padded = np.zeros((len(data) // 3, 4), np.uint8)
                padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
                flat = padded.reshape(-1).view("<i4") / 2**31
            case "u8":
                flat = (np.frombuffer(data, np.uint8) - 128.0) / 128
            case "mulaw" | "alaw":
                flat = _G711[self.encoding][np.frombuffer(data, np.uint8)]
            case _:
                flat = np.frombuffer(data, f"<i{_BYTES[self.encoding]}") / 2 ** (8 * _BYTES[self.encoding] - 1)
        return flat.astype(np.float32).reshape(-1, self.channels)


def _g711() -> dict[str, npt.NDArray[np.float64]]:
    """What each byte stands for (ITU-T G.711)."""
    byte = np.arange(256)
    code = ~byte & 0xFF
    exponent, mantissa = code >> 4 & 7, code & 15
    mulaw = (((2 * mantissa + 33) << exponent) - 33) * np.where(code & 128, -1, 1)
    code = byte ^ 0x55
    exponent, mantissa = code >> 4 & 7, code & 15
    linear = 2 * mantissa + 1
    alaw = np.where(exponent == 0, linear, (linear + 32) << np.maximum(exponent - 1, 0)) * np.where(code & 128, 1, -1)
    return {"mulaw": mulaw * 4 / 32768, "alaw": alaw * 8 / 32768}


_G711 = _g711()


def decoder(content: Content, raw: Raw) -> Libsndfile:
    """The decoder of a headerless recording."""
    options = {"samplerate": raw.sample_rate, "channels": raw.channels, "subtype": _SUBTYPES[raw.encoding]}
    return Libsndfile(content, raw={**options, "format": "RAW", "endian": "LITTLE"})
