import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, f1_score, recall_score

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
    tested = np.unique(truth)
    assert metrics.f1(counts) == pytest.approx(f1_score(truth, prediction, labels=tested, average="macro"))
    assert np.array_equal(np.flatnonzero(metrics.classes_tested(counts)), tested)
    assert metrics.recalls(counts)[tested] == pytest.approx(
        recall_score(truth, prediction, labels=tested, average=None)
    )
    # Over some of them, as they are compared between groups.
    some = np.isin(range(classes), tested[: max(1, len(tested) // 2)])
    options = {"labels": np.flatnonzero(some), "average": "macro", "zero_division": 0}
    assert metrics.uar(counts, some) == pytest.approx(recall_score(truth, prediction, **options))
    assert metrics.f1(counts, some) == pytest.approx(f1_score(truth, prediction, **options))


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


def clips(speakers: int, classes: int, seed: int, *, each: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, prediction and speakers; voices differ in how well they are recognised."""
    rng = np.random.default_rng(seed)
    names = np.repeat([f"s{i:02d}" for i in range(speakers)], each * classes)
    truth = np.tile(np.repeat(np.arange(classes), each), speakers)
    skill = np.repeat(rng.uniform(0.3, 0.9, speakers), each * classes)
    return truth, np.where(rng.random(len(truth)) < skill, truth, rng.integers(classes, size=len(truth))), names


@given(st.integers(2, 9), st.integers(2, 5), st.integers(0, 1000))
@settings(max_examples=25)
def test_classes_that_nobody_tests_change_nothing(speakers, classes, seed):
    """A model of eight classes that is tested on three is judged as one of three, but for what it takes from them."""
    truth, prediction, names = clips(speakers, classes, seed)
    plain, wide = (metrics.figures(truth, prediction, names, n) for n in (classes, classes + 3))
    assert plain[:3] == wide[:3]
    assert wide.recalls[:classes] == plain.recalls
    assert all(np.isnan(each.value) for each in wide.recalls[classes:])
    # What is predicted as an untested class is wrong, and adds no class to the mean.
    prediction[::5] = classes
    found = metrics.figures(truth, prediction, names, classes + 1)
    tested = {"labels": range(classes), "average": "macro"}
    assert found.f1.value == pytest.approx(f1_score(truth, prediction, **tested))
    assert found.uar.value == pytest.approx(recall_score(truth, prediction, **tested))


@given(st.integers(2, 9), st.integers(2, 4), st.integers(0, 1000))
@settings(max_examples=25)
def test_an_interval_is_of_one_set_of_classes(speakers, classes, seed):
    """All right but one class, which few have: an interval that mixed sets of classes would reach to 1."""
    truth, _, names = clips(speakers, classes, seed)
    few = (truth < classes - 1) | np.isin(names, ["s00", "s01"])
    truth, names = truth[few], names[few]
    prediction = np.where(truth == classes - 1, 0, truth)
    found = metrics.figures(truth, prediction, names, classes)
    assert found.uar == pytest.approx((1 - 1 / classes,) * 3)
    assert found.f1.value == pytest.approx(f1_score(truth, prediction, average="macro"))
    assert found.f1.high < 1 - 1 / classes + 1e-9


def test_resamples_without_a_class_are_left_out():
    truth, prediction, names = clips(7, 3, 4)
    kept = (truth < 2) | np.isin(names, ["s00", "s01"])
    truth, prediction, names = truth[kept], prediction[kept], names[kept]
    found = metrics.figures(truth, prediction, names, 3)
    rng, plain = np.random.default_rng(0), {"uar": [], "f1": []}
    while len(plain["uar"]) < 700:
        drawn = rng.choice(np.unique(names), 7)
        if not {"s00", "s01"} & set(drawn):
            continue
        rows = np.concatenate([np.flatnonzero(names == each) for each in drawn])
        plain["uar"].append(balanced_accuracy_score(truth[rows], prediction[rows]))
        plain["f1"].append(f1_score(truth[rows], prediction[rows], average="macro"))
    for name, values in plain.items():
        estimate = getattr(found, name)
        assert [estimate.low, estimate.high] == pytest.approx(np.percentile(values, [2.5, 97.5]), abs=0.02)


def test_one_class_has_a_recall_and_no_mean_over_classes():
    found = metrics.figures(np.ones(9, int), np.arange(9) % 3, np.array(list("aaabbbccc")), 3)
    assert np.isnan([*found.uar, *found.f1]).all()
    assert found.wa == found.recalls[1] == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_a_class_of_one_speaker_leaves_the_mean_without_an_interval():
    truth, prediction, names = clips(6, 3, 1)
    kept = (truth < 2) | (names == "s03")
    found = metrics.figures(truth[kept], prediction[kept], names[kept], 3)
    assert np.isnan([found.uar.low, found.uar.high, found.f1.low, found.recalls[2].high]).all()
    assert found.recalls[0].low < found.recalls[0].value < found.recalls[0].high
    assert found.wa.low < found.wa.value < found.wa.high
    counts = metrics.by_speaker(truth[kept], prediction[kept], names[kept], 3)
    assert np.isnan(metrics.mean_uar([counts]).low)
    assert metrics.mean_uar([counts]).value == found.uar.value


def test_groups_are_compared_on_the_classes_that_both_have():
    truth, prediction, names = clips(10, 4, 2)
    women = names < "s05"
    women_only, men_only = women & (truth != 3), ~women & (truth != 0)
    ours, theirs = (
        metrics.by_speaker(truth[each], prediction[each], names[each], 4) for each in (women_only, men_only)
    )
    shared = {"labels": [1, 2], "average": "macro"}
    expected = recall_score(truth[women_only], prediction[women_only], **shared) - recall_score(
        truth[men_only], prediction[men_only], **shared
    )
    gap = metrics.uar_gap(ours, theirs)
    assert gap.value == pytest.approx(expected)
    assert gap.low < gap.value < gap.high
    # One class in common is no UAR, and none is none.
    assert np.isnan(
        metrics.uar_gap(ours, metrics.by_speaker(*(each[truth == 1] for each in (truth, prediction, names)), 4)).value
    )
    only = np.where(np.arange(4)[:, None] == 1, ours, 0)
    assert np.isnan(metrics.mean_uar([ours, only]).value)
    assert np.isnan(metrics.mean_uar_difference([only], [only]).value)
