import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect import audio
from voxaffect.augment import CONDITIONS, ConditionContext
from voxaffect.augment.conditions import ABOUT, ALL, PADDING, add_reverberation, babble, named, parts, telephone, under
from voxaffect.errors import SettingsError

RATE = 16_000


def tone(hertz: float, level: float = 0.3, seconds: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def voice(seed: int, seconds: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (
        sum(tone(hertz, 0.1, seconds) for hertz in (150, 450, 900, 2000))
        + 0.01 * rng.standard_normal(round(seconds * RATE))
    ).astype(np.float32)


def decibels(waveform: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.square(waveform, dtype=np.float64)) + 1e-20)


def context(seed: int = 0) -> ConditionContext:
    return ConditionContext(np.random.default_rng(seed), [voice(number) for number in range(10, 18)])


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_gives_a_waveform_of_its_length_the_same_each_time_and_leaves_the_one_it_was_given(name):
    given_one = voice(1)
    before = given_one.copy()
    heard, again = (CONDITIONS[name](given_one, RATE, context()) for _ in range(2))
    longer = round(PADDING * RATE) if name.startswith("silence") else 0
    assert heard.shape == (len(given_one) + longer,)
    assert heard.dtype == np.float32
    assert np.isfinite(heard).all()
    assert np.array_equal(heard, again)
    assert np.array_equal(given_one, before)


def test_names_are_those_that_people_ask_for():
    wanted = {
        "telephone",
        "mu-law",
        "a-law",
        "gsm",
        "opus-8",
        "opus-24",
        "white-20",
        "white-0",
        "babble-10",
        "room",
        "hall",
    }
    assert wanted <= set(CONDITIONS)


@pytest.mark.parametrize("snr", [20, 10, 5, 0])
@pytest.mark.parametrize("kind", ["white", "babble"])
def test_noise_is_as_far_below_the_voice_as_it_says(kind, snr):
    clean = voice(1, 3.0)
    noise = CONDITIONS[f"{kind}-{snr}"](clean, RATE, context()) - clean
    assert decibels(clean) - decibels(noise) == pytest.approx(snr, abs=0.01)


@pytest.mark.parametrize(("hertz", "loss"), [(60, 40), (150, 20), (5000, 40), (1000, 0), (400, 0), (3000, 0)])
def test_a_telephone_passes_its_band_alone(hertz, loss):
    lost = decibels(tone(hertz)) - decibels(telephone(tone(hertz), RATE))
    assert lost == pytest.approx(0, abs=0.5) if loss == 0 else lost > loss


def test_mu_law_is_that_of_the_standard():
    """ITU-T G.711, continuous: what comes back differs by at most half a step, which grows with the level."""
    line = tone(1000, 0.5)
    there = CONDITIONS["mu-law"](line, RATE, context())
    error = np.abs(there - audio.resample(audio.resample(line, RATE, 8_000), 8_000, RATE))[800:-800]
    # Steps of the loudest segment are 256 of 8159 parts wide, and resampling back may add up several.
    assert 1e-4 < error.max() < 256 / 8159


@pytest.mark.parametrize("name", ["mu-law", "a-law", "gsm"])
def test_a_digital_line_passes_a_deep_voice(name):
    deep = tone(120)
    assert decibels(CONDITIONS[name](deep, RATE, context())) == pytest.approx(decibels(deep), abs=1)


def test_codecs_keep_the_time():
    clean = np.zeros(RATE, np.float32)
    clean[4000:12000] = voice(3, 0.5)
    for name in ("gsm", "opus-8", "opus-16", "opus-24", "mu-law"):
        heard = CONDITIONS[name](clean, RATE, context())
        lag = np.argmax(np.correlate(heard, clean, "full")) - len(clean) + 1
        # GSM's filters are late by some samples of 8 kHz.
        assert abs(lag) <= 0.005 * RATE, name


@pytest.mark.parametrize("seconds", [0.3, 1.8])
def test_a_room_decays_by_sixty_decibels_in_its_time(seconds):
    click = np.zeros(3 * RATE, np.float32)
    click[0] = 1
    heard = add_reverberation(click, RATE, seconds, 0.0, np.random.default_rng(0)).astype(np.float64)
    energy = np.cumsum(heard[:0:-1] ** 2)[::-1]  # Schroeder 1965
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    start, end = (int(np.argmax(level < each)) for each in (-5, -35))
    assert 2 * (end - start) / RATE == pytest.approx(seconds, rel=0.1)


def test_a_room_is_as_loud_as_the_open():
    clean = voice(4, 2.0)
    assert decibels(CONDITIONS["hall"](clean, RATE, context())) == pytest.approx(decibels(clean), abs=0.01)


@given(st.integers(1, 50_000))
def test_clips_of_any_length_are_heard(samples):
    clean = np.full(samples, 0.1, np.float32)
    for name in ("telephone", "mu-law", "white-10", "room", "clipping", "babble-5"):
        assert np.isfinite(CONDITIONS[name](clean, RATE, context())).all(), name


@pytest.mark.parametrize("samples", [1, 10, 160, 161])
def test_clips_shorter_than_a_codecs_frame_are_heard(samples):
    clean = np.full(samples, 0.1, np.float32)
    for name in ("gsm", "opus-8", "opus-24", "hall"):
        assert len(CONDITIONS[name](clean, RATE, context())) == samples, name


def test_a_silent_clip_stays_without_nonsense():
    for name, condition in CONDITIONS.items():
        assert np.isfinite(condition(np.zeros(RATE, np.float32), RATE, context())).all(), name


def test_a_babble_needs_voices():
    with pytest.raises(ValueError, match="needs voices"):
        babble(100, ConditionContext(np.random.default_rng(0)))


@given(st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=5, unique=True))
def test_joined_names_are_read_as_they_were_joined(names):
    assert parts("+".join(names)) == tuple(names)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cave", "condition 'cave' is not known"),
        ("telephone+", "condition '' is not known"),
        ("telephone+cave+room", "condition 'cave' is not known"),
        ("gain+21", "condition 'gain' is not known"),
        ("telephone++room", "condition '' is not known"),
        ("Telephone", "condition 'Telephone' is not known"),
        ("telephone+room+telephone", "has telephone twice"),
        ("all+room", "condition 'all' is not known"),
    ],
)
def test_what_cannot_be_joined_is_refused(name, message):
    with pytest.raises(SettingsError, match=re.escape(message)):
        named([name])


def test_all_stands_for_each_by_itself():
    assert named([ALL]) == tuple(CONDITIONS)
    assert named(["room", "gain+20+room", ALL])[:2] == ("room", "gain+20+room")
    assert set(ABOUT) == set(CONDITIONS)


@pytest.mark.parametrize("names", [("telephone", "mu-law"), ("white-10", "telephone"), ("room", "gain-20", "clipping")])
def test_joined_conditions_are_one_after_the_other(names):
    expected = voice(1)
    for name in names:
        expected = CONDITIONS[name](expected, RATE, context(3))
    assert np.array_equal(under("+".join(names), voice(1), RATE, lambda part: context(3)), expected)
