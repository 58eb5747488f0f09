"""Recordings as a trained model hears them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from voxaffect import labels
from voxaffect.corpora import Utterance
from voxaffect.models import Classifier
from voxaffect.settings import Experiment
from voxaffect.splits import Side, Sides
from voxaffect.training.batches import WholeClips, nonspeech_sounds


@dataclass(frozen=True)
class Embedded:
    """What a trained model hears in recordings.

    embeddings: (recordings, dim). labels: (recordings,) class indices, -1 where the scheme has none.
    speakers: (recordings,) with their corpus before a slash.
    """

    embeddings: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    speakers: npt.NDArray[np.str_]

    @property
    def corpora(self) -> npt.NDArray[np.str_]:
        """(recordings,) names."""
        return np.array([speaker.split("/")[0] for speaker in self.speakers])


def embedded(
    model: Classifier, experiment: Experiment, utterances: Sequence[Utterance], split: Sides, side: Side
) -> Embedded | None:
    """The recordings of a side, but no copies; None where there are none."""
    chosen = [each for each in split.select(utterances, side) if not each.copy]
    if not chosen:
        return None
    scheme = labels.scheme(experiment.training.scheme)
    indices = [scheme.index(each.emotion, each.sex) for each in chosen]
    truth = [-1 if index is None else index for index in indices]
    clips = WholeClips(list(zip(chosen, truth, strict=True)), experiment, model.frontend)
    found = np.empty((len(clips), model.head.in_features), np.float32)
    for batch in clips.batches():
        found[batch] = _embeddings(model, torch.stack([clips[index]["energies"] for index in batch]))
    return Embedded(found, np.array(truth), np.array([each.speaker for each in chosen]))


def embedded_sounds(model: Classifier, experiment: Experiment) -> npt.NDArray[np.float32]:
    """The embeddings (sounds, dim) of what training heard that is no speech."""
    sounds = torch.from_numpy(np.stack(nonspeech_sounds(experiment)))
    with torch.no_grad():
        batches = (model.frontend(sounds[first : first + 64]) for first in range(0, len(sounds), 64))
        return np.concatenate([_embeddings(model, each) for each in batches])


def _embeddings(model: Classifier, energies: Tensor) -> npt.NDArray[np.float32]:
    with torch.no_grad():
        return model.classify(model.normalise(energies))[1].numpy()
