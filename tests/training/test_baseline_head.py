"""A last layer that knows emotions by how they differ from what is normal."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from voxaffect import audio, corpora
from voxaffect.baseline_head import Population
from voxaffect.models import build
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import baseline_head
from voxaffect.training.baseline_head import fit_on_embeddings
from voxaffect.training.embeddings import Embeddings, embed
from voxaffect.training.prepared import prepare

DIM, CLASSES = 8, 3
MEANS = np.random.default_rng(9).standard_normal((CLASSES, DIM))


def said(corpus: str, speakers: int, each: int, seed: int, offset: float) -> Embeddings:
    """Embeddings in which voices differ far more than emotions do; a few recordings are of other emotions."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(-1, CLASSES), speakers * each)
    owner = np.repeat(np.arange(speakers), each * (CLASSES + 1))
    voice = offset + 4 * rng.standard_normal((speakers, DIM))
    embeddings = voice[owner] + MEANS[labels] * (labels >= 0)[:, None] + 0.3 * rng.standard_normal((len(labels), DIM))
    return Embeddings(embeddings.astype(np.float32), labels, np.array([f"{corpus}/{each}" for each in owner]))


def both(one: Embeddings, other: Embeddings) -> Embeddings:
    return Embeddings(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in vars(one)))


TRAIN = both(said("large", 20, 6, 0, 0.0), said("small", 4, 3, 1, 6.0))
DEV = said("large", 4, 6, 2, 0.0)


def share_right(layer, found: Embeddings, aside: int) -> float:
    right = []
    for speaker in np.unique(found.speakers):
        mine = np.flatnonzero(found.speakers == speaker)
        rng = np.random.default_rng(0)
        chosen = rng.choice(mine, aside, replace=False)
        rest = [each for each in mine if each not in chosen and found.labels[each] >= 0]
        logits = layer.logits(found.vectors[rest], layer.statistics(layer.sums(found.vectors[chosen])))
        right += list(logits.argmax(axis=1) == found.labels[rest])
    return float(np.mean(right))


def test_a_strangers_emotions_are_told_from_a_few_of_their_recordings():
    stranger = said("elsewhere", 6, 10, 3, -9.0)
    layer = fit_on_embeddings(TRAIN, DEV, CLASSES)
    kept = TRAIN.labels >= 0
    plain = LogisticRegression(max_iter=1000).fit(TRAIN.vectors[kept], TRAIN.labels[kept])
    known = stranger.labels >= 0
    without = plain.score(stranger.vectors[known], stranger.labels[known])
    assert share_right(layer, stranger, 20) > without + 0.2
    assert share_right(layer, stranger, 20) > 0.8
    assert share_right(layer, stranger, 20) > share_right(layer, stranger, 1)


def test_the_weights_are_scikit_learns():
    voices = Population.of(TRAIN.vectors, TRAIN.speakers)
    features, labels, weights = baseline_head._normalised(voices, TRAIN)
    assert float(weights.sum()) == pytest.approx(1)
    ours = baseline_head._fitted(voices, features, labels, weights, CLASSES, 0.01)
    theirs = LogisticRegression(C=1 / 0.01, max_iter=5000, tol=1e-10)
    theirs.fit(features.numpy(), labels.numpy(), sample_weight=weights.numpy())
    assert ours.weight == pytest.approx(theirs.coef_, abs=2e-3)


def test_for_nobody_in_particular_it_is_a_layer_like_any_other():
    layer = fit_on_embeddings(TRAIN, DEV, CLASSES)
    weight, bias = layer.without_baseline()
    nobody = layer.statistics()
    assert np.allclose(nobody.mean, layer.population.mean)
    assert np.allclose(nobody.std, layer.population.within_std)
    assert np.allclose(TRAIN.vectors @ weight.T + bias, layer.logits(TRAIN.vectors, nobody), atol=1e-4)


def test_it_becomes_the_models_own(made_up):
    utterances = corpora.load("ravdess", made_up).utterances
    split = by_speaker("test", utterances, dev=["ravdess/03"], test=["ravdess/01"])
    settings = read_experiment("cnn", ["network.channels=[8, 16]", "network.embedding=16"])
    prepared, model = prepare(settings, utterances, split), build(settings).eval()
    layer = baseline_head.fit_baseline_head(model, prepared, embed(model, prepared.dev, prepared.dev_features))
    with torch.no_grad():
        logits, embedding = model(torch.from_numpy(audio.load(utterances[0].path))[None])
    nobody = layer.statistics()
    assert logits[0].numpy() == pytest.approx(layer.logits(embedding[0].numpy(), nobody), abs=1e-3)


def test_corpora_and_classes_count_alike_and_other_emotions_only_for_what_is_normal():
    voices = Population.of(TRAIN.vectors, TRAIN.speakers)
    features, labels, weights = baseline_head._normalised(voices, TRAIN)
    assert len(labels) == 2 * (TRAIN.labels >= 0).sum()
    half = len(labels) // 2
    corpus = TRAIN.corpora[TRAIN.labels >= 0]
    for name in ("large", "small"):
        for label in range(CLASSES):
            share = weights[:half][(corpus == name) & (labels[:half] == label).numpy()].sum()
            assert float(share) == pytest.approx(1 / (2 * 2 * CLASSES))
    without = Embeddings(*(getattr(TRAIN, name)[TRAIN.labels >= 0] for name in vars(TRAIN)))
    assert not np.allclose(baseline_head._normalised(voices, without)[0], features)


def test_the_decay_is_chosen_on_development_voices():
    rng = np.random.default_rng(0)
    noise = Embeddings(
        rng.standard_normal((60, 40)).astype(np.float32),
        rng.integers(0, CLASSES, 60),
        np.array([f"x/{each % 3}" for each in range(60)]),
    )
    dev = Embeddings(
        rng.standard_normal((60, 40)).astype(np.float32),
        rng.integers(0, CLASSES, 60),
        np.array([f"x/{each % 3 + 5}" for each in range(60)]),
    )
    # There is nothing to learn: the strongest is right, and without development voices a strong one is taken.
    size = {
        decay: np.abs(
            baseline_head._fitted(
                Population.of(noise.vectors, noise.speakers),
                *baseline_head._normalised(Population.of(noise.vectors, noise.speakers), noise),
                CLASSES,
                decay,
            ).weight
        ).max()
        for decay in baseline_head.DECAYS
    }
    assert np.abs(fit_on_embeddings(noise, dev, CLASSES).weight).max() == pytest.approx(
        size[baseline_head.DECAYS[-1]], rel=1e-3
    )
    assert np.abs(fit_on_embeddings(noise, None, CLASSES).weight).max() == pytest.approx(
        size[baseline_head.DECAYS[-2]], rel=1e-3
    )


def test_of_what_is_no_speech_no_class_is_likelier_than_another():
    """Sounds that lie far out in a direction which one class has: without them, they would be taken for it."""
    rng = np.random.default_rng(5)
    sounds = (12 * MEANS[0] + rng.standard_normal((80, DIM))).astype(np.float32)

    def sure(layer) -> float:
        logits = layer.logits(sounds, layer.statistics())
        return float(torch.softmax(torch.from_numpy(logits), dim=1).max(dim=1).values.mean())

    without, with_them = (
        fit_on_embeddings(TRAIN, DEV, CLASSES),
        fit_on_embeddings(TRAIN, DEV, CLASSES, sounds=sounds, share=0.1),
    )
    assert sure(without) > 0.9
    assert sure(with_them) < sure(without) - 0.2
