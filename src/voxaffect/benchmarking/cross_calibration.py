"""What stands for a bundle that is trained on everybody: the figures of the benchmark of the same experiment."""

import dataclasses
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voxaffect.calibration import certainty, softmax, temperature
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions, join
from voxaffect.evaluation.protocols import Part, Protocol, protocol
from voxaffect.evaluation.report import summarise
from voxaffect.runs.run import CrossValidation, scores_of
from voxaffect.settings import Experiment, experiment_from_tables


def standing(path: Path, experiment: Experiment, trained: Collection[Part]) -> CrossValidation:
    """Scores and calibration of a bundle that is trained on all of these parts, from a benchmark's result file.

    A benchmark of just these parts stands for it; or the one fold that was trained on them and tested on others.
    What is said of a fold's probabilities is said of them as the other folds would have them, since nobody is there to
    tell by when a bundle meets new voices. The bundle's temperature is that of the tested speakers of all folds, or of
    all but the one that stands for it, each fold counted alike.

    Raises SettingsError where it is no such file, of other settings, or about other recordings.
    """
    try:
        result = json.loads(path.read_text("utf-8"))
        setup, theirs = protocol(result["protocol"]), result["settings"]
        said, commit = Predictions.read(path.with_suffix(".csv")), result["commit"]
        before = {fold["fold"]: fold.get("temperature", 1.0) for fold in result["folds"]}
    except (OSError, ValueError, KeyError, TypeError, SettingsError) as error:
        raise SettingsError(f"{path}: is not a benchmark result ({error}); name another") from None
    if experiment_from_tables(theirs) != experiment:
        raise SettingsError(f"{path}: is of an experiment with other settings; it cannot stand for this one")
    alone = None
    if set(trained) != set(setup.parts):
        alone = next((each.name for each in setup.folds if set(each.trained) == set(trained)), None)
        if alone is None:
            raise SettingsError(f"{path}: is about {setup.title}; train with {_words(setup)}")
    telling = [name for name in before if name != alone]
    after = [_temperature(said.select(said.fold == name)) for name in telling]
    if experiment.training.validate:  # else the benchmark has done so already
        said = softened(said, others_temperatures(said))
    told, scored = said.select(np.isin(said.fold, telling)), said
    on, about = (
        setup.name,
        f"{setup.name}: the same experiment, trained without the speakers it was tested on, each fold",
    )
    if alone is not None:
        scored, on = said.select(said.fold == alone), f"{setup.name}, fold {alone} left out"
        about = f"fold {alone} of {setup.name}: the same experiment, trained on these corpora and tested on another,"
    calibration = {
        "on": f"the tested speakers of {on}",
        "temperature": round(_mean([before[name] for name in telling]) * _mean(after), 4),
        "certainty": certainty(told.truth, told.probabilities),
    }
    epoch = "at its best epoch on validation speakers" if experiment.training.validate else "at its last epoch"
    best = f"{epoch}; this bundle is of the last epoch"
    return CrossValidation({"on": f"{about} {best}", **scores_of(summarise(scored)), "commit": commit}, calibration)


def softened(said: Predictions, temperatures: Mapping[str, float]) -> Predictions:
    """A benchmark's predictions, each fold's as sure as its temperature makes it."""
    return join([_softened(said, name, temperature) for name, temperature in temperatures.items()])


def others_temperatures(said: Predictions) -> dict[str, float]:
    """Fold -> the temperature that fits the tested speakers of the other folds, each counted alike."""
    after = {name: _temperature(said.select(said.fold == name)) for name in dict.fromkeys(said.fold.tolist())}
    return {name: _mean([after[other] for other in after if other != name]) for name in after}


def _temperature(predictions: Predictions) -> float:
    return temperature(predictions.truth, _logits(predictions))


def _softened(predictions: Predictions, fold: str, temperature: float) -> Predictions:
    part = predictions.select(predictions.fold == fold)
    # As a table of predictions has them: figures shall be those that it gives.
    return dataclasses.replace(part, probabilities=np.round(softmax(_logits(part) / temperature), 4))


def _logits(predictions: Predictions) -> npt.NDArray[np.float64]:
    """Up to a constant, and to the four places of a table of predictions."""
    return np.log(np.maximum(predictions.probabilities, 5e-5))


def _mean(temperatures: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(temperatures))))


def _words(setup: Protocol) -> str:
    styles = sorted({part.style for part in setup.parts})
    return " ".join([f"--corpus {name}" for name in setup.corpora] + [f"--style {style}" for style in styles])
