"""Conditions: what telephones, rooms and other talkers do to a voice. Finished models are tested under them.

A condition takes a waveform at its own rate, (samples,) float32, and gives one. It draws from the generator that it is
given. Codecs are libsndfile's. Conditions are joined by `+`, in the order in which the sound passes them:
`white-20+telephone` is a noisy room before the line, `telephone+white-20` a noisy line.

Source:
    ITU-T G.712 for a telephone's band.
"""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.errors import SettingsError

BAND = (300.0, 3400.0)
"""Hz that a telephone line passes."""

PADDING = 1.0
"""Seconds of digital silence before or after."""

_TALKERS = 6  # voices in a babble
_CLIP_LEVEL = 0.25  # of a clip's peak
_LINE_RATE = 8_000  # Hz
_OPUS_MIN, _OPUS_RANGE = 6_000, 250_000  # bits a second at libsndfile's compression level 1, and up to level 0


@dataclass(frozen=True)
class ConditionContext:
    """What a condition may draw on.

    Args:
        rng: Generator.
        voices: Waveforms of other speakers, at the clip's rate, for a babble.
    """

    rng: np.random.Generator
    voices: Sequence[Waveform] = ()


Condition = Callable[[Waveform, int, ConditionContext], Waveform]


def telephone(waveform: Waveform, sample_rate: int) -> Waveform:
    """Filter to a telephone's band, through a rate of 8 kHz: (samples,) at `sample_rate` Hz -> (samples,)."""
    narrow = audio.resample(waveform, sample_rate, _LINE_RATE)
    spectrum = np.fft.rfft(narrow)
    hertz = np.fft.rfftfreq(len(narrow), 1 / _LINE_RATE)
    low, high = BAND
    # Slopes of a third of an octave, in amplitude.
    rise = np.clip(np.log2(np.maximum(hertz, 1e-3) / low) * 3 + 1, 0, 1)
    fall = np.clip(1 - np.log2(np.maximum(hertz, 1e-3) / high) * 3, 0, 1)
    passed = np.fft.irfft(spectrum * rise * fall, len(narrow)).astype(np.float32)
    return fit_length(audio.resample(passed, _LINE_RATE, sample_rate), len(waveform))


def through_codec(
    waveform: Waveform, sample_rate: int, codec_rate: int, container: str, subtype: str, level: float | None = None
) -> Waveform:
    """Encode and decode a waveform.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        codec_rate: Sample rate of the codec, Hz.
        container: libsndfile's format, for example "WAV".
        subtype: libsndfile's subtype, for example "GSM610".
        level: libsndfile's compression level, 0 to 1; None: its default.

    Returns:
        (samples,) at `sample_rate` Hz.
    """
    encoded = io.BytesIO()
    samples = np.clip(audio.resample(waveform, sample_rate, codec_rate), -1, 1)
    settings: dict[str, Any] = {} if level is None else {"compression_level": level}
    soundfile.write(encoded, samples, codec_rate, format=container, subtype=subtype, **settings)
    return fit_length(audio.load(encoded.getvalue(), sample_rate), len(waveform))


def fit_length(waveform: Waveform, samples: int) -> Waveform:
    """Cut a waveform at its end, or pad it there with silence: (any,) -> (samples,)."""
    return np.pad(waveform[:samples], (0, max(samples - len(waveform), 0)))


def opus(waveform: Waveform, sample_rate: int, bits: int) -> Waveform:
    """Encode with Opus, wide-band, at `bits` a second, and decode: (samples,) -> (samples,)."""
    return through_codec(waveform, sample_rate, 16_000, "OGG", "OPUS", 1 - (bits - _OPUS_MIN) / _OPUS_RANGE)


def add_noise(waveform: Waveform, noise: Waveform, snr: float) -> Waveform:
    """Add noise of the same length at a signal-to-noise ratio of `snr` dB, of mean powers: (samples,) -> (samples,)."""
    signal_power, noise_power = (float(np.mean(np.square(part, dtype=np.float64))) for part in (waveform, noise))
    return waveform + noise * np.float32(np.sqrt(signal_power / max(noise_power, 1e-20) / 10 ** (snr / 10)))


def babble(samples: int, context: ConditionContext) -> Waveform:
    """Mix six voices, all equally loud.

    Args:
        samples: Length.
        context: Voices are drawn from it, with replacement, and rolled.

    Returns:
        (samples,).

    Raises:
        SettingsError: There are no voices.
    """
    if not context.voices:
        raise SettingsError("babble needs voices of other speakers; give some in ConditionContext.voices")
    total = np.zeros(samples, np.float32)
    for number in context.rng.integers(len(context.voices), size=_TALKERS):
        voice = context.voices[number]
        rolled = np.resize(np.roll(voice, int(context.rng.integers(len(voice)))), samples)
        total += rolled / np.float32(max(float(np.sqrt(np.mean(np.square(rolled)))), 1e-6))
    return total


def add_reverberation(
    waveform: Waveform, sample_rate: int, seconds: float, direct: float, rng: np.random.Generator
) -> Waveform:
    """Add the reverberation of a room: noise that decays exponentially. Loudness and length stay.

    Args:
        waveform: (samples,).
        sample_rate: Hz.
        seconds: Reverberation time, in which the sound decays by 60 dB.
        direct: dB by which the direct sound is louder than the reverberation.
        rng: Generator of the noise.

    Returns:
        (samples,) float32.

    Source:
        Polack (1988), "La transmission de l'énergie sonore dans les salles", Université du Maine.
    """
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    response = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    response *= 10 ** (-direct / 20) / np.sqrt(np.sum(response**2))
    response[0] += 1
    size = 1 << (len(waveform) + len(response) - 1).bit_length()  # a power of two is fast to transform
    wet = np.fft.irfft(np.fft.rfft(waveform, size) * np.fft.rfft(response, size), size)[: len(waveform)]
    loudness = np.sqrt(np.mean(np.square(waveform, dtype=np.float64)) / max(float(np.mean(wet**2)), 1e-20))
    return (wet * loudness).astype(np.float32)


def _condition(function: Callable[..., Waveform], *parameters: Any) -> Condition:
    """A condition that draws nothing: the waveform, its rate and the parameters are passed on."""
    return lambda x, rate, context: function(x, rate, *parameters)


def _white(snr: float) -> Condition:
    return lambda x, rate, context: add_noise(x, context.rng.standard_normal(len(x), dtype=np.float32), snr)


def _babble(snr: float) -> Condition:
    return lambda x, rate, context: add_noise(x, babble(len(x), context), snr)


def _room(seconds: float, direct: float) -> Condition:
    return lambda x, rate, context: add_reverberation(x, rate, seconds, direct, context.rng)


def _gain(x: Waveform, rate: int, decibels: float) -> Waveform:
    return x * np.float32(10 ** (decibels / 20))


def _clip(x: Waveform, rate: int) -> Waveform:
    limit = _CLIP_LEVEL * float(np.abs(x).max(initial=0))
    return np.clip(x, -limit, limit)


_8K = "coded at 8 kHz without a filter, as on lines that are digital from end to end: what is below 300 Hz passes"

_TABLE: dict[str, tuple[Condition, str]] = {
    "telephone": (
        _condition(telephone),
        f"the band of an analogue telephone, {BAND[0]:.0f} to {BAND[1]:.0f} Hz with slopes of a third of an octave, at "
        "8 kHz; no codec",
    ),
    "mu-law": (_condition(through_codec, _LINE_RATE, "WAV", "ULAW"), f"µ-law, {_8K}"),
    "a-law": (_condition(through_codec, _LINE_RATE, "WAV", "ALAW"), f"A-law, {_8K}"),
    "gsm": (_condition(through_codec, _LINE_RATE, "WAV", "GSM610"), f"GSM 06.10, {_8K}"),
    **{f"opus-{kilobits}": (_condition(opus, 1000 * kilobits), f"Opus, {kilobits} kbit/s") for kilobits in (8, 16, 24)},
    **{f"white-{snr}": (_white(snr), f"white noise {snr} dB below the voice") for snr in (20, 10, 5, 0)},
    **{
        f"babble-{snr}": (_babble(snr), f"six voices of other speakers, together {snr} dB below the voice")
        for snr in (20, 10, 5, 0)
    },
    "room": (_room(0.3, 3.0), "reverberation of 0.3 s, 3 dB below the direct sound"),
    "hall": (_room(1.8, 0.0), "reverberation of 1.8 s, as loud as the direct sound"),
    "gain+20": (_condition(_gain, 20), "20 dB louder"),
    "gain-20": (_condition(_gain, -20), "20 dB softer"),
    "clipping": (_condition(_clip), "clipped at a quarter of the peak"),
    "silence-before": (lambda x, rate, context: np.pad(x, (round(PADDING * rate), 0)), "a second of silence before"),
    "silence-after": (lambda x, rate, context: np.pad(x, (0, round(PADDING * rate))), "a second of silence after"),
}

CONDITIONS: dict[str, Condition] = {name: condition for name, (condition, _) in _TABLE.items()}
"""Conditions by name; noises by signal-to-noise ratio in dB, Opus by kbit/s, gains by dB."""

ABOUT: dict[str, str] = {name: about for name, (_, about) in _TABLE.items()}
"""What each condition is."""

ALL = "all"
"""Stands for every one of `CONDITIONS`, each by itself."""

_NAME = "|".join(map(re.escape, sorted(CONDITIONS, key=len, reverse=True)))  # gain+20 before any shorter one
_JOINED = re.compile(rf"(?:{_NAME})(?:\+(?:{_NAME}))*")


def named(names: Iterable[str]) -> tuple[str, ...]:
    """Names of conditions, joined ones among them, each once; `ALL` stands for all that are not joined.

    Raises:
        SettingsError: A condition is not known, or is joined to itself.

    Examples:
        >>> named(["telephone+white-20", "room", "room"])
        ('telephone+white-20', 'room')
    """
    found: list[str] = []
    for name in names:
        if name != ALL:
            parts(name)
        found += CONDITIONS if name == ALL else [name]
    return tuple(dict.fromkeys(found))


def parts(name: str) -> tuple[str, ...]:
    """The conditions that a name joins, in the order in which the sound passes them.

    Raises:
        SettingsError: A condition is not known, or is joined to itself.

    Examples:
        >>> parts("telephone+gain+20")
        ('telephone', 'gain+20')
    """
    if not _JOINED.fullmatch(name):
        unknown = next((each for each in name.split("+") if not _JOINED.fullmatch(each)), name)
        raise SettingsError(
            f"condition {unknown!r} is not known; choose among {ALL}, {', '.join(CONDITIONS)}, or join some by +, as "
            "telephone+white-20"
        )
    found = tuple(re.findall(rf"(?:^|\+)({_NAME})(?=\+|$)", name))
    double = next((each for each in found if found.count(each) > 1), None)
    if double:
        raise SettingsError(f"condition {name!r} has {double} twice; once is enough")
    return found


def under(name: str, waveform: Waveform, sample_rate: int, context: Callable[[str], ConditionContext]) -> Waveform:
    """A waveform under a condition, or under several that are joined.

    Args:
        name: Of the condition, as `parts` takes it.
        waveform: (samples,).
        sample_rate: Hz.
        context: Part of the name -> what it may draw on.

    Returns:
        (samples,); longer by the silence that is added, if any.
    """
    for part in parts(name):
        waveform = CONDITIONS[part](waveform, sample_rate, context(part))
    return waveform
