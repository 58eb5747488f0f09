"""What stands for a bundle that is trained on everybody: the figures of the benchmark of the same experiment."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.protocols import Part, Protocol, protocol
from voxaffect.evaluation.report import summarise
from voxaffect.recipe import scores_of
from voxaffect.training.experiment import Experiment, from_tables


def standing(path: Path, experiment: Experiment, trained: Collection[Part]) -> dict[str, Any]:
    """The scores for the card of a bundle that is trained on all of these parts, from a benchmark's result file.

    A benchmark of just these parts stands for it; or the one fold that was trained on them and tested on others.

    Raises SettingsError where it is no such file, of other settings, or about other recordings.
    """
    try:
        result = json.loads(path.read_text("utf-8"))
        setup, theirs = protocol(result["protocol"]), result["settings"]
        said, commit = Predictions.read(path.with_suffix(".csv")), result["commit"]
    except (OSError, ValueError, KeyError, TypeError, SettingsError) as error:
        raise SettingsError(f"{path}: is not a benchmark result ({error}); name another") from None
    if from_tables(theirs) != experiment:
        raise SettingsError(f"{path}: is of an experiment with other settings; it cannot stand for this one")
    if set(trained) == set(setup.parts):
        about = f"{setup.name}: the same experiment, trained without the speakers it was tested on, each fold"
    else:
        fold = next((each for each in setup.folds if set(each.trained) == set(trained)), None)
        if fold is None:
            raise SettingsError(f"{path}: is about {setup.title}; train with {_words(setup)}")
        said = said.select(said.fold == fold.name)
        about = (
            f"fold {fold.name} of {setup.name}: the same experiment, trained on these corpora and tested on another,"
        )
    best = "at its best epoch on validation speakers; this bundle is of the last epoch"
    return {"on": f"{about} {best}", **scores_of(summarise(said)), "commit": commit}


def _words(setup: Protocol) -> str:
    styles = sorted({part.style for part in setup.parts})
    return " ".join([f"--corpus {name}" for name in setup.corpora] + [f"--style {style}" for style in styles])
