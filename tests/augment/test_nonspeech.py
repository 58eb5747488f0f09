import numpy as np
import pytest

from voxaffect.augment.nonspeech import PEAK, TEST_SOUNDS, TRAINING_SOUNDS, noise, synthesize

RATE = 16_000


@pytest.mark.parametrize("name", TRAINING_SOUNDS | TEST_SOUNDS)
def test_each_is_a_sound_the_same_each_time_and_another_for_another_seed(name):
    one, again, other = (synthesize(name, np.random.default_rng(seed), 24_000, RATE) for seed in (1, 1, 2))
    assert one.shape == (24_000,)
    assert one.dtype == np.float32
    assert np.abs(one).max() == pytest.approx(PEAK, abs=1e-6)
    assert np.array_equal(one, again)
    assert not np.allclose(one, other)


@pytest.mark.parametrize("name", TRAINING_SOUNDS | TEST_SOUNDS)
@pytest.mark.parametrize("samples", [800, 8_001])
def test_short_ones_and_other_rates_are_finite_too(name, samples):
    for seed in range(5):
        assert np.isfinite(synthesize(name, np.random.default_rng(seed), samples, 8_000)).all()


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_the_colour_of_noise_is_its_slope(slope):
    power = np.mean(
        [np.abs(np.fft.rfft(noise(np.random.default_rng(seed), 2**14, slope))) ** 2 for seed in range(20)], 0
    )
    octaves = [10 * np.log10(power[2**k : 2 ** (k + 1)].mean()) for k in range(4, 12)]
    assert np.diff(octaves).mean() == pytest.approx(-3.01 * slope, abs=0.3)


def test_nobody_learns_what_is_kept_to_try_them_on():
    assert not set(TRAINING_SOUNDS) & set(TEST_SOUNDS)
