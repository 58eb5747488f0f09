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
from voxaffect.evaluation.caveats import scores as scores_of
from voxaffect.evaluation.predictions import Predictions, join
from voxaffect.evaluation.protocols import Part, protocol
from voxaffect.evaluation.summary import summarise
from voxaffect.records import Record
from voxaffect.runs.record import RunRecord
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
    temperatures = {each.fold: each.temperature for each in result.folds}
    return of_folds(
        predictions, temperatures, setup.name, validated=experiment.training.validate, alone=alone, commit=result.commit
    )


def of_folds(
    predictions: Predictions,
    temperatures: Mapping[str, float],
    name: str,
    *,
    validated: bool,
    alone: str | None = None,
    commit: str | None = None,
) -> CrossValidation:
    """Scores and calibration from the predictions of all folds, as `cross_validation` describes it.

    Args:
        predictions: Of the test speakers, with the folds that they are of.
        temperatures: Fold -> what its logits were divided by.
        name: Of the protocol.
        validated: Whether folds chose their epoch and calibrated on validation speakers; otherwise they have calibrated
            each other, as `pooled` does.
        alone: The one fold that is scored; None: all are.
        commit: Of the source that scored them.
    """
    before = {fold: value for fold, value in temperatures.items() if fold != alone}
    after = [_temperature(predictions, fold) for fold in before]
    if validated:
        predictions = calibrated(predictions, cross_temperatures(predictions))
    calibrating, scored, on = predictions.select(np.isin(predictions.fold, list(before))), predictions, name
    about = f"{name}: the same experiment, trained without the speakers it was tested on, each fold"
    if alone is not None:
        scored, on = predictions.select(predictions.fold == alone), f"{name}, fold {alone} left out"
        about = f"fold {alone} of {name}: the same experiment, trained on these corpora and tested on another,"
    calibration = Calibration(
        f"the tested speakers of {on}",
        round(_mean(list(before.values())) * _mean(after), 4),
        risk_coverage(calibrating.truth, calibrating.probabilities, calibrating.corpus),
    )
    epoch = "at its best epoch on validation speakers" if validated else "at its last epoch"
    scores = scores_of(summarise(scored), f"{about} {epoch}; this bundle is of the last epoch", commit=commit)
    return CrossValidation(scores, calibration)


def pooled(
    parts: Sequence[Predictions], records: Sequence[RunRecord], *, validated: bool
) -> tuple[Predictions, tuple[RunRecord, ...]]:
    """The predictions of all folds as one table, and the folds' records with their temperatures.

    Where folds had no validation speakers, each is calibrated on the other folds' test speakers.
    """
    predictions = join(parts)
    if validated or len({record.fold for record in records}) == 1:
        return predictions, tuple(records)
    temperatures = cross_temperatures(predictions)
    records = [
        dataclasses.replace(each, temperature=round((each.temperature or 1.0) * temperatures[each.fold], 4))
        for each in records
    ]
    return calibrated(predictions, temperatures), tuple(records)


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
