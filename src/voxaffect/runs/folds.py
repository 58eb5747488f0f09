"""Cross-validation of recordings by speaker: a run for each fold, and what all of them say together."""

import dataclasses
import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import splits
from voxaffect.card.scores import Figure
from voxaffect.errors import VoxaffectError, VoxaffectWarning, check
from voxaffect.evaluation.caveats import with_caveats
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import ClassScores, Summary, summarise
from voxaffect.files.atomic import write_text
from voxaffect.runs.cross_calibration import of_folds, pooled
from voxaffect.runs.executors import Executor
from voxaffect.runs.record import RunRecord
from voxaffect.runs.run import CrossValidation, Run, RunOptions
from voxaffect.splits import Split

FILES = "cross-validation"
"""Name of the files in the run's folder: .csv with every prediction, .json with the figures."""


@dataclass(frozen=True, eq=False)
class CrossValidated:
    """Figures of all folds together.

    Attributes:
        predictions: Of every clip, by the fold that was not trained on its speaker.
        folds: Records of the runs.
        card: What goes onto the card of a model that all speakers train.
    """

    predictions: Predictions
    folds: tuple[RunRecord, ...]
    card: CrossValidation


def folds_of(run: Run, count: int) -> list[Run]:
    """The folds of a run that all speakers train, each in a folder below the run's.

    Speakers without a clip that has a class are in every training side. In a fold, the test speakers of the next one
    validate.

    Raises:
        SettingsError: There are fewer than three folds, or fewer speakers than folds.
    """
    everything = run.split.select(run.utterances, "train")
    scored = [each for each in everything if run.scheme.index_of(each) is not None]
    name = f"{run.split.name.partition('/')[0]}-{count}fold"
    made = [
        splits.by_speaker(fold.name, everything, dev=fold.dev, test=fold.test)
        for fold in splits.k_folds(name, scored, count)
    ]
    _check_classes(run, made)
    return [
        dataclasses.replace(run, split=fold, folder=run.folder / f"fold{number}", fold=str(number))
        for number, fold in enumerate(made, 1)
    ]


def cross_validate(folds: Sequence[Run], *, options: RunOptions, executor: Executor) -> CrossValidated:
    """Train and score the folds; what is done already is read where `options.resume` says so.

    Raises:
        SettingsError: A folder holds another run, or, without `resume`, any run at all.
        VoxaffectError: What training raises.
    """
    from voxaffect.runs.scored import Scored, execute  # needs voxaffect[train]

    done: dict[Path, Scored] = {}
    for run, scored in execute(folds, options=options, executor=executor):
        if isinstance(scored, VoxaffectError):
            raise scored
        done[run.folder] = scored
    parts = [done[run.folder] for run in folds]
    validated = folds[0].experiment.training.validate
    predictions, records = pooled(
        [part.predictions for part in parts], [part.record for part in parts], validated=validated
    )
    temperatures = {record.fold: record.temperature or 1.0 for record in records}
    name = folds[0].split.name.partition("/")[0]
    commits = " ".join(sorted({record.commit for record in records}))
    return CrossValidated(
        predictions, records, of_folds(predictions, temperatures, name, validated=validated, commit=commits)
    )


def write(result: CrossValidated, folder: Path) -> None:
    """Write every prediction and the figures."""
    result.predictions.write(folder / f"{FILES}.csv")
    summary = summarise(result.predictions)
    figures = with_caveats(summary) | {"folds": [record.to_dict() for record in result.folds]}
    write_text(folder / f"{FILES}.json", json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def rows(predictions: Predictions, folds: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """A table of the folds and the labels: clips, speakers, and UAR or recall in per cent with its interval."""
    table = []
    for record in folds:
        part = summarise(predictions.select(predictions.fold == record.fold))
        epoch = f"epoch {record.best_epoch} of {record.epochs}; {', '.join(record.test)}"
        figure = part.uar or part.wa
        table.append(_row(f"fold {record.fold}", part, "UAR" if part.uar else "recall", figure, epoch))
    table += [_row(name, each, "recall", each.recall) for name, each in summarise(predictions).by_class.items()]
    return table


def _row(of: str, counted: Summary | ClassScores, measure: str, figure: Figure, about: str = "") -> dict[str, Any]:
    low, high = figure.interval
    percent = {
        name: None if value is None else round(100 * value, 1)
        for name, value in (("%", figure.value), ("low", low), ("high", high))
    }
    counts = {"clips": counted.utterances, "speakers": counted.speakers}
    return {"of": of, **counts, "measure": measure, **percent, "about": about}


def _check_classes(run: Run, made: Sequence[Split]) -> None:
    """Refuse a fold in which nothing can be trained or tested, and warn of one that cannot learn a class."""
    scheme = run.scheme
    for number, fold in enumerate(made, 1):
        there = {
            side: {scheme.index_of(each) for each in fold.select(run.utterances, side)} - {None}
            for side in ("train", "test")
        }
        absent = [name for index, name in enumerate(scheme.classes) if index not in there["train"]]
        check(len(absent) < len(scheme.classes), f"fold {number}: its training speakers have no clip with a class")
        if absent:
            warnings.warn(
                f"fold {number}: no training recording is {' or '.join(absent)}, which only its test and validation "
                "speakers have; its figures say less",
                VoxaffectWarning,
                stacklevel=3,
            )
