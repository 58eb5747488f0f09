"""Runs to scores and probes: everything is written to the run's folder."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from voxaffect import bundle
from voxaffect.errors import VoxaffectError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes import Probe, TestSet
from voxaffect.files.atomic import write_text
from voxaffect.inference.recognizer import Recognizer
from voxaffect.provenance import commit, versions
from voxaffect.runs import recipe
from voxaffect.runs.executors import Executor
from voxaffect.runs.record import RECORD, RunRecord
from voxaffect.runs.run import Run, RunOptions
from voxaffect.training.run_folder import claim

PREDICTIONS, BUNDLE, PROBES = "predictions.csv", "bundle", "probes"
"""In a run's folder."""


@dataclass(frozen=True)
class Scored:
    """A finished run. probes: name -> measurements."""

    record: RunRecord
    predictions: Predictions
    probes: Mapping[str, Any] = field(default_factory=dict, hash=False)


def execute(
    runs: Sequence[Run], *, options: RunOptions, executor: Executor, probes: Sequence[Probe[Any]] = ()
) -> Iterator[tuple[Run, Scored | VoxaffectError]]:
    """Train, score and probe each run, and write its folder.

    With `options.resume`, results in a folder are read, not computed again.

    Yields:
        (run, result), as runs end; an error stands for a run that failed, and the other runs go on.

    Raises:
        SettingsError: A folder holds another run, or, without `resume`, any run at all.
        WorkerError: A process died.
    """
    for run in runs:
        claim(run.folder, run.experiment, run.split, resume=options.resume)
    function = partial(_attempt, options=options, probes=tuple(probes))
    left = []
    for run in runs:
        if options.resume and _finished(run, probes):
            yield run, function(run)  # reading needs no process of its own
        else:
            left.append(run)
    yield from executor.execute(function, left)


def score(run: Run, *, options: RunOptions, probes: Sequence[Probe[Any]] = ()) -> Scored:
    """Train, score and probe one run, as `execute` does.

    Raises:
        VoxaffectError: What `recipe.train` and the probes raise.
    """
    record_file, scored, probed = run.folder / RECORD, run.folder / PREDICTIONS, run.folder / PROBES
    if options.resume and record_file.exists():
        record = RunRecord.read(run.folder)
    else:
        source = commit()  # now: it may be another by the time that training ends
        shutil.rmtree(probed, ignore_errors=True)  # of an earlier model
        trained = recipe.train(run, options)
        assert trained.predictions is not None  # there is a test side
        bundle.write(run.folder / BUNDLE, trained.bundle)
        trained.predictions.write(scored)
        record = _record(run, trained, source)
        write_text(record_file, json.dumps(record.to_dict()) + "\n")
    measured: dict[str, Any] = {}
    if probes:
        probed.mkdir(exist_ok=True)
        recognizer, test = Recognizer(bundle.read(run.folder / BUNDLE)), _test_set(run)
        measured = {probe.name: probe.measure(recognizer, test, folder=probed) for probe in probes}
    return Scored(record, Predictions.read(scored), measured)


def _record(run: Run, trained: recipe.Trained, source: str) -> RunRecord:
    """Of a trained run. source: the commit when training began."""
    card, fitted = trained.bundle.card, trained.fitted
    assert card.scores.wa is not None
    dev_loss = fitted.history[fitted.best_epoch - 1].get("dev_loss") if fitted.history else None
    return RunRecord(
        fold=run.fold,
        seed=int(run.seed) if run.seed else None,
        test=tuple(sorted(run.split.test)),
        dev=card.training.split.dev,
        uar=card.scores.uar.value if card.scores.uar else None,
        wa=card.scores.wa.value,
        epochs=fitted.epochs,
        best_epoch=fitted.best_epoch,
        temperature=card.calibration.temperature if card.calibration else None,
        dev_loss=None if dev_loss is None else round(dev_loss, 4),
        seconds=round(fitted.seconds),
        parameters=card.model.parameters,
        model_bytes=card.model.bytes,
        commit=source,
        device=fitted.device,
        versions=versions(),
        history=tuple({name: round(value, 4) for name, value in epoch.items()} for epoch in fitted.history),
    )


def _attempt(run: Run, options: RunOptions, probes: Sequence[Probe[Any]]) -> Scored | VoxaffectError:
    try:
        return score(run, options=options, probes=probes)
    except VoxaffectError as error:
        return error


def _finished(run: Run, probes: Sequence[Probe[Any]]) -> bool:
    names = [RECORD, *(f"{PROBES}/{name}" for probe in probes for name in probe.files)]
    return all((run.folder / name).exists() for name in names)


def _test_set(run: Run) -> TestSet:
    """The test side, and all recordings of its speakers in the same corpora and styles."""
    test = tuple(run.split.select(run.utterances, "test"))
    parts = {(each.corpus, each.style) for each in test}
    recordings = tuple(
        each for each in run.utterances if each.speaker in run.split.test and (each.corpus, each.style) in parts
    )
    return TestSet(test, recordings, run.scheme, run.fold, run.seed)
