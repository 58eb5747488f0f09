"""The prediction of each test utterance: the table that every figure is computed from, and its CSV."""

import csv
import dataclasses
import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform
from voxaffect.calibration import softmax
from voxaffect.corpora import Utterance, corpus_of
from voxaffect.corpora.sources import without_class
from voxaffect.errors import AudioError, EvaluationError
from voxaffect.files.atomic import write_text
from voxaffect.files.cells import harmless, restored
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme

CLEAN = "clean"
"""The condition of recordings as they are."""

_OPTIONAL = ("condition", "seed")
_FIXED = ("utterance", "speaker", "sex", "fold", "truth", "prediction")
_ARRAYS = ("utterance", "speaker", "sex", "fold", "seed", "truth", "probabilities")


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
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in _ARRAYS})

    def write(self, path: Path, conditions: "Mapping[str, Predictions] | None" = None) -> None:
        """Write as CSV, probabilities to four places, whole or not at all.

        Args:
            path: The file.
            conditions: Condition -> predictions under it. A column `condition` names them then, and `CLEAN` these.
        """
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        for number, (condition, each) in enumerate({CLEAN: self, **(conditions or {})}.items()):
            columns = each._columns(condition if conditions else "")
            if number == 0:
                table.writerow(map(harmless, [*columns, *each.classes]))
            for *row, probabilities in zip(*columns.values(), each.probabilities, strict=True):
                table.writerow([*map(harmless, map(str, row)), *(f"{value:.4f}" for value in probabilities)])
        write_text(path, text.getvalue())

    def _columns(self, condition: str) -> dict[str, npt.NDArray[np.str_]]:
        classes, several = np.array(self.classes), (self.seed != "").any()
        columns = {"condition": np.full(len(self.truth), condition)} if condition else {}
        columns |= {"seed": self.seed} if several else {}
        named = {"truth": classes[self.truth], "prediction": classes[self.prediction]}
        return columns | {name: named[name] if name in named else getattr(self, name) for name in _FIXED}

    @classmethod
    def read(cls, path: str | os.PathLike[str], condition: str = CLEAN) -> "Predictions":
        """Read what `write` wrote.

        Args:
            path: The file.
            condition: Whose rows are read, where there are several.

        Raises:
            EvaluationError: The file is missing, not such a table, or without that condition.
        """
        try:
            with Path(path).open(encoding="utf-8", newline="") as file:
                table = np.array([list(map(restored, row)) for row in csv.reader(file)])
            head, rows = table[0].tolist(), table[1:]
            optional = [name for name in _OPTIONAL if name in head[: len(_OPTIONAL)]]
            width = len(optional) + len(_FIXED)
            if tuple(head[:width]) != (*optional, *_FIXED) or not len(rows):
                raise ValueError("it has other columns, or no row")
            if "condition" in optional:
                rows = rows[rows[:, 0] == condition]
                if not len(rows):
                    raise ValueError(f"it has no condition {condition}")
            classes = tuple(head[width:])
            utterance, speaker, sex, fold, names, _ = rows[:, len(optional) : width].T
            seeds = rows[:, optional.index("seed")] if "seed" in optional else np.full(len(rows), "")
            truth, probabilities = np.array([classes.index(name) for name in names]), rows[:, width:].astype(float)
        except (OSError, ValueError, IndexError) as error:
            raise EvaluationError(f"{path}: is not a table of predictions ({error}); evaluate again") from None
        return cls(classes, utterance, speaker, sex, fold, seeds, truth, probabilities)


def predict(
    recognizer: Recognizer,
    utterances: Sequence[Utterance],
    scheme: Scheme,
    *,
    fold: str = "",
    seed: str = "",
    load: Callable[[Utterance, int], Waveform] | None = None,
    tick: Callable[[], None] = lambda: None,
    unreadable: list[tuple[Utterance, str]] | None = None,
) -> Predictions:
    """Predict each utterance, whole, by the exported graph: what is scored is what ships.

    Args:
        recognizer: Of the bundle.
        utterances: Those of emotions that the scheme has no class for are left out.
        scheme: That the bundle was trained with.
        fold: For the table.
        seed: For the table.
        load: (utterance, sample rate) -> waveform (samples,); None: as recorded.
        tick: Called after each utterance.
        unreadable: Where (utterance, reason) of recordings that cannot be read is put, and they are left out; None: one
            is an error.

    Raises:
        EvaluationError: No utterance is left, or the recognizer's classes are not the scheme's.
        AudioError: A recording cannot be read.
    """
    if recognizer.classes != scheme.classes:
        raise EvaluationError(
            f"the bundle has classes {', '.join(recognizer.classes)} and scheme {scheme.name} has "
            f"{', '.join(scheme.classes)}; choose the scheme that it was trained with"
        )
    labelled, truth, logits = [], [], []
    for utterance in utterances:
        index = scheme.index_of(utterance)
        if index is not None:
            rate = recognizer.sample_rate
            try:
                waveform = load(utterance, rate) if load else utterance.sound.load(rate)
            except AudioError as error:
                if unreadable is None:
                    raise
                unreadable.append((utterance, str(error).removeprefix(f"{utterance.path}: ")))
            else:
                labelled.append(utterance)
                truth.append(index)
                logits.append(recognizer.forward(waveform)[0])
        tick()
    if not labelled:
        raise EvaluationError(
            f"none of the {len(utterances)} utterances has an emotion of scheme {scheme.name} "
            f"({', '.join(scheme.classes)}); there are {without_class(utterances, scheme)}"
        )
    return Predictions(
        scheme.classes,
        np.array([each.id for each in labelled]),
        np.array([each.speaker for each in labelled]),
        np.array([each.sex or "" for each in labelled]),
        np.full(len(labelled), fold),
        np.full(len(labelled), seed),
        np.array(truth),
        # As the CSV will hold them, so that figures computed now and from the file are the same.
        np.round(softmax(np.stack(logits)), 4),
    )


def join(parts: Sequence[Predictions]) -> Predictions:
    """Several folds' predictions as one table."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    return Predictions(parts[0].classes, **columns)
