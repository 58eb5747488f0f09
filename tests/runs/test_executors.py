"""Executors give the same, wherever runs are executed."""

import os
from pathlib import Path

import pytest

from voxaffect.errors import SettingsError
from voxaffect.runs.executors import InProcess, Processes
from voxaffect.runs.run import Run
from voxaffect.settings import read_experiment
from voxaffect.splits import Split

SPLIT = Split("tiny", {"x/1": ("a",)}, {}, {})
RUNS = [Run(read_experiment("small"), (), (), SPLIT, Path(f"runs/{fold}"), fold=str(fold)) for fold in range(3)]


def process_of(run: Run) -> tuple[str, int]:
    return run.fold, os.getpid()


@pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=repr)
def test_each_run_once(executor):
    found = {run.folder: outcome[0] for run, outcome in executor.execute(process_of, RUNS)}
    assert found == {run.folder: run.fold for run in RUNS}


def test_several_runs_have_fresh_processes_and_a_single_one_has_none():
    processes = [process for _, (_, process) in Processes(1).execute(process_of, RUNS)]
    assert len({*processes, os.getpid()}) == 4
    assert [process for _, (_, process) in Processes(2).execute(process_of, RUNS[:1])] == [os.getpid()]


def test_no_workers_are_refused():
    with pytest.raises(SettingsError, match="workers=0: choose at least 1"):
        Processes(0)
