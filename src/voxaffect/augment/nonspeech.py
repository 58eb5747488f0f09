"""Synthetic sounds without speech, in which a model should recognise no emotion.

A model may be trained on the first sort, and is tested on both.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform

Sound = Callable[[np.random.Generator, int, int], npt.NDArray[np.floating]]
"""(generator, samples, sample rate in Hz) -> (samples,)."""

PEAK = 0.5
"""Highest amplitude of every sound."""


def synthesize(name: str, rng: np.random.Generator, samples: int, sample_rate: int) -> Waveform:
    """Synthesize a sound.

    Args:
        name: In `TRAINING_SOUNDS` or `TEST_SOUNDS`.
        rng: Generator.
        samples: Length, 2 or more.
        sample_rate: Hz.

    Returns:
        (samples,) float32, with a peak of `PEAK`.

    Examples:
        >>> synthesize("pink", np.random.default_rng(0), 16_000, 16_000).shape
        (16000,)
    """
    sound = (TRAINING_SOUNDS | TEST_SOUNDS)[name](rng, samples, sample_rate)
    return (PEAK * sound / max(float(np.abs(sound).max()), 1e-9)).astype(np.float32)


def noise(rng: np.random.Generator, samples: int, slope: float) -> npt.NDArray[np.float64]:
    """Generate coloured Gaussian noise.

    Args:
        rng: Generator.
        samples: Length.
        slope: Power falls by 3 dB an octave for each unit: white 0, pink 1, brown 2.

    Returns:
        (samples,).
    """
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    return np.fft.irfft(spectrum * np.maximum(np.arange(len(spectrum)), 1) ** (-slope / 2), samples)


def _seconds(samples: int, sample_rate: int) -> npt.NDArray[np.float64]:
    return np.arange(samples) / sample_rate


def _partials(
    hertz: npt.NDArray[np.floating] | float, seconds: npt.NDArray[np.float64], strengths: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Sum harmonics. hertz: of the fundamental, one value or one for each sample. strengths: of the harmonics."""
    step = seconds[1] - seconds[0]
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, seconds.shape)) * step
    return np.sum([strength * np.sin((k + 1) * phase) for k, strength in enumerate(strengths)], axis=0)


def _coloured(slope: float) -> Sound:
    return lambda rng, samples, rate: noise(rng, samples, slope)


def _tone(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    return np.sin(2 * np.pi * rng.uniform(80, 3500) * _seconds(samples, rate)) + 1e-3 * rng.standard_normal(samples)


def _hum(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    strengths = rng.uniform(0, 1, 12) / np.arange(1, 13)
    hum = _partials(float(rng.choice([50, 60, 100, 120])), _seconds(samples, rate), strengths)
    return hum + 0.02 * noise(rng, samples, 1)


def _chord(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    root = 110 * 2 ** (rng.integers(0, 24) / 12)
    strengths = rng.uniform(0.2, 1, 6) / np.arange(1, 7)
    notes = [
        _partials(root * 2 ** (step / 12), _seconds(samples, rate), strengths) for step in (0, rng.choice([3, 4]), 7)
    ]
    return np.sum(notes, axis=0) * (1 + 0.3 * np.sin(2 * np.pi * rng.uniform(3, 7) * _seconds(samples, rate)))


def _bursts(rng: np.random.Generator, samples: int, rate: int, every: float, decay: float) -> npt.NDArray[np.floating]:
    """Noise bursts at random times, one in `every` seconds on average, that decay with a time constant of `decay` s."""
    sound = 1e-3 * rng.standard_normal(samples)
    for start in np.flatnonzero(rng.random(samples) < 1 / (every * rate)).tolist():
        length = min(round(5 * decay * rate), samples - start)
        burst = noise(rng, max(length, 2), rng.uniform(0, 1.5))[:length]
        burst /= max(np.abs(burst).max(), 1e-9)
        sound[start : start + length] += rng.uniform(0.3, 1) * burst * np.exp(-_seconds(length, rate) / decay)
    return sound


def _engine(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    turns = rng.uniform(15, 60) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.1, 0.5) * _seconds(samples, rate)))
    return _partials(turns, _seconds(samples, rate), 1 / np.arange(1, 30)) * 0.5 + noise(rng, samples, 2) * 3


def _synthesizer(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    """One to three noises or harmonic sounds: steady, swelling or struck repeatedly."""
    time, sound = _seconds(samples, rate), 1e-3 * rng.standard_normal(samples)
    for _ in range(rng.integers(1, 4)):
        if rng.random() < 0.5:
            spectrum = np.fft.rfft(noise(rng, samples, rng.uniform(0, 2)))
            hertz = np.maximum(np.fft.rfftfreq(samples, 1 / rate), 1)
            octaves = np.log2(hertz / np.exp(rng.uniform(np.log(60), np.log(6000))))
            part = np.fft.irfft(spectrum * np.exp(-((octaves / rng.uniform(0.2, 3)) ** 2)), samples)
        else:
            pitch = np.exp(rng.uniform(np.log(40), np.log(1500))) * np.exp2(rng.uniform(-1, 1) * time / time[-1])
            part = _partials(pitch, time, rng.uniform(0, 1, 8) / np.arange(1, 9) ** rng.uniform(0, 2))
        cycle = (time * np.exp(rng.uniform(np.log(0.3), np.log(12))) + rng.uniform()) % 1
        envelopes = (np.ones(samples), np.exp(-cycle * rng.uniform(2, 20)), np.sin(np.pi * cycle) ** 2)
        part = part * envelopes[rng.integers(3)]
        sound += rng.uniform(0.1, 1) * part / max(float(np.abs(part).max()), 1e-9)
    return sound


def _sweep(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    low, high = sorted(rng.uniform(100, 4000, 2))
    cycle = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.2, 2) * _seconds(samples, rate))  # as a siren's
    return _partials(low + (high - low) * cycle, _seconds(samples, rate), np.array([1.0, 0.3]))


def _ringing(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    time, period = _seconds(samples, rate), rng.choice([0.5, 1.0, 2.0])
    pairs = [(425, 425), (440, 480), (350, 440), (400, 450), (697, 1209), (852, 1477)]
    one, other = pairs[rng.integers(len(pairs))]
    tones = np.sin(2 * np.pi * one * time) + np.sin(2 * np.pi * other * time)
    return tones * ((time + rng.uniform(0, 2)) % period < period / 2) + 1e-3 * rng.standard_normal(samples)


def _melody(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    sound, start = 1e-3 * rng.standard_normal(samples), 0
    strengths = rng.uniform(0, 1, 8) / np.arange(1, 9)
    root, beat = 110 * 2 ** (rng.integers(0, 18) / 12), rng.uniform(0.12, 0.5)
    while start < samples:
        length = min(round(beat * rng.choice([1, 1, 2]) * rate), samples - start)
        pitch = root * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        time = _seconds(max(length, 2), rate)[:length]
        sound[start : start + length] += _partials(pitch, _seconds(max(length, 2), rate), strengths)[:length] * np.exp(
            -time / rng.uniform(0.1, 1)
        )
        start += length
    return sound


def _drums(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    beat, sound = rng.uniform(0.2, 0.5), 1e-3 * rng.standard_normal(samples)
    for number, start in enumerate(range(0, samples, round(beat * rate))):
        length = min(round(0.4 * rate), samples - start)
        time = _seconds(length, rate)
        if number % 2:
            sound[start : start + length] += rng.standard_normal(length) * np.exp(-time / 0.05)
        else:
            sound[start : start + length] += (
                2 * np.sin(2 * np.pi * 40 * np.exp(-4 * time) * 3 * time) * np.exp(-time / 0.15)
            )
    return sound


def _surf(rng: np.random.Generator, samples: int, rate: int) -> npt.NDArray[np.floating]:
    time = _seconds(samples, rate)
    swell = 0.05 + np.maximum(np.sin(2 * np.pi * rng.uniform(0.1, 5) * time + rng.uniform(0, 6)), 0) ** 2
    return noise(rng, samples, rng.uniform(0, 2)) / 10 * swell


TRAINING_SOUNDS: dict[str, Sound] = {
    "white": _coloured(0),
    "pink": _coloured(1),
    "brown": _coloured(2),
    "tone": _tone,
    "hum": _hum,
    "chord": _chord,
    "clicks": lambda rng, samples, rate: _bursts(rng, samples, rate, rng.uniform(0.03, 0.5), 0.002),
    "engine": _engine,
    "synthesiser": _synthesizer,
}
"""Sounds that training may use, by name."""

TEST_SOUNDS: dict[str, Sound] = {
    "sweep": _sweep,
    "ringing": _ringing,
    "melody": _melody,
    "drums": _drums,
    "knocks": lambda rng, samples, rate: _bursts(rng, samples, rate, rng.uniform(0.15, 0.6), 0.03),
    "surf": _surf,
}
"""Sounds that only tests use, by name."""
