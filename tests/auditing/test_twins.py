import librosa
import numpy as np
import pytest

from conftest import babble
from voxaffect import audio
from voxaffect.auditing.fingerprint import RATE, log_spectrum
from voxaffect.auditing.placement import PER_OCTAVE, PICTURE_HOP_LENGTH
from voxaffect.auditing.twins import compare

SEEDS = range(4)


def find_twin(first, second, scale):
    """How the second comes from the first, if it does; alone, without look-alikes."""
    comparison = compare(first, second, scale)
    return comparison.twin if comparison is not None and comparison.surplus >= 0 else None


def drawn(waveform, rate=16_000):
    resampled = audio.resample(np.asarray(waveform, np.float32), rate, RATE)
    return log_spectrum(resampled, PER_OCTAVE, PICTURE_HOP_LENGTH)


def noisy(x):
    noise = np.random.default_rng(0).standard_normal(len(x))
    return x + noise * np.sqrt(np.mean(x**2) / 100)


@pytest.mark.parametrize(
    ("change", "shift"),
    [
        (lambda x: 0.2 * x, 0),
        (lambda x: np.clip(3 * x, -1, 1), 0),
        (noisy, 0),
        (lambda x: np.roll(x, 8_000), 0.5),
        (lambda x: x[4_800:], -0.3),
        (lambda x: np.concatenate([np.zeros(4_800), x]), 0.3),
        (lambda x: np.concatenate([np.zeros(4_800), x[:-4_800]]), 0.3),
    ],
    ids=["quiet", "loud", "noise", "circular", "cut", "padded", "padded and cut"],
)
def test_copies(change, shift):
    for seed in SEEDS:
        x = babble(seed)
        twin = find_twin(drawn(x), drawn(change(x)), 1.0)
        assert twin is not None
        assert not twin.altered
        assert twin.shift == pytest.approx(shift, abs=0.021)


@pytest.mark.parametrize("steps", [-2, -0.5, 1, 2])
def test_pitch(steps):
    twins = []
    for seed in SEEDS:
        x = babble(seed)
        twins.append(find_twin(drawn(x), drawn(librosa.effects.pitch_shift(x, sr=16_000, n_steps=steps)), 1.0))
    found = [twin for twin in twins if twin is not None]
    assert len(found) >= len(SEEDS) - 1  # what is promised is nearly all
    for twin in found:
        assert twin.pitch == pytest.approx(steps, abs=0.26)
        assert twin.tempo == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("factor", "searched"), [(0.8, 1.26), (0.9, 1.12), (1.1, 1 / 1.12), (1.25, 1 / 1.26)])
def test_tempo(factor, searched):
    twins = []
    for seed in SEEDS:
        x = babble(seed)
        twins.append(find_twin(drawn(x), drawn(librosa.effects.time_stretch(x, rate=factor)), searched))
    found = [twin for twin in twins if twin is not None]
    assert len(found) >= len(SEEDS) - 1
    for twin in found:
        assert twin.pitch == 0
        assert twin.tempo == pytest.approx(factor, rel=0.04)


def test_speed_moves_pitch_and_tempo():
    x = babble(0)
    twin = find_twin(drawn(x), drawn(audio.resample(x, 16_000, 14_254)), 1 / 1.12)
    assert twin is not None
    assert twin.pitch == pytest.approx(2, abs=0.26)
    assert twin.tempo == pytest.approx(1.1225, rel=0.01)


def test_another_take_is_not_a_twin():
    for seed in range(6):
        for scale in (1.0, 1 / 1.06, 1.06):
            assert find_twin(drawn(babble(seed)), drawn(babble(seed, wander=7)), scale) is None


def test_a_part_is_found_wherever_it_was():
    x = babble(0, 4.0)
    for begin in (8_000, 16_000, 24_000):
        twin = find_twin(drawn(x), drawn(x[begin : begin + 40_000]), 1.0)
        assert twin is not None
        assert not twin.altered
        assert twin.shift == pytest.approx(-begin / 16_000, abs=0.021)


def test_clicks_at_the_ends_overlap_little_and_break_nothing():
    early, late = np.zeros(8_000), np.zeros(8_000)
    early[100:120], late[-120:-100] = 0.9, 0.9
    for first, second in ((early, late), (late, early), (early, early), (early[:3_000], late)):
        for scale in (1.0, 1.26, 1 / 1.26):
            find_twin(drawn(first), drawn(second), scale)
    assert find_twin(drawn(early), drawn(early), 1.0).shift == 0


def test_somebody_else_is_not_a_twin():
    for seed in range(12):
        assert find_twin(drawn(babble(seed)), drawn(babble(seed + 100)), 1.0) is None
