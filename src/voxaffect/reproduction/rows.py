"""The rows of the article's table, from the result files of a folder."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from voxaffect import labels
from voxaffect.errors import EvaluationError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.report import summarise
from voxaffect.reproduction.setups import BEST, CORRECTED, SETUPS, SetUp
from voxaffect.splits import LEAKY


@dataclass(frozen=True)
class Row:
    """A set-up and what came of it: result files as they were written, or None where there is none."""

    setup: SetUp
    leaky: dict[str, Any] | None
    corrected: dict[str, Any] | None
    best: dict[str, Any] | None


def read(results: Path) -> list[Row]:
    """The rows that have a result in the folder, in the order of the article's table.

    Raises EvaluationError where a file is not what was written.
    """
    best = Predictions.read(results / f"{BEST}.csv") if (results / f"{BEST}.csv").exists() else None
    rows = []
    for setup in SETUPS.values():
        leaky, corrected = (_result(results / f"{setup.result(mode)}.json") for mode in (LEAKY, CORRECTED))
        if leaky or corrected or best:
            rows.append(Row(setup, leaky, corrected, summarise(in_classes_of(best, setup)) if best else None))
    return rows


def in_classes_of(predictions: Predictions, setup: SetUp) -> Predictions:
    """What a model of all emotions by sex says of a set-up's test clips, in the set-up's classes.

    The set-up tells the sexes it is about and so may the answer: probabilities of its classes are added up and made to
    sum to 1, those of other classes and sexes left out.
    """
    scheme = labels.scheme(setup.scheme)
    into = np.zeros((len(predictions.classes), len(scheme.classes)))
    for index, name in enumerate(predictions.classes):
        sex, _, emotion = name.partition(" ")
        target = scheme.index(emotion, sex) if sex in setup.sexes else None
        if target is not None:
            into[index, target] = 1
    # A clip's own class says whether the set-up is about it.
    kept = predictions.select(np.asarray(into[predictions.truth].any(axis=1)))
    probabilities = np.maximum(kept.probabilities @ into, 1e-9)
    return dataclasses.replace(
        kept,
        classes=scheme.classes,
        truth=into[kept.truth].argmax(axis=1),
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
    )


def _result(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        result = dict(json.loads(path.read_text("utf-8")))
        for key in ("epochs", "dev", "wa", "f1", "confusion", "classes", "history"):
            result[key]
        return result
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EvaluationError(f"{path}: is not a result ({error}); remove it and reproduce the row again") from None
