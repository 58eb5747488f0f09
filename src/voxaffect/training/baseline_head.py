"""Fit the baseline head on a trained model's embeddings."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from voxaffect.baseline_head import BaselineHead, Population
from voxaffect.models import Classifier
from voxaffect.training.batches import nonspeech_sounds
from voxaffect.training.embeddings import Embeddings, embed, embed_features
from voxaffect.training.prepared import Prepared

DECAYS = (1e-3, 1e-2, 1e-1, 1.0)
"""Strengths of weight decay, of which development recordings choose."""

_STEPS = 100


def fit_baseline_head(model: Classifier, prepared: Prepared, dev: Embeddings | None) -> BaselineHead:
    """Fit the baseline head of a trained model on the training side.

    Args:
        model: In evaluation mode; its output layer becomes the head for a speaker with no recordings yet, where a
            baseline begins.
        prepared: What it was trained on.
        dev: The model's embeddings of the development side; None: there is none.
    """
    recordings, share = prepared.train.recordings, prepared.experiment.training.sampling.nonspeech
    train = embed(model, recordings, prepared.features(recordings))
    sounds = _embed_sounds(model, prepared) if share else None
    head = fit_on_embeddings(train, dev, model.head.out_features, sounds=sounds, share=share)
    for parameter, values in zip((model.head.weight, model.head.bias), head.without_baseline(), strict=True):
        parameter.data = torch.from_numpy(values).float()
    return head


def fit_on_embeddings(
    train: Embeddings,
    dev: Embeddings | None,
    n_classes: int,
    *,
    sounds: npt.NDArray[np.float32] | None = None,
    share: float = 0.0,
) -> BaselineHead:
    """The head of the lowest loss on the development side; without one, that of the second strongest decay.

    Each recording is taken twice, normalised by its speaker and by its corpus, since a baseline may be of either.
    Corpora have the same weight, and classes within each.

    Args:
        train: Of the training side.
        dev: Of the development side.
        n_classes: How many there are.
        sounds: Embeddings (sounds, dim) of noises and tones, whose target is the same for all classes.
        share: Their share of the weight, in [0, 1).
    """
    population = Population.of(train.vectors, train.speakers)
    features, labels, weights = _normalised(population, train)
    if sounds is not None:
        unknown = population.estimate(None)
        rows = torch.from_numpy((sounds - unknown.mean) / unknown.std).repeat(n_classes, 1)
        features = torch.cat([features, rows])
        labels = torch.cat([labels, torch.arange(n_classes).repeat_interleave(len(sounds))])
        weights = torch.cat([(1 - share) * weights, torch.full((len(rows),), share / len(rows))])
    if dev is None:
        return _fitted(population, features, labels, weights, n_classes, DECAYS[-2])
    heads = [_fitted(population, features, labels, weights, n_classes, decay) for decay in DECAYS]
    dev_features, dev_labels, dev_weights = _normalised(population, dev)
    with torch.no_grad():
        losses = [float(_loss(_linear(each), dev_features, dev_labels, dev_weights)) for each in heads]
    return heads[int(np.argmin(losses))]


def _embed_sounds(model: Classifier, prepared: Prepared) -> npt.NDArray[np.float32]:
    sounds = torch.from_numpy(np.stack(nonspeech_sounds(prepared.experiment)))
    with torch.no_grad():
        batches = [prepared.frontend(sounds[first : first + 64]) for first in range(0, len(sounds), 64)]
    return np.concatenate([embed_features(model, each) for each in batches])


def _normalised(population: Population, embeddings: Embeddings) -> tuple[Tensor, Tensor, Tensor]:
    """Recordings with a class, twice, normalised by speaker and by corpus; labels; and weights, which sum to 1."""
    normalised, known = [], np.flatnonzero(embeddings.labels >= 0)
    for owners in (embeddings.speakers, embeddings.corpora):
        features = np.empty(embeddings.vectors.shape)
        for owner in np.unique(owners):
            own = owners == owner
            statistics = population.estimate(population.sums(embeddings.vectors[own]))
            features[own] = (embeddings.vectors[own] - statistics.mean) / statistics.std
        normalised.append(features[known])
    labels, corpora = embeddings.labels[known], embeddings.corpora[known]
    _, group, sizes = np.unique(
        [f"{corpus} {label}" for corpus, label in zip(corpora, labels, strict=True)],
        return_inverse=True,
        return_counts=True,
    )
    weights = np.tile(1 / sizes[group], 2)
    twice = torch.from_numpy(np.tile(labels, 2))
    return torch.from_numpy(np.concatenate(normalised)), twice, torch.from_numpy(weights / weights.sum())


def _fitted(
    population: Population, features: Tensor, labels: Tensor, weights: Tensor, n_classes: int, decay: float
) -> BaselineHead:
    """Multinomial logistic regression with weight decay."""
    linear = nn.Linear(features.shape[1], n_classes, dtype=torch.float64)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = _loss(linear, features, labels, weights) + decay / 2 * linear.weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return BaselineHead(population, linear.weight.detach().numpy(), linear.bias.detach().numpy())


def _linear(head: BaselineHead) -> nn.Linear:
    linear = nn.Linear(head.weight.shape[1], len(head.bias), dtype=torch.float64)
    linear.weight.data, linear.bias.data = torch.from_numpy(head.weight), torch.from_numpy(head.bias)
    return linear


def _loss(linear: nn.Linear, features: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    return (weights * nn.functional.cross_entropy(linear(features), labels, reduction="none")).sum()
