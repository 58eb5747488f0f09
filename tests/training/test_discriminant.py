"""The discriminant: an output layer in closed form that serves with and without a baseline."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from voxaffect.baseline_head import BaselineHead
from voxaffect.settings import DiscriminantSettings
from voxaffect.training.discriminant import Changes, discriminant, hold_out
from voxaffect.training.embeddings import Embeddings

DIM, CLASSES = 12, 3


def voices(rng: np.random.Generator, shift: float, count: int = 12, corpora: int = 2, clips: int = 30) -> Embeddings:
    """Clips of voices, each moved by `shift` deviations; classes differ in the first dimensions alone."""
    vectors, labels, speakers = [], [], []
    for number in range(count):
        own = shift * rng.standard_normal(DIM)
        for clip in range(clips):
            label = clip % CLASSES
            vectors.append(3 * np.eye(DIM)[label] + own + rng.standard_normal(DIM))
            labels.append(label)
            speakers.append(f"corpus{number % corpora}/{number}")
    return Embeddings(np.array(vectors, np.float32), np.array(labels), np.array(speakers))


def right(head: BaselineHead, test: Embeddings, *, known: bool) -> float:
    """The share of clips classified rightly; known: against the mean of each speaker's clips."""
    hits = 0
    for speaker in np.unique(test.speakers):
        own = test.select(test.speakers == speaker)
        statistics = head.statistics(head.sums(own.vectors) if known else None)
        hits += int((head.logits(own.vectors, statistics).argmax(axis=1) == own.labels).sum())
    return hits / len(test.labels)


def test_of_one_corpus_without_voices_it_is_the_discriminant_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(300) % CLASSES
    vectors = (3 * np.eye(DIM)[labels] + rng.standard_normal((300, DIM)) @ rng.standard_normal((DIM, DIM))).astype("f")
    # A voice whose mean is that of the corpus: both ways to take a clip are the same.
    head = discriminant(Embeddings(vectors, labels, np.full(300, "x/1")), CLASSES, DiscriminantSettings(shrinkage=1e-9))
    weight, bias = head.without_baseline()
    reference = LinearDiscriminantAnalysis(solver="lsqr", priors=[1 / CLASSES] * CLASSES).fit(vectors, labels)
    ours = vectors @ weight.T + bias
    theirs = reference.decision_function(vectors)
    assert np.allclose(
        ours - ours.mean(axis=1, keepdims=True), theirs - theirs.mean(axis=1, keepdims=True), rtol=0.02, atol=0.1
    )


def test_a_baseline_is_worth_most_where_voices_differ() -> None:
    rng = np.random.default_rng(1)
    head = discriminant(voices(rng, 3), CLASSES, DiscriminantSettings())
    test = voices(rng, 3)
    assert right(head, test, known=True) > right(head, test, known=False) + 0.1
    assert right(head, test, known=True) > 0.9


def test_without_recordings_it_is_the_layer_in_the_graph() -> None:
    head = discriminant(voices(np.random.default_rng(2), 1), CLASSES, DiscriminantSettings())
    clips = voices(np.random.default_rng(3), 1, count=1).vectors
    weight, bias = head.without_baseline()
    assert np.allclose(head.logits(clips, head.statistics()), clips @ weight.T + bias, atol=1e-4)


def test_it_turns_from_what_copies_change() -> None:
    rng = np.random.default_rng(4)
    train = voices(rng, 0.3)
    moved = np.zeros((200, DIM), np.float32)
    moved[:, 0] = 4 * rng.standard_normal(200)  # as a line would that changes what the first class goes by
    changes = [Changes(moved, np.full(200, "corpus0/0"))]
    plain, robust = (discriminant(train, CLASSES, DiscriminantSettings(copies=1.0), each) for each in ([], changes))
    assert np.abs(robust.weight[:, 0]).max() < 0.5 * np.abs(plain.weight[:, 0]).max()


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.01, 100), offset=st.floats(-50, 50))
def test_the_units_of_embeddings_do_not_matter(scale: float, offset: float) -> None:
    train = voices(np.random.default_rng(5), 0.5, count=4)
    other = Embeddings((scale * train.vectors + offset).astype(np.float32), train.labels, train.speakers)
    one, two = (discriminant(each, CLASSES, DiscriminantSettings()) for each in (train, other))
    for each, head in ((train, one), (other, two)):
        assert right(head, each, known=False) == pytest.approx(right(one, train, known=False), abs=0.01)


def test_corpora_count_alike_however_many_clips_they_have_unless_sizes_count() -> None:
    small, large = voices(np.random.default_rng(6), 0.5, corpora=1), voices(np.random.default_rng(7), 0.5, corpora=1)
    large = Embeddings(large.vectors, large.labels, np.char.replace(large.speakers, "corpus0", "corpus1"))

    def both(times: int, sizes: float = 0.0) -> BaselineHead:
        vectors = np.concatenate([small.vectors, *[large.vectors] * times])
        labels = np.concatenate([small.labels, *[large.labels] * times])
        return discriminant(
            Embeddings(vectors, labels, np.concatenate([small.speakers, *[large.speakers] * times])),
            CLASSES,
            DiscriminantSettings(sizes=sizes),
        )

    def alike(one: BaselineHead, other: BaselineHead) -> bool:
        return np.allclose(one.weight, other.weight, rtol=1e-3, atol=1e-4)

    assert alike(both(1), both(3))
    assert alike(both(1), both(1, sizes=1.0))  # of one size
    assert not alike(both(1, sizes=1.0), both(3, sizes=1.0))


@pytest.mark.parametrize(("corpora", "without"), [(1, "speakers"), (2, "speakers"), (3, "corpus")])
def test_it_is_calibrated_by_what_it_was_not_fitted_on(corpora: int, without: str) -> None:
    # Labels drawn at random: whoever was fitted on a recording would know it, and nobody else can.
    rng = np.random.default_rng(8)
    train = voices(rng, 1, corpora=corpora)
    train = Embeddings(rng.standard_normal(train.vectors.shape).astype("f"), train.labels, train.speakers)
    found = hold_out(train, CLASSES, DiscriminantSettings(shrinkage=1e-3))
    assert found is not None
    assert found.without == without
    assert len(found.truth) == len(train.labels)
    assert (found.logits.argmax(axis=1) == found.truth).mean() == pytest.approx(1 / CLASSES, abs=0.12)


def test_a_single_speaker_tells_nothing_of_others() -> None:
    assert hold_out(voices(np.random.default_rng(9), 0, count=1), CLASSES, DiscriminantSettings()) is None


def test_copies_of_speakers_who_are_left_out_have_no_part() -> None:
    train = voices(np.random.default_rng(10), 0.5, corpora=1)
    rng = np.random.default_rng(11)
    vectors = rng.standard_normal(train.vectors.shape).astype("f")
    changed = np.where(train.speakers[:, None] == train.speakers[0], 100 * vectors, vectors)
    left_out = np.unique(train.speakers).searchsorted(train.speakers) % 5 == 0
    one, other = (
        hold_out(train, CLASSES, DiscriminantSettings(copies=1.0), [Changes(each, train.speakers)])
        for each in (vectors, changed)
    )
    assert one is not None
    assert other is not None
    assert np.allclose(one.logits[: left_out.sum()], other.logits[: left_out.sum()])  # the first group, his own
    assert not np.allclose(one.logits, other.logits)
