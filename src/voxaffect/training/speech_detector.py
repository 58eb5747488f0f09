"""Fit the speech detector: a linear discriminant between the training recordings and synthetic sounds.

Noises, tones and clicks are enough: on an encoder that was trained on speech, music, animals and coughs lie with them,
and every voice that says something lies elsewhere (docs/experiments.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from voxaffect.audio import Waveform
from voxaffect.augment import nonspeech
from voxaffect.card import SpeechDetectorRecord
from voxaffect.models import Classifier
from voxaffect.settings import InputSettings
from voxaffect.speech_detector import SpeechDetector
from voxaffect.training.clips import excerpt
from voxaffect.training.embeddings import Embeddings, embed_features
from voxaffect.training.prepared import Prepared

REFUSED = 0.005
"""Share of recordings and copies that may be taken for no speech, of the corpus that is refused most."""

SHRINKAGE = 1.0
"""Of the scatter within speech and within sounds: this much of its mean variance is added to each variance."""

_COUNT = 40  # sounds of each kind
_SECONDS = (1.0, 5.0)
_DECIBELS = (-40.0, 0.0)

_Matrix = npt.NDArray[np.float64]

_Cell = tuple[str, object]
"""A corpus and a group of its recordings."""


@dataclass(frozen=True, eq=False)
class _Sums:
    """What a mean and a covariance of rows are computed from. total: (dim,). products: (dim, dim)."""

    count: int
    total: _Matrix
    products: _Matrix

    @classmethod
    def of(cls, rows: npt.NDArray[np.float32]) -> "_Sums":
        return cls(len(rows), rows.sum(axis=0, dtype=np.float64), (rows.T @ rows).astype(np.float64))

    def __add__(self, other: "_Sums") -> "_Sums":
        return _Sums(self.count + other.count, self.total + other.total, self.products + other.products)


def embed_sounds(model: Classifier, prepared: Prepared) -> npt.NDArray[np.float32]:
    """Embeddings (sounds, dim) of sounds that are no speech, by a model in evaluation mode."""
    waveforms = synthetic_sounds(prepared.experiment.input, prepared.experiment.training.seed)
    features = prepared.features_of(waveforms)
    return np.concatenate([embed_features(model, features[place][None]) for place in range(len(features))])


def synthetic_sounds(settings: InputSettings, seed: int) -> list[Waveform]:
    """All kinds of `nonspeech.TRAINING_SOUNDS`, short and long, soft and loud, as a model gets them: (any,) each."""
    rate, sounds = settings.sample_rate, []
    for kind, name in enumerate(nonspeech.TRAINING_SOUNDS):
        for number in range(_COUNT):
            rng = np.random.default_rng((seed, kind, number))
            samples = round((rng.uniform(*_SECONDS) + (settings.start or 0.0)) * rate)
            level = np.float32(10 ** (rng.uniform(*_DECIBELS) / 20))
            sounds.append(excerpt(level * nonspeech.synthesize(name, rng, samples, rate), settings))
    return sounds


def fit_speech_detector(
    speech: Embeddings,
    recorded: npt.NDArray[np.bool_],
    groups: npt.NDArray[np.str_] | npt.NDArray[np.int64],
    sounds: npt.NDArray[np.float32],
) -> SpeechDetectorRecord:
    """The layer for a card.

    Corpora have the same weight. The lowest score of speech is the one that `REFUSED` of a corpus are below, of the
    corpus where that is lowest, each scored by the layer that was fitted without its group.

    Args:
        speech: Recordings and their copies.
        recorded: (recordings and copies,) which are recordings, as they come.
        groups: (recordings and copies,) what is left out in turn: corpora, or groups of speakers.
        sounds: (sounds, dim) embeddings of what is no speech.
    """
    corpora, origin = speech.corpora, sounds.mean(axis=0)
    places = {
        (str(corpus), group): np.flatnonzero((corpora == corpus) & (groups == group))
        for corpus in np.unique(corpora)
        for group in np.unique(groups[corpora == corpus])
    }
    sums = {cell: _Sums.of(speech.vectors[rows] - origin) for cell, rows in places.items()}
    others = _Sums.of(sounds - origin)
    scores = np.full(len(corpora), np.nan)
    for group in np.unique(groups):
        if rest := {cell: each for cell, each in sums.items() if cell[1] != group}:
            rows = groups == group
            scores[rows] = _between(rest, others, origin).scores(speech.vectors[rows])
    layer, unseen = _between(sums, others, origin), np.isfinite(scores).all()
    if not unseen:  # a single speaker: nothing can be told of others
        scores = layer.scores(speech.vectors)
    least = min(float(np.quantile(scores[corpora == each], REFUSED)) for each in np.unique(corpora))
    missed = {
        str(each): round(float((scores[(corpora == each) & recorded] < least).mean()), 4)
        for each in np.unique(corpora[recorded])
    }
    return SpeechDetector(layer.weight, layer.bias - least).to_record(missed if unseen else {})


def _between(speech: Mapping[_Cell, _Sums], sounds: _Sums, origin: npt.NDArray[np.float32]) -> SpeechDetector:
    """The discriminant, whose scores are 1 for the mean of speech and -1 for that of the sounds.

    Args:
        speech: By corpus and group, less the origin.
        sounds: Less the origin.
        origin: (dim,).
    """
    names = sorted({name for name, _ in speech})
    corpora = [_means([each for (name, _), each in speech.items() if name == corpus]) for corpus in names]
    mean, second = (np.mean(each, axis=0) for each in zip(*corpora, strict=True))
    other, other_second = _means([sounds])
    within = (second - np.outer(mean, mean) + other_second - np.outer(other, other)) / 2
    within += (SHRINKAGE * np.trace(within) / len(within) + 1e-12) * np.eye(len(within))
    weight = linalg.solve(within, mean - other, assume_a="pos")
    weight *= 2 / max(float(weight @ (mean - other)), 1e-12)
    return SpeechDetector(weight, float(-weight @ (origin + (mean + other) / 2)))


def _means(parts: Sequence[_Sums]) -> tuple[_Matrix, _Matrix]:
    """The mean (dim,) and the mean of products (dim, dim)."""
    whole = parts[0]
    for each in parts[1:]:
        whole = whole + each
    return whole.total / whole.count, whole.products / whole.count
