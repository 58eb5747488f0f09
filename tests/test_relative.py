"""What is normal for a voice, from few recordings and from many."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect.baseline_head import BaselineHead, Population
from voxaffect.card import BaselineHeadRecord

DIM = 6
RNG = np.random.default_rng(0)
WITHIN = np.array([1.0, 1, 2, 2, 0.5, 3])
BETWEEN = np.array([2.0, 0.1, 1, 4, 0.5, 1])


def voices(number: int, recordings: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings of made-up voices, whose they are, and the voices' true means."""
    rng = np.random.default_rng(seed)
    means = 5 + BETWEEN * rng.standard_normal((number, DIM))
    owner = np.repeat(np.arange(number), recordings)
    embeddings = means[owner] + WITHIN * rng.standard_normal((len(owner), DIM))
    return embeddings, np.array([f"x/{each}" for each in owner]), means


def test_voices_in_general_are_what_they_were_made_of():
    found = Population.of(*voices(400, 100)[:2])
    assert found.mean == pytest.approx(np.full(DIM, 5), abs=0.5)
    assert found.within_std == pytest.approx(WITHIN, rel=0.05)
    assert found.between_std == pytest.approx(BETWEEN, rel=0.2, abs=0.15)


@pytest.mark.parametrize("recordings", [1, 3, 20])
def test_what_is_normal_is_nearer_the_truth_than_the_mean_of_the_recordings_or_of_all_voices(recordings):
    general = Population.of(*voices(400, 100)[:2])
    embeddings, owner, means = voices(500, recordings, seed=1)
    groups = [embeddings[owner == f"x/{number}"] for number in range(500)]
    estimates = [general.estimate(general.sums(group)).mean for group in groups]
    found = np.mean([(estimated - mean) ** 2 for estimated, mean in zip(estimates, means, strict=True)])
    plain = np.mean([(group.mean(axis=0) - mean) ** 2 for group, mean in zip(groups, means, strict=True)])
    nobody = np.mean((general.mean - means) ** 2)
    assert found < 0.97 * plain
    assert found < 0.97 * nobody


def test_of_many_recordings_it_is_their_own_mean_and_deviation():
    general = Population.of(*voices(50, 50)[:2])
    own = RNG.normal(40, 7, (20_000, DIM))
    normal = general.estimate(general.sums(own))
    assert normal.mean == pytest.approx(own.mean(axis=0), abs=0.8)
    assert normal.std == pytest.approx(own.std(axis=0), rel=0.02)


@given(st.integers(1, 40), st.integers(0, 1000))
def test_it_does_not_depend_on_the_order_and_is_never_without_deviation(recordings, seed):
    general = Population.of(*voices(20, 20)[:2])
    own = np.random.default_rng(seed).normal(0, 1, (recordings, DIM))
    one, other = general.estimate(general.sums(own)), general.estimate(general.sums(own[::-1]))
    assert one.mean == pytest.approx(other.mean)
    assert one.std == pytest.approx(other.std)
    assert (general.estimate(general.sums(np.zeros((recordings, DIM)))).std > 0).all()


def test_a_dimension_that_is_always_the_same_does_no_harm():
    embeddings, owner, _ = voices(20, 20)
    embeddings[:, 2] = 3.0
    general = Population.of(embeddings, owner)
    normal = general.estimate(general.sums(embeddings[:5]))
    layer = BaselineHead(general, np.ones((2, DIM)), np.zeros(2))
    assert np.isfinite(layer.logits(embeddings, normal)).all()


def test_a_dimension_that_was_hardly_ever_heard_does_not_decide():
    """A recording in which it is as large as others are is odd, and no reason to be certain."""
    embeddings, owner, _ = voices(30, 10)
    embeddings[:, 0] = 0
    found = Population.of(embeddings, owner)
    assert found.within_std[0] == pytest.approx(0.1 * np.median(found.within_std), rel=0.2)
    odd = found.mean + np.eye(DIM)[0] * np.median(found.within_std)
    nobody = found.estimate(None)
    assert abs((odd - nobody.mean) / nobody.std).max() < 15


def test_another_line_that_moves_all_recordings_alike_changes_nothing():
    general = Population.of(*voices(50, 50)[:2])
    layer = BaselineHead(general, RNG.standard_normal((3, DIM)), RNG.standard_normal(3))
    own = RNG.normal(5, 1, (20_000, DIM))
    plain = layer.logits(own, layer.statistics(layer.sums(own)))
    moved = layer.logits(own + 30, layer.statistics(layer.sums(own + 30)))
    assert np.mean(plain.argmax(axis=1) == moved.argmax(axis=1)) > 0.97


def test_a_card_keeps_it():
    layer = BaselineHead(Population.of(*voices(20, 20)[:2]), RNG.standard_normal((3, DIM)), RNG.standard_normal(3))
    record = BaselineHeadRecord.from_dict(json.loads(json.dumps(layer.to_record().to_dict())))
    again = BaselineHead.from_record(record)
    own = RNG.normal(5, 1, (30, DIM))
    assert again.logits(own, again.statistics(again.sums(own))) == pytest.approx(
        layer.logits(own, layer.statistics(layer.sums(own))), abs=1e-3
    )
