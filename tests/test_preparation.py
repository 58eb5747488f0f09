"""What does not belong to a voice changes no answer: an offset, hum, where the recording begins and ends."""

import functools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import voxaffect as va
from conftest import babble, buzz
from voxaffect import audio, corpora
from voxaffect.calibration import softmax

RATE = 16_000
PERIOD = round(0.32 * RATE)
BUNDLES = ["common4", "ravdess-small"]


def sine(hertz: float, level: float, samples: int, phase: float = 0.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE + phase)).astype(np.float32)


@functools.cache
def spoken(seed: int, seconds: float = 2.5) -> np.ndarray:
    """A voice between two pauses, of which the first 60 ms are as good as silent."""
    quiet = (np.random.default_rng(seed).standard_normal(2 * 3200) * 1e-4).astype(np.float32)
    return np.concatenate([quiet[:3200], babble(seed, seconds), quiet[3200:]])


@pytest.fixture(scope="module", params=BUNDLES)
def recognizer(request):
    return va.load(request.param)


def probabilities(recognizer, waveform) -> np.ndarray:
    return softmax(recognizer.forward(waveform)[0])


@given(seed=st.integers(0, 40), offset=st.floats(-0.5, 0.5))
@settings(max_examples=25)
def test_an_offset_is_removed(seed, offset):
    voice = spoken(seed)
    expected = voice - voice.mean()
    assert np.array_equal(audio.remove_hum(voice, RATE), expected)  # nothing else is taken from a voice
    assert np.abs(audio.remove_hum(voice + np.float32(offset), RATE) - expected).max() < 1e-6


@given(
    seed=st.integers(0, 40),
    mains=st.sampled_from(audio.MAINS),
    off=st.floats(-0.3, 0.3),
    decibels=st.floats(-50, -15),
    phase=st.floats(0, 6.28),
)
@settings(max_examples=40)
def test_hum_is_removed_whatever_its_frequency_level_and_phase(seed, mains, off, decibels, phase):
    voice = spoken(seed)
    level = 10 ** (decibels / 20)
    hum = sine(mains + off, level, len(voice), phase) + sine(3 * (mains + off), level / 3, len(voice), 1)
    left = audio.remove_hum(voice + hum, RATE) - (voice - voice.mean())
    assert np.sqrt(np.mean(left**2)) < 0.1 * np.sqrt(np.mean(hum**2)) + 1e-4


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100])
def test_hum_is_removed_at_every_rate(rate):
    time = np.arange(3 * rate) / rate
    voice = babble(1, 3.0, rate)
    hum = (0.05 * np.sin(2 * np.pi * 50 * time)).astype(np.float32)
    left = audio.remove_hum(voice + hum, rate) - (voice - voice.mean())
    assert np.abs(left).max() < 0.003


def test_hum_that_drifts_is_removed_from_a_long_recording():
    voice = np.concatenate([spoken(seed, 4.0) for seed in range(8)])
    hertz = np.linspace(49.95, 50.05, len(voice))
    hum = (0.03 * np.sin(2 * np.pi * np.cumsum(hertz) / RATE)).astype(np.float32)
    left = audio.remove_hum(voice + hum, RATE) - voice
    assert np.sqrt(np.mean(left**2)) < 0.1 * np.sqrt(np.mean(hum**2))


@pytest.mark.parametrize("pitch", [75, 100, 120, 150, 240])
def test_a_voice_of_one_pitch_is_no_hum(pitch):
    voice = buzz(pitch, 0.3, 3.0, RATE, np.random.default_rng(0))
    assert np.array_equal(audio.remove_hum(voice, RATE), voice - voice.mean())


def test_a_recording_of_nothing_but_hum_keeps_it():
    hum = sine(50, 0.1, 3 * RATE)
    assert np.abs(audio.remove_hum(hum + np.float32(0.2), RATE) - hum).max() < 1e-4
    assert len(audio.remove_hum(np.zeros(0, np.float32), RATE)) == 0
    assert np.abs(audio.remove_hum(np.full(100, 0.3, np.float32), RATE)).max() < 1e-6


@given(
    seed=st.integers(0, 40),
    before=st.integers(0, 4_000),
    removed=st.integers(0, 900),
    least=st.sampled_from([0, PERIOD, 8 * RATE]),
)
@settings(max_examples=40)
def test_the_grid_follows_the_voice(seed, before, removed, least):
    voice = spoken(seed)
    plain = audio.align(voice, PERIOD, least)
    assert len(plain) % PERIOD == 0
    assert len(plain) >= least
    for moved in (np.pad(voice, (before, 0)), voice[removed:], np.pad(voice, (0, before))):
        other = audio.align(moved, PERIOD, least)
        places = [int(np.argmax(np.abs(each))) % PERIOD for each in (plain, other)]
        apart = abs(places[0] - places[1])
        assert min(apart, PERIOD - apart) <= 16  # samples: a millisecond


@given(samples=st.integers(0, 60_000), period=st.integers(1, 8_000), least=st.integers(0, 20_000))
@settings(max_examples=40)
def test_whatever_is_aligned_keeps_what_is_loud(samples, period, least):
    waveform = np.random.default_rng(samples).standard_normal(samples).astype(np.float32)
    aligned = audio.align(waveform, period, least)
    assert len(aligned) % period == 0
    assert max(least, 1) <= len(aligned) < max(samples, least) + 3 * period
    kept = np.count_nonzero(aligned)
    assert samples - kept <= 2 * -(-period // 64)


def test_long_silence_is_shortened_and_short_silence_stays():
    voice = babble(3, 2.0)
    for silence in (RATE, 5 * RATE):
        aligned = audio.align(np.pad(voice, silence), PERIOD)
        assert len(voice) + 4 * PERIOD <= len(aligned) + 2 * PERIOD
        assert len(aligned) <= len(voice) + 7 * PERIOD
    assert not audio.align(np.zeros(RATE, np.float32), PERIOD).any()


@given(seed=st.integers(0, 40), before=st.integers(0, 2_000))
@settings(max_examples=20)
def test_trim_does_not_depend_on_where_the_recording_begins(seed, before):
    voice = spoken(seed)
    trimmed = audio.trim(voice, RATE, 40)
    assert np.array_equal(audio.trim(np.pad(voice, (before, 0)), RATE, 40), trimmed)
    assert np.array_equal(audio.trim(voice[min(before, 500) :], RATE, 40), trimmed)


@given(seed=st.integers(0, 200), offset=st.sampled_from([-0.2, 0.03, 0.1]))
@settings(max_examples=10)
def test_an_offset_changes_no_probability(recognizer, seed, offset):
    voice = spoken(seed)
    found = probabilities(recognizer, voice + np.float32(offset))
    assert found == pytest.approx(probabilities(recognizer, voice), abs=2e-3)


@given(seed=st.integers(0, 200), hertz=st.sampled_from([49.8, 50.0, 60.0]))
@settings(max_examples=10)
def test_hum_changes_no_probability(recognizer, seed, hertz):
    voice = spoken(seed)
    found = probabilities(recognizer, voice + sine(hertz, 10 ** (-30 / 20), len(voice)))
    assert found == pytest.approx(probabilities(recognizer, voice), abs=0.05)


@given(seed=st.integers(0, 200), milliseconds=st.sampled_from([5, 10, 20, 25, 37, 50]))
@settings(max_examples=15)
def test_silence_before_and_after_and_a_cut_change_no_probability(recognizer, seed, milliseconds):
    voice, samples = spoken(seed), milliseconds * RATE // 1000
    plain = probabilities(recognizer, voice)
    # Now and then the grid begins a period earlier or later, in silence.
    for moved in (np.pad(voice, (samples, 0)), np.pad(voice, (0, samples)), voice[samples:]):
        assert probabilities(recognizer, moved) == pytest.approx(plain, abs=0.06)


def test_a_bundle_whose_card_says_nothing_of_a_grid_takes_what_it_took(example):
    shipped = va.load("common4").bundle
    window = replace(shipped.card.window, align=None)
    plain = va.Recognizer(replace(shipped, card=replace(shipped.card, window=window)))
    waveform = audio.load(example, RATE)
    assert plain.part(waveform) == (0, len(waveform))
    assert plain.identity() != va.load("common4").identity()


LIMITS = {"offset": 0.0, "hum": 4 / 120, "cut": 0.03, "silence": 0.03}
"""Share of answers that each may change."""


@pytest.fixture(scope="module")
def clips(ravdess) -> list[np.ndarray]:
    utterances = sorted(corpora.load("ravdess", ravdess).utterances, key=lambda each: each.id)
    drawn = random.Random(1).sample([each for each in utterances if each.style == "speech"], 100)
    return [audio.load(each.path, RATE) for each in drawn]


def test_real_recordings(recognizer, clips):
    changes = {
        "offset": lambda waveform: waveform + np.float32(0.03),
        "hum": lambda waveform: waveform + sine(50, 10 ** (-30 / 20), len(waveform)),
        "cut": lambda waveform: waveform[160:],
        "silence": lambda waveform: np.pad(waveform, (800, 0)),
    }
    plain = [int(recognizer.forward(waveform)[0].argmax()) for waveform in clips]
    for name, change in changes.items():
        answers = [int(recognizer.forward(change(waveform))[0].argmax()) for waveform in clips]
        assert np.not_equal(answers, plain).mean() <= LIMITS[name], name
    # Nothing is taken from recordings that have neither.
    without = [recognizer.forward_part(waveform, recognizer.part(waveform))[0].argmax() for waveform in clips]
    assert np.array_equal(without, plain)
