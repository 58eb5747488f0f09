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
from voxaffect.card.scores import Calibration
from voxaffect.errors import SettingsError, VoxaffectError, check
from voxaffect.evaluation.predictions import Predictions, join
from voxaffect.evaluation.protocols import Part, protocol
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
    other parts. Probabilities of a fold are first calibrated on the test speakers of all other folds: new voices have
    no speakers to calibrate on. The temperature is fitted to the test speakers of all folds, or of all but the one that
    is scored; folds have the same weight.

    Args:
        path: A benchmark's result file; its predictions lie next to it.
        experiment: Settings of the model.
        trained: What it is trained on.

    Raises:
        SettingsError: The file is no benchmark result, has other settings, or is of other recordings.
    """
    try:
        result = _Result.from_dict(json.loads(path.read_text("utf-8")))
        setup, settings = protocol(result.protocol), experiment_from_tables(result.settings)
        predictions = Predictions.read(path.with_suffix(".csv"))
    except (OSError, ValueError, KeyError, TypeError, VoxaffectError) as error:
        raise SettingsError(f"{path}: is not a benchmark result ({error}); name another") from None
    check(settings == experiment, f"{path}: is of an experiment with other settings; name the result of this one")
    alone = None
    if set(trained) != set(setup.parts):
        alone = next((each.name for each in setup.folds if set(each.trained) == set(trained)), None)
        sources = f"{', '.join(setup.corpora)} in `style` {' and '.join(sorted({part.style for part in setup.parts}))}"
        check(alone is not None, f"{path}: is about {setup.title}; train on its `sources`: {sources}")
    before = {each.fold: each.temperature for each in result.folds if each.fold != alone}
    after = [_temperature(predictions, fold) for fold in before]
    if experiment.training.validate:  # else the benchmark has calibrated its folds on each other
        predictions = calibrated(predictions, cross_temperatures(predictions))
    calibrating, scored, on = predictions.select(np.isin(predictions.fold, list(before))), predictions, setup.name
    about = f"{setup.name}: the same experiment, trained without the speakers it was tested on, each fold"
    if alone is not None:
        scored, on = predictions.select(predictions.fold == alone), f"{setup.name}, fold {alone} left out"
        about = f"fold {alone} of {setup.name}: the same experiment, trained on these corpora and tested on another,"
    calibration = Calibration(
        f"the tested speakers of {on}",
        round(_mean(list(before.values())) * _mean(after), 4),
        risk_coverage(calibrating.truth, calibrating.probabilities),
    )
    epoch = "at its best epoch on validation speakers" if experiment.training.validate else "at its last epoch"
    scores = summarise(scored).scores(f"{about} {epoch}; this bundle is of the last epoch", commit=result.commit)
    return CrossValidation(scores, calibration)


def cross_temperatures(predictions: Predictions) -> dict[str, float]:
    """Fold -> the temperature that fits the test speakers of the other folds, each fold counted alike."""
    after = {fold: _temperature(predictions, fold) for fold in dict.fromkeys(predictions.fold.tolist())}
    return {fold: _mean([after[other] for other in after if other != fold]) for fold in after}


def calibrated(predictions: Predictions, temperatures: Mapping[str, float]) -> Predictions:
    """Predictions whose logits are divided by the temperature of their fold."""
    parts = [predictions.select(predictions.fold == fold) for fold in temperatures]
    softened = [softmax(_logits(part) / value) for part, value in zip(parts, temperatures.values(), strict=True)]
    # Rounded as in a table of predictions, so that figures are those of the table.
    return join(
        [dataclasses.replace(part, probabilities=np.round(new, 4)) for part, new in zip(parts, softened, strict=True)]
    )


def _temperature(predictions: Predictions, fold: str) -> float:
    part = predictions.select(predictions.fold == fold)
    return temperature(part.truth, _logits(part))


def _logits(predictions: Predictions) -> npt.NDArray[np.float64]:
    """Up to a constant, and to the four places of a table of predictions."""
    return np.log(np.maximum(predictions.probabilities, 5e-5))


def _mean(temperatures: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(temperatures))))
