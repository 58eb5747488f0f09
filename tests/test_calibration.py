"""Probabilities that say how often they are right, and thresholds that keep what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from voxaffect import metrics
from voxaffect.calibration import THRESHOLDS, risk_coverage, temperature, threshold
from voxaffect.card.scores import RiskCoverage
from voxaffect.errors import SettingsError


def believed(seed: int, n: int = 4000, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Truth that is drawn from the softmax of the logits: no one could be better calibrated."""
    rng = np.random.default_rng(seed)
    logits = 1.5 * rng.standard_normal((n, classes))
    return np.array([rng.choice(classes, p=row) for row in softmax(logits, axis=1)]), logits


@pytest.mark.parametrize("times", [0.3, 1.0, 4.0])
def test_what_was_made_too_sure_or_not_sure_enough_is_undone(times):
    truth, logits = believed(0)
    assert temperature(truth, times * logits) == pytest.approx(times, rel=0.1)
    assert metrics.ece(truth, softmax(logits / temperature(truth, logits), axis=1)) < 0.03


@given(st.integers(0, 10**6), st.floats(0.2, 5))
def test_the_temperature_is_that_of_the_lowest_loss(seed, times):
    rng = np.random.default_rng(seed)
    logits = times * rng.standard_normal((500, 3))
    truth = np.where(rng.random(500) < 0.5, logits.argmax(axis=1), rng.integers(3, size=500))

    def loss(log: float) -> float:
        return -log_softmax(logits / np.exp(log), axis=1)[np.arange(500), truth].sum() + 5 * log**2

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    assert temperature(truth, logits) == pytest.approx(np.exp(best.x), rel=0.01)


def test_a_few_that_are_all_right_or_all_wrong_do_not_make_it_sure_or_hopeless():
    logits = np.array([[2.0, -1.0], [-3.0, 0.5]] * 5)
    right = np.array([0, 1] * 5)
    assert 0.5 < temperature(right, logits) < 0.95
    assert 1.2 < temperature(1 - right, logits) < 8
    many = np.tile(logits, (1000, 1))
    assert temperature(np.tile(right, 1000), many) < 0.5


def test_the_surer_the_fewer_and_the_more_right():
    truth, logits = believed(1)
    curve = risk_coverage(truth, softmax(logits, axis=1))
    assert [point.threshold for point in curve] == list(THRESHOLDS)
    answered = [point.coverage for point in curve]
    assert answered == sorted(answered, reverse=True)
    assert answered[0] == 1
    accuracies = [point.accuracy for point in curve if point.accuracy is not None]
    assert accuracies[0] == pytest.approx((logits.argmax(axis=1) == truth).mean(), abs=1e-4)
    assert accuracies[-1] > accuracies[0] + 0.3


def test_of_few_answers_no_accuracy_is_told():
    probabilities = np.array([[0.9, 0.1]] * 19 + [[0.6, 0.4]] * 30)
    curve = risk_coverage(np.zeros(49, int), probabilities)
    assert curve[12] == RiskCoverage(0.6, 1.0, 1.0)
    assert curve[13] == RiskCoverage(0.65, round(19 / 49, 4), None)


def test_a_threshold_keeps_its_promise_from_there_on():
    def point(where: float, accuracy: float | None) -> RiskCoverage:
        return RiskCoverage(where, 1 - where, accuracy)

    curve = [point(0.0, 0.5), point(0.3, 0.8), point(0.5, 0.7), point(0.7, 0.85), point(0.9, None)]
    assert threshold(curve, 0.4) == 0
    assert threshold(curve, 0.75) == 0.7  # 0.3 has it by luck
    with pytest.raises(SettingsError, match=r"accuracy=0.9: no threshold .* the best gives 0.85"):
        threshold(curve, 0.9)
    with pytest.raises(SettingsError, match="accuracy=80: is the share"):
        threshold(curve, 80)


def test_a_threshold_found_on_some_speakers_keeps_its_promise_on_others():
    truth, logits = believed(2, n=8000)
    probabilities = softmax(logits, axis=1)
    found = threshold(risk_coverage(truth[:4000], probabilities[:4000]), 0.8)
    sure = probabilities[4000:].max(axis=1) >= found
    right = probabilities[4000:].argmax(axis=1) == truth[4000:]
    assert right[sure].mean() > 0.78
    assert sure.mean() > 0.2


def test_of_several_corpora_the_one_counts_on_which_answers_are_worst() -> None:
    truth = np.zeros(80, int)
    probabilities = np.tile([0.9, 0.1], (80, 1))
    probabilities[40:60] = [0.1, 0.9]  # half of what the second corpus has is wrong
    corpora = np.repeat(["easy", "hard"], 40)
    assert risk_coverage(truth, probabilities)[16].accuracy == 0.75
    assert risk_coverage(truth, probabilities, corpora)[16].accuracy == 0.5
