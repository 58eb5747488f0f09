import itertools

import numpy as np
import pytest

import synthetic_calls
from synthetic_calls import SAMPLE_RATE, apply_condition, make_call

CLASSES = 3


def clips(seed: int, count: int = 12) -> list[tuple[np.ndarray, int]]:
    """Tones between silences, each of a length of its own."""
    rng, found = np.random.default_rng(seed), []
    for number in range(count):
        seconds = rng.uniform(0.6, 2.0)
        tone = 0.3 * np.sin(2 * np.pi * (200 + 20 * number) * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
        found.append((np.pad(tone, SAMPLE_RATE).astype(np.float32), number % CLASSES))
    return found


@pytest.fixture(scope="module")
def call():
    return make_call({"x/1": clips(1), "x/2": clips(2, 7)}, np.random.default_rng(0))


def test_every_clip_comes_once_and_its_silences_not_at_all(call):
    for channel, (seed, count) in enumerate([(1, 12), (2, 7)]):
        mine = [each for each in call.spoken if each.channel == channel]
        lengths = sorted(len(waveform) / SAMPLE_RATE - 2 for waveform, _ in clips(seed, count))
        assert sorted(each.end - each.start for each in mine) == pytest.approx(lengths, abs=0.06)
        assert sorted(each.emotion for each in mine) == sorted(emotion for _, emotion in clips(seed, count))
        assert {each.speaker for each in mine} == {f"x/{channel + 1}"}


def test_what_is_said_is_heard_there_and_nowhere_else(call):
    for channel in range(2):
        loud = np.zeros(len(call.samples), bool)
        for each in (*call.spoken, *call.sounds):
            if each.channel == channel:
                loud[round(each.start * SAMPLE_RATE) : round(each.end * SAMPLE_RATE)] = True
        samples = call.samples[:, channel]
        assert np.sqrt(np.mean(samples[~loud] ** 2)) == pytest.approx(10 ** (synthetic_calls.ROOM / 20), rel=0.05)
        assert np.sqrt(np.mean(samples[loud] ** 2)) > 0.02


def test_they_take_turns(call):
    assert all(before.end < after.start for before, after in itertools.pairwise(call.spoken))
    assert len({each.channel for each in call.spoken[:10]}) == 2


def test_emotions_last(call):
    mine = [each.emotion for each in call.spoken if each.channel == 0]
    changes = sum(a != b for a, b in itertools.pairwise(mine))
    assert CLASSES - 1 <= changes < len(mine) / 2


def test_the_same_seed_makes_the_same_call():
    people = {"x/1": clips(1), "x/2": clips(2)}
    one, two, three = (make_call(people, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one.samples, two.samples)
    assert one.spoken == two.spoken
    assert one.spoken != three.spoken


def test_now_and_then_there_is_what_one_hears_on_hold():
    many = [make_call({"x/1": clips(k), "x/2": clips(k + 50)}, np.random.default_rng(k)) for k in range(10)]
    assert sum(len(each.sounds) for each in many) >= 2


def test_conditions_change_the_sound_and_not_the_truth(call):
    there = apply_condition(call, "telephone+mu-law", np.random.default_rng(0))
    assert there.spoken == call.spoken
    assert there.samples.shape == call.samples.shape
    assert np.abs(there.samples - call.samples).max() > 0.01
    assert apply_condition(call, "clean", np.random.default_rng(0)).samples == pytest.approx(call.samples)


@pytest.mark.parametrize("noise", [-80, -45, -30])
def test_what_is_spoken_of_a_clip_is_found_in_its_room_s_noise(noise):
    rng = np.random.default_rng(0)
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    clip = np.pad(tone, (SAMPLE_RATE // 2, SAMPLE_RATE)) + rng.standard_normal(5 * SAMPLE_RATE // 2) * 10 ** (
        noise / 20
    )
    found = synthetic_calls.spoken(clip.astype(np.float32))
    assert len(found) / SAMPLE_RATE == pytest.approx(1, abs=0.06)
