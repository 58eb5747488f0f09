"""What is normal for a line and a voice where embeddings are normalised by means alone."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect.baseline_head import BaselineHead, Means, Population, Sums
from voxaffect.card import BaselineHeadRecord, Shrinkage
from voxaffect.records import RecordError

DIM, CLASSES = 5, 3
RNG = np.random.default_rng(0)
MEAN, STD = RNG.normal(3, 2, DIM), RNG.uniform(0.5, 2, DIM)
WEIGHT = RNG.standard_normal((CLASSES, DIM))
HEAD = BaselineHead(Means(MEAN, STD, Shrinkage(4.0, 10.0, 2.0)), WEIGHT, RNG.standard_normal(CLASSES))


def recordings(count: int, seed: int, spread: float = 1.0, offset: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (MEAN + offset + STD * spread * rng.standard_normal((count, DIM))).astype(np.float32)


def scatter(embeddings: np.ndarray) -> float:
    """Of logits, each less the mean over classes, by the textbook."""
    logits = (embeddings - MEAN) / STD @ WEIGHT.T
    return float((logits - logits.mean(axis=1, keepdims=True)).var(axis=0).sum())


def same(one: Sums, other: Sums) -> bool:
    pairs = ((one.total, other.total), (one.squares, other.squares))
    return one.count == other.count and all(np.allclose(*pair, rtol=1e-12, atol=1e-9) for pair in pairs)


def test_a_voice_is_drawn_towards_its_line_and_the_line_towards_the_training_mean():
    line, voice = recordings(20, 1, offset=3), recordings(8, 2, spread=0.3, offset=-2)
    line_mean = (line.sum(axis=0, dtype=float) + 4 * MEAN) / (20 + 4)
    q = scatter(voice) / 2
    assert 0.05 < q < 0.8
    voice_mean = (q * voice.sum(axis=0, dtype=float) + 10 * line_mean) / (q * 8 + 10)
    alone = (voice.sum(axis=0, dtype=float) + 10 * MEAN) / (8 + 10)  # of a line that is not known, in full
    sums = HEAD.sums(line), HEAD.sums(voice)
    assert HEAD.statistics(sums[0]).mean == pytest.approx(line_mean)
    assert HEAD.statistics(*sums).mean == pytest.approx(voice_mean)
    assert HEAD.statistics(voice=sums[1]).mean == pytest.approx(alone)
    assert np.array_equal(HEAD.statistics(*sums).std, STD)


@given(st.integers(1, 30), st.integers(0, 30), st.integers(0, 1000))
def test_in_two_steps_and_in_another_order_it_is_the_same(count, part, seed):
    own = recordings(count, seed)
    one, two = own[: min(part, count)], own[min(part, count) :]
    for head in (HEAD, BaselineHead(Population(MEAN, STD, 2 * STD), WEIGHT, np.zeros(CLASSES))):
        whole = head.sums(own)
        assert same(head.sums(one) + head.sums(two), whole)
        assert same(head.sums(two) + head.sums(one), whole)
        assert same(head.sums(own[::-1]), whole)


def test_no_recordings_are_no_baseline_bit_by_bit():
    nothing, own = HEAD.sums(recordings(0, 0)), recordings(9, 4)
    plain = HEAD.logits(own, HEAD.statistics())
    for parts in ((nothing, None), (None, nothing), (nothing, nothing)):
        assert np.array_equal(HEAD.logits(own, HEAD.statistics(*parts)), plain)
    weight, bias = HEAD.without_baseline()
    assert own @ weight.T + bias == pytest.approx(plain, abs=1e-5)


@given(st.integers(0, 1000))
def test_one_recording_of_a_voice_moves_nothing_and_few_move_little(seed):
    line, far = HEAD.sums(recordings(50, seed)), recordings(3, seed, offset=20)
    normal = HEAD.statistics(line).mean
    assert HEAD.statistics(line, HEAD.sums(far[:1])).mean == pytest.approx(normal, abs=1e-6)
    moved = np.abs(HEAD.statistics(line, HEAD.sums(far)).mean - normal)
    assert (moved <= 3 / 13 * np.abs(far.mean(axis=0, dtype=float) - normal) + 1e-6).all()


def test_recordings_that_are_all_alike_are_shrunk_to_the_line():
    line = HEAD.sums(recordings(50, 6))
    normal = HEAD.statistics(line).mean

    def moved(spread: float) -> float:
        voice = HEAD.sums(recordings(40, 7, spread=spread, offset=4))
        return float(np.linalg.norm(HEAD.statistics(line, voice).mean - normal))

    far = [moved(spread) for spread in (0, 0.05, 0.1, 0.2, 2)]
    assert far == sorted(far)
    assert far[0] < 0.01 * far[-1]
    assert HEAD.variety(HEAD.sums(recordings(40, 7, spread=5))) == 1


def test_what_all_classes_have_in_common_is_no_variety():
    common = dataclasses.replace(HEAD, weight=HEAD.weight + RNG.standard_normal(DIM))
    own = recordings(12, 8, spread=0.3)
    assert common.variety(common.sums(own)) == pytest.approx(HEAD.variety(HEAD.sums(own)))
    assert 0 < HEAD.variety(HEAD.sums(own)) < 1


def test_a_temperature_divides_logits_and_changes_no_mean():
    own = recordings(6, 9, spread=0.3)
    hot = HEAD.scaled(2.5)
    one, other = (head.statistics(voice=head.sums(own)) for head in (HEAD, hot))
    assert other.mean == pytest.approx(one.mean)
    assert hot.logits(own, other) == pytest.approx(HEAD.logits(own, one) / 2.5, abs=1e-5)


def test_own_deviation_is_that_of_the_recordings():
    """As it was computed from the recordings themselves, before sums of them were kept."""
    population = Population(MEAN, STD, STD / np.sqrt(3))
    head = BaselineHead(population, WEIGHT, np.zeros(CLASSES))
    own = recordings(7, 10, offset=2).astype(np.float64)
    mean = (own.sum(axis=0) + 3 * MEAN) / (7 + 3)
    std = np.sqrt((((own - mean) ** 2).sum(axis=0) + 10 * STD**2) / 17)
    for found in (head.statistics(head.sums(own)), head.statistics(voice=head.sums(own))):
        assert found.mean == pytest.approx(mean, rel=1e-12)
        assert found.std == pytest.approx(std, rel=1e-12)
    line = head.sums(recordings(30, 11, offset=4))
    normal = head.statistics(line).mean
    found = head.statistics(line, head.sums(own)).mean
    assert found == pytest.approx((own.sum(axis=0) + 3 * normal) / 10, rel=1e-12)


def test_a_card_keeps_it_and_refuses_half_of_it():
    plain = json.loads(json.dumps(HEAD.to_record().to_dict()))
    again = BaselineHead.from_record(BaselineHeadRecord.from_dict(plain))
    own = recordings(5, 12)
    assert again.logits(own, again.statistics(voice=again.sums(own))) == pytest.approx(
        HEAD.logits(own, HEAD.statistics(voice=HEAD.sums(own))), abs=1e-3
    )
    with pytest.raises(RecordError, match="has to have between_std or shrinkage"):
        BaselineHeadRecord.from_dict({name: value for name, value in plain.items() if name != "shrinkage"})
    with pytest.raises(RecordError, match="has to have between_std or shrinkage"):
        BaselineHeadRecord.from_dict(plain | {"between_std": plain["within_std"]})
    for name in plain["shrinkage"]:
        with pytest.raises(RecordError, match=f"{name}=0.0 is not above 0"):
            BaselineHeadRecord.from_dict(plain | {"shrinkage": plain["shrinkage"] | {name: 0}})
