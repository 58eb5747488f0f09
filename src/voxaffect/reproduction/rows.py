"""The rows of the article's table, from the results of their runs."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from voxaffect import labels
from voxaffect.errors import EvaluationError, VoxaffectError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import Summary, summarise
from voxaffect.reproduction.setups import BEST, CORRECTED, SETUPS, SetUp
from voxaffect.splits import LEAKY

_FIRST = ("row", "title", "mode", "leak", "copies", "command", "clips", "dev_speakers", "test_speakers", "epochs")


@dataclass(frozen=True, kw_only=True, repr=False)
class RowResult(Summary):
    """The result of a row in one mode: figures of the test clips, and how it was trained.

    Attributes:
        row, title, mode, leak: Of the set-up; leak: what leaks, if anything.
        copies: Kinds and classes of augmented copies.
        command: The command that trains it again.
        clips: Side -> clips of the split; "copies" -> those added to training afterwards.
        dev_speakers, test_speakers: Of these sides.
        epochs, best_epoch: Epochs trained, and the one whose weights are used.
        dev: `dev_loss`, `dev_wa`, `dev_uar` of the best epoch.
        parameters, seconds, device, commit, versions, settings: As in a benchmark's result.
        history: Figures of every epoch.
    """

    row: str
    title: str
    mode: str
    leak: str | None = None
    copies: Mapping[str, Any] = field(default_factory=dict, hash=False)
    command: str = ""
    clips: Mapping[str, int] = field(hash=False)
    dev_speakers: tuple[str, ...]
    test_speakers: tuple[str, ...]
    epochs: int
    best_epoch: int
    dev: Mapping[str, float] = field(hash=False)
    parameters: int
    seconds: int
    device: str = ""
    commit: str
    versions: Mapping[str, str] = field(hash=False)
    settings: Mapping[str, Any] = field(hash=False)
    history: tuple[Mapping[str, float], ...] = field(hash=False)

    def to_dict(self) -> dict[str, Any]:
        """The content of the result file."""
        values = super().to_dict()
        return {name: values[name] for name in _FIRST if name in values} | values

    @classmethod
    def read(cls, path: Path) -> "RowResult":
        """Read a result file.

        Raises:
            EvaluationError: It is not what was written.
        """
        try:
            return cls.from_dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, VoxaffectError) as error:
            raise EvaluationError(f"{path}: is not a result ({error}); remove it and reproduce the row again") from None


@dataclass(frozen=True)
class Row:
    """A set-up and its results, None where there is none. best: our model's on the set-up's test clips."""

    setup: SetUp
    leaky: RowResult | None
    corrected: RowResult | None
    best: Summary | None

    @property
    def results(self) -> dict[str, Summary]:
        """`LEAKY`, `CORRECTED` and `BEST` -> their results, where there are any."""
        results = {LEAKY: self.leaky, CORRECTED: self.corrected, BEST: self.best}
        return {name: result for name, result in results.items() if result is not None}


def read(results: Path) -> list[Row]:
    """The rows that have a result in the folder, in the order of the article's table.

    Raises:
        EvaluationError: A file is not what was written.
    """
    names = [setup.result(mode) for setup in SETUPS.values() for mode in (LEAKY, CORRECTED)]
    by_name = {name: RowResult.read(results / f"{name}.json") for name in names if (results / f"{name}.json").exists()}
    best = results / f"{BEST}.csv"
    return collect(by_name, Predictions.read(best) if best.exists() else None)


def collect(results: Mapping[str, RowResult], best: Predictions | None = None) -> list[Row]:
    """The rows that have a result, in the order of the article's table.

    Args:
        results: By the names of `SetUp.result`.
        best: Our model's predictions of all test clips.
    """
    rows = []
    for setup in SETUPS.values():
        leaky, corrected = (results.get(setup.result(mode)) for mode in (LEAKY, CORRECTED))
        if leaky or corrected or best:
            rows.append(Row(setup, leaky, corrected, summarise(in_classes_of(best, setup)) if best else None))
    return rows


def in_classes_of(predictions: Predictions, setup: SetUp) -> Predictions:
    """Predictions of a model of all emotions by sex, in a set-up's classes and of its test clips.

    The speakers' sexes are known and used: probabilities of the set-up's classes are added up and normalised, those of
    other classes and sexes left out.
    """
    scheme = labels.scheme(setup.scheme)
    into = np.zeros((len(predictions.classes), len(scheme.classes)))
    for index, name in enumerate(predictions.classes):
        sex, _, emotion = name.partition(" ")
        target = scheme.index(emotion, sex) if sex in setup.sexes else None
        if target is not None:
            into[index, target] = 1
    # A clip's own class says whether the set-up is about it.
    selected = predictions.select(np.asarray(into[predictions.truth].any(axis=1)))
    probabilities = np.maximum(selected.probabilities @ into, 1e-9)
    return dataclasses.replace(
        selected,
        classes=scheme.classes,
        truth=into[selected.truth].argmax(axis=1),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
    )
