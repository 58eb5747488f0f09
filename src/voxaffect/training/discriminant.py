"""A linear discriminant on a model's embeddings, in closed form: the output layer for voices and lines that are new.

Voices and lines shift embeddings more than emotions do. So a clip is taken twice, as it is and against the mean of its
speaker, and what a telephone or a room changes in it counts as scatter within its class.

Source:
    Friedman (1989), "Regularized Discriminant Analysis".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy import linalg

from voxaffect.baseline_head import BaselineHead, Means
from voxaffect.calibration import risk_coverage, softmax, temperature
from voxaffect.card import Shrinkage, SpeechDetectorRecord
from voxaffect.card.scores import Calibration
from voxaffect.corpora import Utterance, corpus_of
from voxaffect.models import Classifier
from voxaffect.settings import DiscriminantSettings
from voxaffect.training.embeddings import Embeddings, embed
from voxaffect.training.prepared import Prepared
from voxaffect.training.speech_detector import embed_sounds, fit_speech_detector

_Matrix = npt.NDArray[np.float64]

_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Changes:
    """What copies of a kind change.

    Args:
        vectors: Embeddings of copies less those of their recordings, (copies, dim).
        speakers: (copies,) names.
    """

    vectors: npt.NDArray[np.float32]
    speakers: npt.NDArray[np.str_]

    @property
    def corpora(self) -> npt.NDArray[np.str_]:
        """(copies,) names."""
        return np.array([corpus_of(speaker) for speaker in self.speakers])

    def select(self, mask: npt.NDArray[np.bool_]) -> "Changes":
        """Those of the copies that are masked, (copies,)."""
        return Changes(self.vectors[mask], self.speakers[mask])


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Logits of recordings by discriminants that were fitted without them.

    Args:
        truth: (recordings,) class indices.
        logits: (recordings, classes).
        corpora: (recordings,) names.
        without: What each was fitted without: "corpus" or "speakers".
    """

    truth: npt.NDArray[np.int64]
    logits: npt.NDArray[np.float64]
    corpora: npt.NDArray[np.str_]
    without: str

    def calibration(self) -> Calibration:
        """The temperature and the risk-coverage curve that these logits give."""
        value = temperature(self.truth, self.logits)
        left = "each corpus" if self.without == "corpus" else f"a {_FOLDS}th of the speakers"
        curve = risk_coverage(self.truth, softmax(self.logits / value), self.corpora)
        return Calibration(f"the training recordings, {left} left out in turn", round(value, 4), curve)


class Fitted(NamedTuple):
    """What `fit_discriminant` gives.

    Args:
        head: The discriminant.
        held_out: Logits to calibrate it by; None: there can be none.
        detector: Of speech.
    """

    head: BaselineHead
    held_out: HeldOut | None
    detector: SpeechDetectorRecord


def fit_discriminant(model: Classifier, prepared: Prepared, settings: DiscriminantSettings) -> Fitted:
    """Fit the discriminant and the speech detector on the training side; the model's output layer becomes the former.

    Args:
        model: In evaluation mode.
        prepared: What it is trained on, augmented copies included.
        settings: Of the discriminant.
    """
    clips = prepared.train
    everything = embed(model, clips, prepared.features(clips))
    recordings, changes = in_parts(everything, clips.utterances)
    n_classes = model.head.out_features
    head = discriminant(recordings, n_classes, settings, changes)
    for parameter, values in zip((model.head.weight, model.head.bias), head.without_baseline(), strict=True):
        parameter.data = torch.from_numpy(values).float()
    recorded = np.array([not each.copy for each in clips.utterances])
    detector = fit_speech_detector(everything, recorded, groups_of(everything)[1], embed_sounds(model, prepared))
    return Fitted(head, hold_out(recordings, n_classes, settings, changes), detector)


def embed_training(model: Classifier, prepared: Prepared) -> tuple[Embeddings, list[Changes]]:
    """Embeddings of the training side's recordings, and what each kind of copy changes in them."""
    clips = prepared.train
    return in_parts(embed(model, clips, prepared.features(clips)), clips.utterances)


def in_parts(everything: Embeddings, utterances: Sequence[Utterance]) -> tuple[Embeddings, list[Changes]]:
    """Embeddings of utterances -> those of recordings, and what each kind of copy changes in them."""
    copies = np.array([each.copy for each in utterances])
    ids = [each.id for each in utterances]
    place = {each: number for number, each in enumerate(ids)}
    changes = []
    for kind in sorted(set(copies.tolist()) - {""}):
        of_kind = np.flatnonzero(copies == kind)
        recordings = [place[ids[int(number)].removesuffix(f"+{kind}")] for number in of_kind]
        vectors = everything.vectors[of_kind] - everything.vectors[recordings]
        changes.append(Changes(vectors, everything.speakers[of_kind]))
    return everything.select(copies == ""), changes


def hold_out(
    recordings: Embeddings, n_classes: int, settings: DiscriminantSettings, changes: Sequence[Changes] = ()
) -> HeldOut | None:
    """Leave out each of three corpora or more in turn, and of fewer corpora a fifth of the speakers.

    None where the rest would lack a class.

    Args:
        recordings: As `discriminant` takes them.
        n_classes: How many classes there are.
        settings: Of the discriminant.
        changes: What each kind of copy changes.
    """
    without, groups = groups_of(recordings)
    truth, logits, names = [], [], []
    for group in np.unique(groups):
        out = (groups == group) & (recordings.labels >= 0)
        rest = recordings.select(groups != group)
        if not out.any() or len(np.unique(rest.labels[rest.labels >= 0])) < n_classes:
            continue
        speakers_left = np.unique(rest.speakers)
        apart = [each.select(np.isin(each.speakers, speakers_left)) for each in changes]
        weight, bias = discriminant(rest, n_classes, settings, apart).without_baseline()
        truth.append(recordings.labels[out])
        logits.append(recordings.vectors[out] @ weight.T + bias)
        names.append(recordings.corpora[out])
    if not truth:  # a single speaker, or a class of one: nothing can be told of others
        return None
    return HeldOut(np.concatenate(truth), np.concatenate(logits), np.concatenate(names), without)


def groups_of(recordings: Embeddings) -> tuple[str, npt.NDArray[np.str_] | npt.NDArray[np.int64]]:
    """What is left out in turn, as `HeldOut.without` has it, and each recording's group, (recordings,)."""
    if len(np.unique(recordings.corpora)) > 2:
        return "corpus", recordings.corpora
    return "speakers", np.searchsorted(np.unique(recordings.speakers), recordings.speakers).astype(int) % _FOLDS


def discriminant(
    recordings: Embeddings, n_classes: int, settings: DiscriminantSettings, changes: Sequence[Changes] = ()
) -> BaselineHead:
    """The discriminant of recordings.

    Classes have the same weight within each corpus, and corpora what `settings.sizes` says.

    Args:
        recordings: Of all emotions: those without a class tell what is normal for their speakers.
        n_classes: How many classes there are.
        settings: Of the discriminant.
        changes: What each kind of copy changes.
    """
    corpora = recordings.corpora
    names, counts = np.unique(corpora, return_counts=True)
    shares = dict(zip(names.tolist(), (counts**settings.sizes / (counts**settings.sizes).sum()).tolist(), strict=True))
    centred = recordings.vectors - _means(recordings.vectors, recordings.speakers)
    std = np.sqrt(_balanced(centred.astype(np.float64) ** 2, corpora, shares))
    std = np.maximum(std, 1e-3 * float(np.median(std)) + 1e-12)
    mean = _balanced(recordings.vectors, corpora, shares)
    known = np.flatnonzero(recordings.labels >= 0)
    labels = np.tile(recordings.labels[known], 2)
    features = np.concatenate([(recordings.vectors[known] - mean) / std, centred[known] / std])
    weights = np.tile(_weights(corpora[known], recordings.labels[known], shares), 2) / 2
    classes = np.stack(
        [np.average(features[labels == each], axis=0, weights=weights[labels == each]) for each in range(n_classes)]
    )
    centre = classes.mean(axis=0)
    within = _scatter(features - classes[labels], weights)
    within += settings.shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    for each in changes:
        sizes = _weights(each.corpora, np.zeros(len(each.corpora), int), shares)
        within += settings.copies * _scatter(each.vectors / std, sizes)
    weight = linalg.solve(within, (classes - centre).T, assume_a="pos").T
    bias = -0.5 * np.einsum("kd,kd->k", classes - centre, weight) - weight @ centre
    scatter = _balanced(((centred / std @ weight.T) ** 2).sum(axis=1), corpora, shares)
    shrinkage = Shrinkage(settings.prior, settings.prior, float(f"{scatter:.5g}"))
    return BaselineHead(Means(mean, std, shrinkage), weight, bias)


def _means(vectors: npt.NDArray[np.float32], groups: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    """Of each row, the mean of its group."""
    _, group = np.unique(groups, return_inverse=True)
    return np.stack([vectors[group == each].mean(axis=0) for each in range(group.max() + 1)])[group]


def _balanced(vectors: npt.NDArray[np.floating], corpora: npt.NDArray[np.str_], shares: Mapping[str, float]) -> _Matrix:
    """The mean of the corpora's means, of which each has its share, (dim,)."""
    means = [share * vectors[corpora == each].mean(axis=0, dtype=np.float64) for each, share in shares.items()]
    return np.sum(means, axis=0)


def _weights(corpora: npt.NDArray[np.str_], labels: npt.NDArray[np.int64], shares: Mapping[str, float]) -> _Matrix:
    """Weights that sum to 1, of classes alike within each corpus."""
    names = [f"{corpus} {label}" for corpus, label in zip(corpora, labels, strict=True)]
    _, group, sizes = np.unique(names, return_inverse=True, return_counts=True)
    weights = np.array([shares[each] for each in corpora.tolist()]) / sizes[group]
    return np.asarray(weights / weights.sum())


def _scatter(rows: npt.NDArray[np.floating], weights: _Matrix) -> _Matrix:
    """Weighted second moments, (dim, dim)."""
    scaled = (rows * np.sqrt(weights)[:, None]).astype(np.float32)
    return (scaled.T @ scaled).astype(np.float64)
