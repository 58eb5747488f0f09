"""What telephones, rooms and other people do to a voice: conditions that a model is tried under, and trained with.

Each takes and gives a waveform at its own rate, (samples,) float32, and draws what it draws from the generator that it
is given. Codecs are libsndfile's; a telephone's band is that of ITU-T G.712.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile

from voxaffect import audio
from voxaffect.audio import Waveform

BAND = (300.0, 3400.0)
"""Hz that a telephone line lets pass."""

TALKERS = 6
"""Voices in a babble."""

CLIPPED = 0.25
"""Share of a clip's peak at which it is clipped."""

SILENCE = 1.0
"""Seconds of digital silence before or after."""

_LINE = 8_000
_OPUS_LEAST, _OPUS_SPAN = 6_000, 250_000  # libsndfile's compression level 1 and the way to 0, bits a second


@dataclass(frozen=True)
class Surroundings:
    """What a condition may draw on. voices: waveforms of other people, at the clip's rate, for a babble."""

    rng: np.random.Generator
    voices: Sequence[Waveform] = ()


Condition = Callable[[Waveform, int, Surroundings], Waveform]


def telephone(waveform: Waveform, sample_rate: int) -> Waveform:
    """As a narrow-band line of 8 kHz would pass it, at the rate that it came with."""
    line = audio.resample(waveform, sample_rate, _LINE)
    spectrum = np.fft.rfft(line)
    hertz = np.fft.rfftfreq(len(line), 1 / _LINE)
    low, high = BAND
    # Slopes of a third of an octave, in amplitude.
    rise = np.clip(np.log2(np.maximum(hertz, 1e-3) / low) * 3 + 1, 0, 1)
    fall = np.clip(1 - np.log2(np.maximum(hertz, 1e-3) / high) * 3, 0, 1)
    passed = np.fft.irfft(spectrum * rise * fall, len(line)).astype(np.float32)
    return fitted(audio.resample(passed, _LINE, sample_rate), len(waveform))


def coded(
    waveform: Waveform, sample_rate: int, its_rate: int, container: str, coding: str, level: float | None = None
) -> Waveform:
    """Through a codec and back. its_rate: Hz at which it codes. level: libsndfile's compression, 0 to 1."""
    packed = io.BytesIO()
    samples = np.clip(audio.resample(waveform, sample_rate, its_rate), -1, 1)
    settings: dict[str, Any] = {} if level is None else {"compression_level": level}
    soundfile.write(packed, samples, its_rate, format=container, subtype=coding, **settings)
    return fitted(audio.load(packed.getvalue(), sample_rate), len(waveform))


def fitted(waveform: Waveform, samples: int) -> Waveform:
    """The first `samples`, or all and silence after: (any,) -> (samples,)."""
    return np.pad(waveform[:samples], (0, max(samples - len(waveform), 0)))


def opus(waveform: Waveform, sample_rate: int, bits: int) -> Waveform:
    """Opus at `bits` a second, wide-band."""
    return coded(waveform, sample_rate, 16_000, "OGG", "OPUS", 1 - (bits - _OPUS_LEAST) / _OPUS_SPAN)


def with_noise(waveform: Waveform, noise: Waveform, snr: float) -> Waveform:
    """With noise of the same length added, at a ratio of mean powers of `snr` dB."""
    ours, theirs = (float(np.mean(np.square(each, dtype=np.float64))) for each in (waveform, noise))
    return waveform + noise * np.float32(np.sqrt(ours / max(theirs, 1e-20) / 10 ** (snr / 10)))


def babble(samples: int, around: Surroundings) -> Waveform:
    """Other people talking at once, each as loud as the other: (samples,)."""
    if not around.voices:
        raise ValueError("a babble needs voices")
    total = np.zeros(samples, np.float32)
    for number in around.rng.integers(len(around.voices), size=TALKERS):
        voice = around.voices[number]
        long = np.resize(np.roll(voice, int(around.rng.integers(len(voice)))), samples)
        total += long / np.float32(max(float(np.sqrt(np.mean(np.square(long)))), 1e-6))
    return total


def reverberant(
    waveform: Waveform, sample_rate: int, seconds: float, direct: float, rng: np.random.Generator
) -> Waveform:
    """As in a room: the sound itself and noise that decays (Polack 1988), as loud as before and as long.

    seconds: in which it decays by 60 dB. direct: dB by which the sound itself is louder than all that follows.
    """
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail *= 10 ** (-direct / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1
    size = 1 << (len(waveform) + len(tail) - 1).bit_length()  # which a Fourier transform is quick at
    heard = np.fft.irfft(np.fft.rfft(waveform, size) * np.fft.rfft(tail, size), size)[: len(waveform)]
    loudness = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)) / max(float(np.mean(heard**2)), 1e-20))
    return (heard * loudness).astype(np.float32)


def _digital(coding: str) -> Condition:
    return lambda x, rate, around: coded(x, rate, _LINE, "WAV", coding)


def _opus(kilobits: int) -> Condition:
    return lambda x, rate, around: opus(x, rate, 1000 * kilobits)


def _white(snr: float) -> Condition:
    return lambda x, rate, around: with_noise(x, around.rng.standard_normal(len(x), dtype=np.float32), snr)


def _babble(snr: float) -> Condition:
    return lambda x, rate, around: with_noise(x, babble(len(x), around), snr)


def _room(seconds: float, direct: float) -> Condition:
    return lambda x, rate, around: reverberant(x, rate, seconds, direct, around.rng)


def _gain(decibels: float) -> Condition:
    return lambda x, rate, around: x * np.float32(10 ** (decibels / 20))


def _silence(before: bool) -> Condition:
    def apply(x: Waveform, rate: int, around: Surroundings) -> Waveform:
        some = round(SILENCE * rate)
        return np.pad(x, (some, 0) if before else (0, some))

    return apply


def _clipping(x: Waveform, rate: int, around: Surroundings) -> Waveform:
    limit = CLIPPED * float(np.abs(x).max(initial=0))
    return np.clip(x, -limit, limit)


CONDITIONS: dict[str, Condition] = {
    "telephone": lambda x, rate, around: telephone(x, rate),
    "mu-law": _digital("ULAW"),
    "a-law": _digital("ALAW"),
    "gsm": _digital("GSM610"),
    **{f"opus-{kilobits}": _opus(kilobits) for kilobits in (8, 16, 24)},
    **{f"white-{snr}": _white(snr) for snr in (20, 10, 5, 0)},
    **{f"babble-{snr}": _babble(snr) for snr in (20, 10, 5, 0)},
    "room": _room(0.3, 3.0),
    "hall": _room(1.8, 0.0),
    "gain+20": _gain(20),
    "gain-20": _gain(-20),
    "clipping": _clipping,
    "silence-before": _silence(before=True),
    "silence-after": _silence(before=False),
}
"""By name: a telephone's band; codecs (Opus in kbit/s), noise and babble in dB below the voice, rooms, levels, silence.

µ-law, A-law and GSM code 8000 samples a second and filter nothing: what is below 300 Hz passes, as on lines that are
digital from end to end. A telephone's band alone takes it away.
"""
