"""The prediction of each test utterance: the table that every figure is computed from, and its CSV."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.calibration import softmax
from voxaffect.corpora import Utterance, corpus_of
from voxaffect.errors import EvaluationError
from voxaffect.files.atomic import write_text
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme

_SEED = ("seed",)
_FIXED = ("utterance", "speaker", "sex", "fold", "truth", "prediction")


@dataclass(frozen=True, eq=False, repr=False)
class Predictions:
    """One row an utterance; with several seeds, one row an utterance and seed.

    Attributes:
        classes: Class names.
        utterance, speaker, sex, fold, seed: (n,) of text; sex is empty where it is unknown, seed where there is one.
        truth: (n,) class indices.
        probabilities: (n, classes).
    """

    classes: tuple[str, ...]
    utterance: npt.NDArray[np.str_]
    speaker: npt.NDArray[np.str_]
    sex: npt.NDArray[np.str_]
    fold: npt.NDArray[np.str_]
    seed: npt.NDArray[np.str_]
    truth: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]

    def __repr__(self) -> str:
        return f"Predictions({len(self.truth)} of {', '.join(self.classes)})"

    @property
    def prediction(self) -> npt.NDArray[np.int64]:
        """(n,) indices of the most probable classes."""
        return self.probabilities.argmax(axis=1)

    @property
    def corpus(self) -> npt.NDArray[np.str_]:
        """(n,) corpora of the speakers."""
        return np.array([corpus_of(speaker) for speaker in self.speaker])

    def select(self, rows: npt.NDArray[np.bool_]) -> "Predictions":
        """The rows where the mask (n,) is true."""
        return Predictions(
            self.classes,
            self.utterance[rows],
            self.speaker[rows],
            self.sex[rows],
            self.fold[rows],
            self.seed[rows],
            self.truth[rows],
            self.probabilities[rows],
        )

    def write(self, path: Path) -> None:
        """Write as CSV, probabilities to four places, whole or not at all."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        seeded = bool((self.seed != "").any())
        table.writerow([*(_SEED if seeded else ()), *_FIXED, *self.classes])
        for row in range(len(self.truth)):
            names = self.classes[self.truth[row]], self.classes[self.prediction[row]]
            fixed = (self.utterance[row], self.speaker[row], self.sex[row], self.fold[row], *names)
            seed = (self.seed[row],) if seeded else ()
            table.writerow([*seed, *fixed, *(f"{value:.4f}" for value in self.probabilities[row])])
        write_text(path, text.getvalue())

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Predictions":
        """Read what `write` wrote.

        Raises:
            EvaluationError: The file is missing or not such a table.
        """
        try:
            with Path(path).open(encoding="utf-8", newline="") as file:
                head, *rows = csv.reader(file)
            seeds = np.array([""] * len(rows))
            if tuple(head[:1]) == _SEED:
                seeds, head, rows = np.array([row[0] for row in rows]), head[1:], [row[1:] for row in rows]
            if tuple(head[: len(_FIXED)]) != _FIXED or not rows:
                raise ValueError("the columns are others, or there is no row")
            classes = tuple(head[len(_FIXED) :])
            fixed = np.array([row[: len(_FIXED)] for row in rows])
            truth = np.array([classes.index(name) for name in fixed[:, 4]])
            probabilities = np.array([row[len(_FIXED) :] for row in rows], dtype=float)
        except (OSError, ValueError, IndexError) as error:
            raise EvaluationError(f"{path}: is not a table of predictions ({error}); evaluate again") from None
        return cls(classes, fixed[:, 0], fixed[:, 1], fixed[:, 2], fixed[:, 3], seeds, truth, probabilities)


def as_recorded(utterance: Utterance, sample_rate: int) -> Waveform:
    """The utterance as it was recorded: (samples,)."""
    return audio.load(utterance.path, sample_rate)


def predict(
    recognizer: Recognizer,
    utterances: Sequence[Utterance],
    scheme: Scheme,
    *,
    fold: str = "",
    seed: str = "",
    load: Callable[[Utterance, int], Waveform] = as_recorded,
    tick: Callable[[], None] = lambda: None,
) -> Predictions:
    """Predict each utterance, whole, by the exported graph: what is scored is what ships.

    Args:
        recognizer: Of the bundle.
        utterances: Those of emotions that the scheme has no class for are left out.
        scheme: That the bundle was trained with.
        fold: For the table.
        seed: For the table.
        load: (utterance, sample rate) -> waveform (samples,).
        tick: Called after each utterance.

    Raises:
        EvaluationError: No utterance is left, or the recognizer's classes are not the scheme's.
        AudioError: A recording cannot be read.
    """
    if recognizer.classes != scheme.classes:
        raise EvaluationError(
            f"the bundle has classes {', '.join(recognizer.classes)} and scheme {scheme.name} has "
            f"{', '.join(scheme.classes)}; choose the scheme that it was trained with"
        )
    truth, logits, classed = [], [], []
    for utterance in utterances:
        index = scheme.index_of(utterance)
        if index is not None:
            classed.append(utterance)
            truth.append(index)
            logits.append(recognizer.forward(load(utterance, recognizer.sample_rate))[0])
        tick()
    if not classed:
        raise EvaluationError(f"none of the {len(utterances)} utterances has an emotion of scheme {scheme.name}")
    return Predictions(
        scheme.classes,
        np.array([each.id for each in classed]),
        np.array([each.speaker for each in classed]),
        np.array([each.sex or "" for each in classed]),
        np.array([fold] * len(classed)),
        np.array([seed] * len(classed)),
        np.array(truth),
        # As the CSV will hold them, so that figures computed now and from the file are the same.
        np.round(softmax(np.stack(logits)), 4),
    )


def join(parts: Sequence[Predictions]) -> Predictions:
    """Several folds' predictions as one table."""
    columns = ("utterance", "speaker", "sex", "fold", "seed", "truth", "probabilities")
    return Predictions(parts[0].classes, *(np.concatenate([getattr(part, name) for part in parts]) for name in columns))
