"""Copies: the article's ranges, seeds, and what each kind does to a known sound."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from voxaffect.augment import COPIES, copied, copies
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError

RATE = 22_050
TIME = np.arange(2 * RATE) / RATE
TONE = (0.2 * np.sin(2 * np.pi * 440 * TIME)).astype(np.float32)
UTTERANCE = Utterance("ravdess/03-01-05-01-01-01-01", Path("x.wav"), "ravdess/01", "male", "angry")


def many(kind: str) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.array([COPIES[kind].draw(rng)[0] for _ in range(4000)])


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [("gain", 1.5, 3), ("pitch", 0, 4), ("shift", -2500, 2500), ("noise", 0, 0.005), ("speed-pitch", 0.8, 1)],
)
def test_ranges_are_the_articles(kind, low, high):
    drawn, width = many(kind), high - low
    assert low <= drawn.min() < low + 0.01 * width
    assert high - 0.01 * width < drawn.max() <= high
    assert abs(drawn.mean() - (low + high) / 2) < 0.03 * width


def test_stretch_is_one_rate():
    assert set(many("stretch")) == {0.8}


@pytest.mark.parametrize("kind", COPIES)
def test_one_draw_one_copy_and_the_original_stays(kind):
    before = TONE.copy()
    drawn = COPIES[kind].draw(np.random.default_rng(3))
    once, again = (COPIES[kind].apply(TONE, RATE, drawn) for _ in range(2))
    assert np.array_equal(once, again)
    assert np.array_equal(TONE, before)
    assert once.dtype == np.float32
    assert np.isfinite(once).all()
    if kind == "line":
        assert len(TONE) - 0.03 * RATE <= len(once) <= len(TONE)
    elif kind != "stretch":
        assert len(once) == len(TONE)


def loudest_frequency(waveform: np.ndarray) -> float:
    middle = waveform[len(waveform) // 4 : -len(waveform) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    return float(np.fft.rfftfreq(len(middle), 1 / RATE)[spectrum.argmax()])


def test_gain():
    assert np.allclose(COPIES["gain"].apply(TONE, RATE, (2.5,)), 2.5 * TONE)


def test_pitch_moves_a_tone_and_keeps_its_length():
    higher = COPIES["pitch"].apply(TONE, RATE, (4.0,))
    assert loudest_frequency(higher) == pytest.approx(440 * 2 ** (4 / 12), rel=0.01)


def test_shift_goes_round():
    ramp = np.arange(RATE, dtype=np.float32)
    assert np.array_equal(COPIES["shift"].apply(ramp, RATE, (1234.0,)), np.roll(ramp, 1234))


def test_noise_has_the_deviation_it_says():
    noise = COPIES["noise"].apply(TONE, RATE, (0.004, 7.0)) - TONE
    assert noise.std() == pytest.approx(0.004 * TONE.max(), rel=0.03)


def test_stretch_is_longer_at_the_same_pitch():
    longer = COPIES["stretch"].apply(TONE, RATE, (0.8,))
    assert len(longer) == pytest.approx(1.25 * len(TONE), abs=600)
    assert loudest_frequency(longer) == pytest.approx(440, rel=0.01)


def test_speed_and_pitch_is_shorter_and_higher_with_silence_behind():
    faster = COPIES["speed-pitch"].apply(TONE, RATE, (0.8,))
    end = round(0.8 * len(TONE))
    assert not faster[end + 1 :].any()
    assert loudest_frequency(faster[:end]) == pytest.approx(440 / 0.8, rel=0.01)


def test_a_copy_depends_on_seed_utterance_and_kind_alone():
    first, second = copied([UTTERANCE, dataclasses.replace(UTTERANCE, id="ravdess/other")], "noise")
    assert first.id == "ravdess/03-01-05-01-01-01-01+noise"
    assert first.copy == "noise"
    assert copies.draw_parameters(first, 0) == copies.draw_parameters(copied([UTTERANCE], "noise")[0], 0)
    assert copies.draw_parameters(first, 0) != copies.draw_parameters(second, 0)
    assert copies.draw_parameters(first, 0) != copies.draw_parameters(first, 1)
    assert copies.draw_parameters(first, 0)[0] != copies.draw_parameters(copied([UTTERANCE], "gain")[0], 0)[0]


def test_unknown_kinds_are_refused():
    with pytest.raises(SettingsError, match="'echo' are not known; choose among gain, pitch"):
        copied([UTTERANCE], "echo")
