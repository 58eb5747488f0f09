"""Recordings of test speakers, as a bundle computes them: computed once, and drawn from as often as a probe likes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform
from voxaffect.corpora import Utterance
from voxaffect.files.atomic import replacing
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme


@dataclass(frozen=True, eq=False, repr=False)
class Embeddings:
    """Recordings of any emotion, as a bundle computes them.

    Attributes:
        embeddings: (recordings, dim).
        logits: (recordings, classes), without a baseline.
        truth: (recordings,) class indices, -1 where the scheme has no class.
        speaker: (recordings,).
    """

    embeddings: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32]
    truth: npt.NDArray[np.int64]
    speaker: npt.NDArray[np.str_]

    @classmethod
    def of(
        cls,
        recognizer: Recognizer,
        utterances: Sequence[Utterance],
        scheme: Scheme,
        tick: Callable[[], None],
        load: Callable[[Utterance, int], Waveform] | None = None,
    ) -> "Embeddings":
        """Compute them. tick: called after every utterance. load: as `predict` takes it."""
        outputs, rate = [], recognizer.sample_rate
        for utterance in utterances:
            outputs.append(recognizer.forward(load(utterance, rate) if load else utterance.sound.load(rate)))
            tick()
        logits, embeddings = (np.stack(each) for each in zip(*outputs, strict=True))
        indices = [scheme.index_of(each) for each in utterances]
        truth = np.array([-1 if index is None else index for index in indices])
        return cls(embeddings, logits, truth, np.array([each.speaker for each in utterances]))

    def write(self, path: Path) -> None:
        """Write as NumPy's archive, whole or not at all."""
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Embeddings":
        """Read what `write` wrote."""
        with np.load(path) as arrays:
            return cls(**arrays)
