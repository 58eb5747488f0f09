"""Fit the last layer that works against what is normal for a voice or a line, on a trained model's embeddings."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from voxaffect.baseline_head import BaselineHead, Population
from voxaffect.corpora import Utterance
from voxaffect.models import Classifier
from voxaffect.settings import Experiment
from voxaffect.splits import Sides
from voxaffect.training.embeddings import Embedded, embedded, embedded_sounds

DECAYS = (1e-3, 1e-2, 1e-1, 1.0)
"""Strengths of weight decay, of which development recordings choose."""

_STEPS = 100


def learn(model: Classifier, experiment: Experiment, utterances: Sequence[Utterance], split: Sides) -> BaselineHead:
    """The layer for a trained model, fitted on its training side.

    It becomes the model's own, too, for nobody in particular: that is where a baseline begins.
    """
    train = embedded(model, experiment, utterances, split, "train")
    assert train is not None  # it has been trained on
    dev = embedded(model, experiment, utterances, split, "dev")
    share = experiment.training.sampling.nonspeech
    sounds = embedded_sounds(model, experiment) if share else None
    layer = fit_relative(train, dev, model.head.out_features, sounds, share)
    for ours, theirs in zip((model.head.weight, model.head.bias), layer.without_baseline(), strict=True):
        ours.data = torch.from_numpy(theirs).float()
    return layer


def fit_relative(
    train: Embedded,
    dev: Embedded | None,
    n_classes: int,
    sounds: npt.NDArray[np.float32] | None = None,
    share: float = 0.0,
) -> BaselineHead:
    """The layer of the lowest loss on the development side; without one, of the strongest decay but one.

    Each recording is taken twice, less what is normal for its voice and less what is normal for its corpus, since a
    baseline may be of either. Corpora count alike, and classes within each.

    sounds: embeddings (sounds, dim) of what is no speech and no class more than another. share: of all that they count
    for.
    """
    voices = Population.of(train.embeddings, train.speakers)
    features, labels, weights = _both(voices, train)
    if sounds is not None:
        nobody = voices.estimate(sounds[:0])
        beside = torch.from_numpy((sounds - nobody.mean) / nobody.std).repeat(n_classes, 1)
        features = torch.cat([features, beside])
        labels = torch.cat([labels, torch.arange(n_classes).repeat_interleave(len(sounds))])
        weights = torch.cat([(1 - share) * weights, torch.full((len(beside),), share / len(beside))])
    if dev is None:
        return _fitted(voices, features, labels, weights, n_classes, DECAYS[-2])
    tried = [_fitted(voices, features, labels, weights, n_classes, decay) for decay in DECAYS]
    dev_features, dev_labels, dev_weights = _both(voices, dev)
    with torch.no_grad():
        losses = [float(_loss(_linear(each), dev_features, dev_labels, dev_weights)) for each in tried]
    return tried[int(np.argmin(losses))]


def _both(voices: Population, found: Embedded) -> tuple[Tensor, Tensor, Tensor]:
    """Embeddings less what is normal for their voices and for their corpora, labels, and weights that sum to 1."""
    relative, kept = [], np.flatnonzero(found.labels >= 0)
    for owners in (found.speakers, found.corpora):
        features = np.empty(found.embeddings.shape)
        for owner in np.unique(owners):
            mine = owners == owner
            normal = voices.estimate(found.embeddings[mine])
            features[mine] = (found.embeddings[mine] - normal.mean) / normal.std
        relative.append(features[kept])
    _, group, sizes = np.unique(
        [f"{corpus} {label}" for corpus, label in zip(found.corpora[kept], found.labels[kept], strict=True)],
        return_inverse=True,
        return_counts=True,
    )
    weights = np.tile(1 / sizes[group], 2)
    labels = torch.from_numpy(np.tile(found.labels[kept], 2))
    return torch.from_numpy(np.concatenate(relative)), labels, torch.from_numpy(weights / weights.sum())


def _fitted(
    voices: Population, features: Tensor, labels: Tensor, weights: Tensor, n_classes: int, decay: float
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
    return BaselineHead(voices, linear.weight.detach().numpy(), linear.bias.detach().numpy())


def _linear(layer: BaselineHead) -> nn.Linear:
    linear = nn.Linear(layer.weight.shape[1], len(layer.bias), dtype=torch.float64)
    linear.weight.data, linear.bias.data = torch.from_numpy(layer.weight), torch.from_numpy(layer.bias)
    return linear


def _loss(linear: nn.Linear, features: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    return (weights * nn.functional.cross_entropy(linear(features), labels, reduction="none")).sum()
