"""One engine for all runs: what is done is in the run's folder, and is not done again."""

import dataclasses

import pytest

from voxaffect import corpora
from voxaffect.benchmarking import benchmark
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes import Baselines, Conditions, Nonspeech
from voxaffect.runs.executors import InProcess
from voxaffect.runs.run import Run, RunOptions
from voxaffect.runs.scored import PREDICTIONS, PROBES, RunRecord, execute
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training.run_folder import LAST

SMALL = [
    "training.epochs=1",
    "training.baseline_head=true",
    "network.channels=[4]",
    "network.embedding=8",
    "input.window=0.5",
]
PROBED = [Conditions(("mu-law",)), Baselines(), Nonspeech()]


@pytest.fixture(scope="module")
def run(made_up, tmp_path_factory):
    utterances = corpora.load("ravdess", made_up).utterances
    split = by_speaker("tiny", utterances, dev=["ravdess/03"], test=["ravdess/01", "ravdess/02"])
    folder = tmp_path_factory.mktemp("runs") / "1"
    return Run(read_experiment("cnn", SMALL), (RAVDESS,), utterances, split, folder, fold="1")


def scored(run, *, resume, probes=()):
    options = RunOptions(resume=resume, threads=1, device="cpu")
    ((same, outcome),) = execute([run], options=options, executor=InProcess(), probes=probes)
    assert same is run
    return outcome


@pytest.fixture(scope="module")
def first(run):
    return scored(run, resume=False)


def test_the_folder_holds_what_came_of_it(run, first):
    record = first.record
    assert RunRecord.read(run.folder) == record
    assert (record.fold, record.seed, record.epochs, record.best_epoch) == ("1", None, 1, 1)
    assert record.test == ("ravdess/01", "ravdess/02")
    assert record.dev == ("ravdess/03",)
    assert record.history[0]["epoch"] == 1
    predictions = Predictions.read(run.folder / PREDICTIONS)
    assert set(predictions.speaker) == set(record.test)
    assert (predictions.probabilities == first.predictions.probabilities).all()


def test_what_is_done_is_kept_and_probes_are_added(run, first):
    before = (run.folder / LAST).stat().st_mtime_ns
    again = scored(run, resume=True, probes=PROBED)
    assert (run.folder / LAST).stat().st_mtime_ns == before
    assert again.record == first.record
    assert set(again.probes) == {"conditions", "baselines", "nonspeech"}
    files = sorted(name for probe in PROBED for name in probe.files)
    assert sorted(path.name for path in (run.folder / PROBES).iterdir()) == files
    findings = {probe.name: probe.merge([again.probes[probe.name]], again.predictions) for probe in PROBED}
    assert set(findings["conditions"].to_dict()) == {"clean", "mu-law"}
    assert findings["baselines"].to_dict()["corpus"]["5"]["speakers"] == 2
    assert all(findings[probe.name].as_text() for probe in PROBED)
    # What is in the folder is read, not measured: a table that is altered shows.
    altered = dataclasses.replace(
        first.predictions, probabilities=first.predictions.probabilities[:, ::-1], truth=7 - first.predictions.truth
    )
    altered.write(run.folder / PROBES / PROBED[0].files[0])
    measured = scored(run, resume=True, probes=PROBED).probes["conditions"]["mu-law"]
    assert (measured.truth == altered.truth).all()


def test_a_folder_is_not_used_twice(run, first):
    with pytest.raises(SettingsError, match="holds this run already"):
        scored(run, resume=False)
    other = dataclasses.replace(run, experiment=read_experiment("cnn", [*SMALL, "training.seed=1"]))
    with pytest.raises(SettingsError, match="holds a run with other settings"):
        scored(other, resume=True)


def test_no_threads_are_an_error_with_several_workers_too():
    with pytest.raises(SettingsError, match="threads=0: choose at least 1"):
        benchmark("emodb-loso", experiment="cnn", threads=0, workers=2)
