"""Two speakers on two channels are told from two copies, microphones or rooms of one."""

import numpy as np
import pytest

from conftest import babble
from voxaffect.audio.channels import Levels

RATE = 16_000
RNG = np.random.default_rng(0)


def differ(first: np.ndarray, second: np.ndarray, chunk: int = 5000, rate: int = RATE) -> bool:
    samples, levels = np.stack([first, second], axis=1).astype(np.float32), Levels(rate)
    for start in range(0, len(samples), chunk):
        levels.push(samples[start : start + chunk])
    return levels.speakers_differ()


def noise(level: float, samples: int) -> np.ndarray:
    return RNG.normal(0, level, samples)


def room(voice: np.ndarray, seconds: float, seed: int) -> np.ndarray:
    """At another place of a room: another delay, another reverberation."""
    rng = np.random.default_rng(seed)
    tail = rng.normal(0, 0.05, round(seconds * RATE)) * np.exp(-np.arange(round(seconds * RATE)) / (seconds * RATE / 5))
    response = np.concatenate([np.zeros(rng.integers(0, 160)), [1.0], tail])
    return np.fft.irfft(np.fft.rfft(voice, 1 << 18) * np.fft.rfft(response, 1 << 18), 1 << 18)[: len(voice)]


def telephone(voice: np.ndarray) -> np.ndarray:
    spectrum, hertz = np.fft.rfft(voice), np.fft.rfftfreq(len(voice), 1 / RATE)
    return np.fft.irfft(spectrum * ((hertz > 300) & (hertz < 3400)), len(voice))


def spoken(seed: int) -> np.ndarray:
    """Five seconds with pauses."""
    return np.concatenate([babble(seed), np.zeros(RATE), babble(seed + 100)])


def call(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two who take turns."""
    rng, lines = np.random.default_rng(seed), ([], [])
    for turn in range(6):
        voice = babble(seed + turn % 2)[: round(rng.uniform(0.6, 2) * RATE)]
        lines[turn % 2].append(voice)
        lines[1 - turn % 2].append(np.zeros(len(voice)))
    return np.concatenate(lines[0]), np.concatenate(lines[1])


ONE = {
    "equal": lambda voice: (voice, voice),
    "another level": lambda voice: (voice, 0.1 * voice),
    "the other way round": lambda voice: (voice, -voice),
    "a delay": lambda voice: (voice, np.roll(voice, 80)),
    "two places in a room": lambda voice: (room(voice, 0.3, 1), room(voice, 0.3, 2) + noise(3e-4, len(voice))),
    "one silent": lambda voice: (voice, 0 * voice),
    "one an offset": lambda voice: (voice, 0 * voice + 0.1),
    "one noise": lambda voice: (voice, noise(3e-3, len(voice))),
    "one hum": lambda voice: (0.02 * np.sin(np.arange(len(voice)) / 50), voice),
    "cross-talk": lambda voice: (voice, 0.03 * voice + noise(1e-3, len(voice))),
    "one by telephone": lambda voice: (voice, telephone(voice)),
    "one in a room, and late": lambda voice: (voice, np.roll(room(voice, 0.3, 1), 480)),
    "nobody": lambda voice: (0 * voice, 0 * voice),
}

TWO = {
    "a call": lambda first, second: (first, second),
    "with a quiet end": lambda first, second: (first, 0.1 * second),
    "with noise": lambda first, second: (first + noise(1e-3, len(first)), second + noise(1e-3, len(first))),
    "with an echo": lambda first, second: (first + 0.03 * second, second + 0.03 * first),
    "on the telephone": lambda first, second: (np.round(first * 127) / 127, np.round(second * 127) / 127),
    "with an offset": lambda first, second: (first + 0.2, second - 0.1),
}


@pytest.mark.parametrize("kind", ONE)
@pytest.mark.parametrize("seed", range(3))
def test_one_voice_on_two_channels(kind, seed):
    assert not differ(*ONE[kind](spoken(seed)))


@pytest.mark.parametrize("kind", TWO)
@pytest.mark.parametrize("seed", range(3))
def test_two_voices_by_turns(kind, seed):
    assert differ(*TWO[kind](*call(seed)))


@pytest.mark.parametrize("kind", TWO)
@pytest.mark.parametrize("seed", range(3))
def test_two_voices_at_once(kind, seed):
    assert differ(*TWO[kind](babble(seed), babble(seed + 50)))
    assert differ(*TWO[kind](spoken(seed), spoken(seed)[::-1]))


@pytest.mark.parametrize("chunk", [1, 479, 16_001, 1 << 20])
def test_it_does_not_matter_how_it_arrives(chunk):
    first, second = call(0)
    cut = 3 * RATE if chunk > 1 else RATE // 2
    assert differ(first[:cut], second[:cut], chunk) == differ(first[:cut], second[:cut])


def test_of_nothing_nobody_differs():
    assert not Levels(RATE).speakers_differ()
    assert not differ(np.zeros(5), np.zeros(5))
