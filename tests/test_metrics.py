import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score

from voxaffect import metrics


@given(st.integers(2, 8), st.integers(5, 200), st.integers(0, 1000))
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_figures_are_scikit_learns(classes, n, seed):
    rng = np.random.default_rng(seed)
    truth, prediction = rng.integers(classes, size=n), rng.integers(classes, size=n)
    counts = metrics.confusion(truth, prediction, classes)
    assert np.array_equal(counts, confusion_matrix(truth, prediction, labels=range(classes)))
    assert metrics.uar(counts) == pytest.approx(balanced_accuracy_score(truth, prediction))
    assert metrics.wa(counts) == pytest.approx(accuracy_score(truth, prediction))
    assert metrics.f1(counts) == pytest.approx(f1_score(truth, prediction, average="macro"))


def test_ece_by_hand():
    # Two of four right at 0.9, one of one right at 0.6: gaps 0.4 and 0.4.
    truth = np.array([0, 0, 1, 1, 0])
    probabilities = np.array([[0.9, 0.1]] * 4 + [[0.6, 0.4]])
    assert metrics.ece(truth, probabilities) == pytest.approx((4 * 0.4 + 0.4) / 5)


def test_ece_of_an_honest_model_is_small():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 50_000)
    truth = (rng.random(50_000) > confidence).astype(int)
    assert metrics.ece(truth, np.stack([confidence, 1 - confidence], axis=1)) < 0.01


def test_the_interval_resamples_speakers():
    """Speakers who are wholly right or wholly wrong: clips resampled would give a far narrower interval."""
    speakers = np.repeat([f"s{i:02d}" for i in range(20)], 100)
    truth = np.tile([0, 1], 1000)
    prediction = np.where(np.repeat(np.arange(20) % 2 == 0, 100), truth, 1 - truth)
    estimate = metrics.figures(truth, prediction, speakers, 2).wa
    # The mean of 20 coin flips has a deviation of 0.112.
    assert estimate.value == 0.5
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * 0.112, rel=0.15)


def test_the_interval_agrees_with_a_plain_bootstrap():
    rng = np.random.default_rng(1)
    speakers = np.repeat([f"s{i}" for i in range(12)], 30)
    truth = rng.integers(3, size=360)
    skill = np.repeat(rng.uniform(0.3, 0.9, 12), 30)
    prediction = np.where(rng.random(360) < skill, truth, rng.integers(3, size=360))
    estimate = metrics.figures(truth, prediction, speakers, 3).uar
    plain = []
    for _ in range(2000):
        rows = np.concatenate([np.flatnonzero(speakers == each) for each in rng.choice(np.unique(speakers), 12)])
        plain.append(balanced_accuracy_score(truth[rows], prediction[rows]))
    assert [estimate.low, estimate.high] == pytest.approx(np.percentile(plain, [2.5, 97.5]), abs=0.01)


def test_one_speaker_has_no_interval():
    estimate = metrics.figures(np.array([0, 1]), np.array([0, 1]), np.array(["a", "a"]), 2).uar
    assert estimate.value == 1
    assert np.isnan(estimate.low)


def test_a_difference_resamples_the_speakers_of_both_together():
    """Where one model is better by the same amount on every speaker, the interval has no width."""
    speakers = np.repeat([f"s{index}" for index in range(10)], 8)
    truth = np.tile([0, 1], 40)
    good, bad = truth.copy(), truth.copy()
    bad[::8] = 1 - bad[::8]  # one clip of each speaker
    ours, theirs = (metrics.by_speaker(truth, each, speakers, 2) for each in (good, bad))
    found = metrics.mean_uar_difference([ours], [theirs])
    assert found == pytest.approx((0.125, 0.125, 0.125))
    assert metrics.mean_uar_difference([ours], [ours]) == (0, 0, 0)
    hard = truth.copy()
    hard[speakers == "s3"] = 1 - hard[speakers == "s3"]
    found = metrics.mean_uar_difference([metrics.by_speaker(truth, hard, speakers, 2)], [ours])
    assert found.value == pytest.approx(-0.1)
    assert found.low < -0.2 < found.value < found.high == 0
    # Of several corpora each counts alike, however many clips it has.
    mean = metrics.mean_uar([ours, theirs])
    assert mean.value == pytest.approx((1 + 0.875) / 2)
    assert mean.low == mean.high == mean.value  # every speaker is alike
    apart = metrics.mean_uar_difference([ours, metrics.by_speaker(truth, hard, speakers, 2)], [ours, ours])
    assert apart.value == pytest.approx(-0.05)
    assert apart.low < -0.1 < apart.value < apart.high == 0
