"""Embeddings of recordings by a trained model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from voxaffect.corpora import corpus_of
from voxaffect.models import Classifier
from voxaffect.training.batches import WholeClips
from voxaffect.training.clips import Clips


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Embeddings of recordings.

    Args:
        vectors: (recordings, dim).
        labels: (recordings,) class indices; -1: the scheme has no class.
        speakers: (recordings,) names.
    """

    vectors: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    speakers: npt.NDArray[np.str_]

    @property
    def corpora(self) -> npt.NDArray[np.str_]:
        """(recordings,) names."""
        return np.array([corpus_of(speaker) for speaker in self.speakers])

    def select(self, mask: npt.NDArray[np.bool_]) -> "Embeddings":
        """Those of the recordings that are masked, (recordings,)."""
        return Embeddings(self.vectors[mask], self.labels[mask], self.speakers[mask])


def embed(model: Classifier, clips: Clips, features: Sequence[Tensor]) -> Embeddings:
    """Embed clips.

    Args:
        model: In evaluation mode.
        clips: Recordings. Classes beyond those of the model count as none.
        features: Of whole clips, (n_features, frames) each.
    """
    labels = np.where(clips.labels < model.head.out_features, clips.labels, -1)
    whole = WholeClips(features, labels)
    vectors = np.empty((len(whole), model.head.in_features), np.float32)
    for batch in whole.batches():
        vectors[batch] = embed_features(model, torch.stack([features[index] for index in batch]))
    return Embeddings(vectors, labels, np.array([each.speaker for each in clips.utterances]))


def embed_features(model: Classifier, features: Tensor) -> npt.NDArray[np.float32]:
    """Features of the front end (batch, n_features, frames) -> embeddings (batch, dim)."""
    with torch.no_grad():
        return model.classify(model.normalise(features))[1].numpy()
