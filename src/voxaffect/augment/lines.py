"""What rooms, microphones and telephone lines do to a clip, drawn at random; copies are made with it.

Parts are those of `conditions`, with which finished models are tested, in ranges rather than at one strength.
"""

import functools

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.augment import nonspeech
from voxaffect.augment.conditions import add_noise, add_reverberation, opus, telephone, through_codec

EQUALISER = 6.0
"""dB by which a microphone's response rises or falls at most, at any frequency."""

SNR = (5.0, 30.0)
"""dB, of the noise of a room."""

LEVEL = (-20.0, 6.0)
"""dB by which a clip becomes louder or softer."""

CUT = 0.03
"""Seconds that are lost at most before a line is open."""

_CODECS = {
    "mu-law": functools.partial(through_codec, codec_rate=8_000, container="WAV", subtype="ULAW"),
    "a-law": functools.partial(through_codec, codec_rate=8_000, container="WAV", subtype="ALAW"),
    "gsm": functools.partial(through_codec, codec_rate=8_000, container="WAV", subtype="GSM610"),
}
_BITS = (8_000, 24_000)  # a second, of Opus


def over_telephone(waveform: Waveform, sample_rate: int, rng: np.random.Generator) -> Waveform:
    """A telephone's band, and µ-law: (samples,) -> (samples,). It draws nothing."""
    return _CODECS["mu-law"](telephone(waveform, sample_rate), sample_rate)


def in_room(waveform: Waveform, sample_rate: int, rng: np.random.Generator) -> Waveform:
    """Another room and microphone: reverberation in half of them, coloured noise, response and level.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        rng: Generator.

    Returns:
        (samples,).
    """
    if rng.random() < 0.5:
        waveform = add_reverberation(waveform, sample_rate, rng.uniform(0.15, 0.8), rng.uniform(0, 12), rng)
    noise = nonspeech.noise(rng, len(waveform), rng.uniform(0, 2))
    noise -= noise.mean()
    waveform = equalised(add_noise(waveform, noise.astype(np.float32), rng.uniform(*SNR)), sample_rate, rng)
    peak = max(float(np.abs(waveform).max()), 1e-9)
    return waveform * np.float32(min(10 ** (rng.uniform(*LEVEL) / 20), 1 / peak))


def over_line(waveform: Waveform, sample_rate: int, rng: np.random.Generator) -> Waveform:
    """`in_room`, a telephone's band, one of the codecs of telephony, and a beginning that is lost.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        rng: Generator.

    Returns:
        (samples,), or up to `CUT` seconds less.
    """
    waveform = in_room(waveform, sample_rate, rng)
    codec = rng.choice([*_CODECS, "opus"])
    if codec == "opus":  # of telephony over the internet, which is wide-band
        waveform = opus(waveform, sample_rate, int(rng.integers(*_BITS)))
    else:
        waveform = _CODECS[codec](telephone(waveform, sample_rate), sample_rate)
    return waveform[int(rng.uniform(0, min(CUT * sample_rate, len(waveform) / 2))) :]


def equalised(waveform: Waveform, sample_rate: int, rng: np.random.Generator) -> Waveform:
    """A smooth random response within `EQUALISER` dB, drawn octave by octave: (samples,) -> (samples,)."""
    octaves = 62.5 * 2.0 ** np.arange(9)
    drawn = rng.uniform(-EQUALISER, EQUALISER, len(octaves))
    hertz = np.fft.rfftfreq(len(waveform), 1 / sample_rate)
    decibels = np.interp(np.log2(np.maximum(hertz, 1)), np.log2(octaves), drawn)
    return np.fft.irfft(np.fft.rfft(waveform) * 10 ** (decibels / 20), len(waveform)).astype(np.float32)
