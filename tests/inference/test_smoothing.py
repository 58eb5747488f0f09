import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect.errors import SettingsError
from voxaffect.inference.smoothing import Smoother, Smoothing


def smoothed(values: np.ndarray, settings: Smoothing) -> np.ndarray:
    smoother = Smoother(settings, values.shape[1])
    found = [decided for each in values for decided in smoother.push(each)]
    return np.array(found + smoother.flush())


def by_all_paths(values: np.ndarray, stay: float, trust: float) -> np.ndarray:
    """The definition: every path of states, weighted by what it costs."""
    cells, classes = values.shape
    found = np.zeros(values.shape)
    for path in itertools.product(range(classes), repeat=cells):
        weight = 1.0
        for cell, state in enumerate(path):
            moves = stay * (cell > 0 and state == path[cell - 1]) + (1 - stay) / classes
            weight *= (moves if cell else 1) * values[cell, state] ** trust
        for cell, state in enumerate(path):
            found[cell, state] += weight
    return found / found.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("stay", "trust"), [(0.9, 0.5), (0.5, 1.0), (0.0, 0.3)])
def test_it_is_what_all_paths_together_say(stay, trust):
    values = np.random.default_rng(1).dirichlet(np.ones(3), 5)
    assert smoothed(values, Smoothing(stay, trust, lag=9)) == pytest.approx(by_all_paths(values, stay, trust))


def test_a_lag_hears_so_much_of_the_future_and_no_more():
    rng = np.random.default_rng(2)
    values = rng.dirichlet(np.ones(4), 12)
    other = values.copy()
    other[8:] = rng.dirichlet(np.ones(4), 4)
    settings = Smoothing(lag=2)
    one, two = smoothed(values, settings), smoothed(other, settings)
    assert one[:6] == pytest.approx(two[:6], abs=1e-12)
    assert np.abs(one[6] - two[6]).max() > 1e-6
    assert smoothed(values[:9], settings)[:7] == pytest.approx(one[:7], abs=1e-12)


@given(st.integers(0, 99), st.integers(1, 20), st.floats(0, 0.99), st.floats(0.05, 2), st.integers(0, 5))
def test_every_cell_is_decided_once_and_sums_to_one(seed, cells, stay, trust, lag):
    values = np.random.default_rng(seed).dirichlet(np.ones(4), cells)
    found = smoothed(values, Smoothing(stay, trust, lag))
    assert found.shape == values.shape
    assert found.sum(axis=1) == pytest.approx(np.ones(cells))
    assert (found >= 0).all()


def test_one_odd_window_does_not_change_an_emotion_and_several_do():
    sure, odd = np.array([0.8, 0.2]), np.array([0.2, 0.8])
    assert (smoothed(np.stack([sure] * 5 + [odd] + [sure] * 5), Smoothing()).argmax(axis=1) == 0).all()
    found = smoothed(np.stack([sure] * 6 + [odd] * 6), Smoothing()).argmax(axis=1)
    assert found.tolist() in ([0] * 6 + [1] * 6, [0] * 7 + [1] * 5)


def test_a_pause_makes_what_was_heard_count_for_less():
    smoother = Smoother(Smoothing(), 2)
    for _ in range(10):
        smoother.push(np.array([0.9, 0.1]))
    smoother.flush()
    before = smoother.memory[0]
    smoother.pause(2)
    short = smoother.memory[0]
    smoother.pause(200)
    assert before > short > 0.5
    assert smoother.memory[0] == pytest.approx(0.5, abs=1e-6)


def test_a_probability_of_nothing_forbids_nothing():
    found = smoothed(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]), Smoothing())
    assert np.isfinite(found).all()


@pytest.mark.parametrize("wrong", [{"stay": 1.0}, {"stay": -0.1}, {"trust": 0.0}, {"lag": -1}])
def test_settings_that_make_no_sense(wrong):
    with pytest.raises(SettingsError, match="choose"):
        Smoothing(**wrong)
