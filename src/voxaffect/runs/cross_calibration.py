"""Scores and calibration of a model that is trained on all speakers: those of a cross-validation of its experiment."""

import dataclasses
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.calibration import risk_coverage, softmax, temperature
from voxaffect.card import Calibration
from voxaffect.errors import SettingsError, VoxaffectError
from voxaffect.evaluation.predictions import Predictions, join
from voxaffect.evaluation.protocols import Part, Protocol, protocol
from voxaffect.evaluation.summary import summarise
from voxaffect.records import Record
from voxaffect.runs.run import CrossValidation
from voxaffect.settings import Experiment, experiment_from_tables


@dataclass(frozen=True)
class _Fold(Record):
    fold: str
    temperature: float = 1.0


@dataclass(frozen=True)
class _Result(Record):
    """What is needed of a result file."""

    protocol: str
    commit: str
    settings: Mapping[str, Any] = field(hash=False)
    folds: tuple[_Fold, ...]


def cross_validation(path: Path, experiment: Experiment, trained: Collection[Part]) -> CrossValidation:
    """Scores and calibration of a model that is trained on these parts of corpora.

    They are taken from a benchmark of just these parts, or from the one fold that was trained on them and tested on
    others. Each fold's probabilities are first calibrated on the other folds' test speakers, since nobody is there to
    calibrate on when a model meets new voices. The temperature is fitted to the test speakers of all folds, or of all
    but the one that is scored, each fold counted alike.

    Args:
        path: A benchmark's result file; its predictions lie next to it.
        experiment: Settings of the model.
        trained: What it is trained on.

    Raises:
        SettingsError: The file is no benchmark result, has other settings, or is about other recordings.
    """
    try:
        result = _Result.from_dict(json.loads(path.read_text("utf-8")))
        setup, settings = protocol(result.protocol), experiment_from_tables(result.settings)
        predictions = Predictions.read(path.with_suffix(".csv"))
    except (OSError, ValueError, KeyError, TypeError, VoxaffectError) as error:
        raise SettingsError(f"{path}: is not a benchmark result ({error}); name another") from None
    if settings != experiment:
        raise SettingsError(f"{path}: is of an experiment with other settings; name the result of this one")
    alone = None
    if set(trained) != set(setup.parts):
        alone = next((each.name for each in setup.folds if set(each.trained) == set(trained)), None)
        if alone is None:
            raise SettingsError(f"{path}: is about {setup.title}; train on its `sources`: {_words(setup)}")
    before = {each.fold: each.temperature for each in result.folds if each.fold != alone}
    after = [_temperature(predictions.select(predictions.fold == fold)) for fold in before]
    if experiment.training.validate:  # else the benchmark has calibrated its folds on each other
        predictions = calibrated(predictions, cross_temperatures(predictions))
    others, scored = predictions.select(np.isin(predictions.fold, list(before))), predictions
    on, about = (
        setup.name,
        f"{setup.name}: the same experiment, trained without the speakers it was tested on, each fold",
    )
    if alone is not None:
        scored, on = predictions.select(predictions.fold == alone), f"{setup.name}, fold {alone} left out"
        about = f"fold {alone} of {setup.name}: the same experiment, trained on these corpora and tested on another,"
    calibration = Calibration(
        f"the tested speakers of {on}",
        round(_mean(list(before.values())) * _mean(after), 4),
        risk_coverage(others.truth, others.probabilities),
    )
    epoch = "at its best epoch on validation speakers" if experiment.training.validate else "at its last epoch"
    scores = summarise(scored).scores(f"{about} {epoch}; this bundle is of the last epoch", commit=result.commit)
    return CrossValidation(scores, calibration)


def cross_temperatures(predictions: Predictions) -> dict[str, float]:
    """Fold -> the temperature that fits the test speakers of the other folds, each fold counted alike."""
    after = {
        fold: _temperature(predictions.select(predictions.fold == fold))
        for fold in dict.fromkeys(predictions.fold.tolist())
    }
    return {fold: _mean([after[other] for other in after if other != fold]) for fold in after}


def calibrated(predictions: Predictions, temperatures: Mapping[str, float]) -> Predictions:
    """Predictions whose logits are divided by the temperature of their fold."""
    return join([_calibrated(predictions, fold, temperature) for fold, temperature in temperatures.items()])


def _calibrated(predictions: Predictions, fold: str, temperature: float) -> Predictions:
    part = predictions.select(predictions.fold == fold)
    # As a table of predictions has them: figures shall be those that it gives.
    return dataclasses.replace(part, probabilities=np.round(softmax(_logits(part) / temperature), 4))


def _temperature(predictions: Predictions) -> float:
    return temperature(predictions.truth, _logits(predictions))


def _logits(predictions: Predictions) -> npt.NDArray[np.float64]:
    """Up to a constant, and to the four places of a table of predictions."""
    return np.log(np.maximum(predictions.probabilities, 5e-5))


def _mean(temperatures: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(temperatures))))


def _words(setup: Protocol) -> str:
    styles = sorted({part.style for part in setup.parts})
    return f"{', '.join(setup.corpora)} in `style` {' and '.join(styles)}"
