"""Protocol x experiment -> fitted, exported, evaluated: every test utterance predicted by a bundle as it would ship."""

import concurrent.futures
import json
import multiprocessing
import os
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import bundle, corpora, labels
from voxaffect.atomic import write_text
from voxaffect.errors import CorpusError, SettingsError, missing_extra
from voxaffect.evaluation.predictions import Predictions, join, predict
from voxaffect.evaluation.protocols import Protocol
from voxaffect.evaluation.protocols import protocol as find_protocol
from voxaffect.evaluation.report import summarise
from voxaffect.inference.recognizer import Recognizer

try:
    from voxaffect.training import experiment as experiments
    from voxaffect.training.card import card
    from voxaffect.training.experiment import Experiment
    from voxaffect.training.export import export
    from voxaffect.training.fit import fit
    from voxaffect.training.versions import versions
except ImportError as error:
    raise missing_extra("train", error) from error

RESULTS = Path("benchmarks/results")
RUNS = Path("runs")


@dataclass(frozen=True)
class Result:
    """What a benchmark measured.

    uar, wa, f1 in [0, 1]; uar_interval: 95 %, speakers resampled; summary: the whole result file.
    """

    uar: float
    uar_interval: tuple[float, float]
    wa: float
    f1: float
    summary: dict[str, Any]
    predictions: Predictions


@dataclass(frozen=True)
class _Task:
    """One fold, as it is handed to a worker process."""

    protocol: Protocol
    experiment: Experiment
    data: Path
    fold: int
    folder: Path
    resume: bool
    threads: int | None


def benchmark(
    protocol: str,
    experiment: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    overrides: Iterable[str] = (),
    results: Path = RESULTS,
    runs: Path = RUNS,
    resume: bool = False,
    workers: int | None = None,
    command: str | None = None,
) -> Result:
    """Train, export and score every fold, and write `results/PROTOCOL/EXPERIMENT.csv` and `.json`.

    data: the folder that holds the corpora's folders; else the environment variable VOXAFFECT_DATA.
    overrides: settings as in `training.epochs=3`.
    runs: where checkpoints and the folds' bundles go. resume: keep the folds and epochs that are already there.
    workers: folds trained side by side, one thread each; by default as many as cores, or one where there is a GPU.

    Raises SettingsError, CorpusError or SplitError where any of these is not right.
    """
    setup, settings = find_protocol(protocol), experiments.read(experiment, overrides)
    if settings.training.scheme != setup.scheme:
        raise SettingsError(
            f"experiment {settings.name} trains scheme {settings.training.scheme}, and {setup.name} scores "
            f"{setup.scheme}; override training.scheme"
        )
    root = data_folder(data)
    folder = runs / setup.name / settings.name
    experiments.claim(folder, settings, resume)
    workers = workers or _workers(len(setup.folds))
    threads = 1 if workers > 1 else None
    tasks = [
        _Task(setup, settings, root, fold, folder / setup.folds[fold].name, resume, threads)
        for fold in range(len(setup.folds))
    ]
    begin = time.monotonic()
    if workers == 1:
        folds = [_run_fold(task) for task in tasks]
    else:
        # Spawned, not forked: PyTorch's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
            folds = list(pool.map(_run_fold, tasks))
    seconds = time.monotonic() - begin
    predictions = join([predictions for predictions, _ in folds])
    about = [about for _, about in folds]
    summary = {
        "protocol": setup.name,
        "experiment": settings.name,
        **summarise(predictions),
        "parameters": about[0]["parameters"],
        "model_bytes": about[0]["model_bytes"],
        "seed": settings.training.seed,
        "folds": about,
        "seconds": {"wall": round(seconds), "training": round(sum(each["seconds"] for each in about))},
        "workers": workers,
        "command": command or f"voxaffect benchmark {setup.name} --experiment {experiment}",
        "commit": _commit(),
        "versions": versions(),
        "settings": settings.as_dict(),
    }
    target = results / setup.name
    predictions.write(target / f"{settings.name}.csv")
    write_text(target / f"{settings.name}.json", json.dumps(summary, indent=1) + "\n")
    uar, wa, f1 = summary["uar"], summary["wa"], summary["f1"]
    return Result(uar["value"], tuple(uar["interval"]), wa["value"], f1["value"], summary, predictions)


def data_folder(data: str | os.PathLike[str] | None) -> Path:
    """The folder that holds the corpora, `ravdess/` and so on.

    Raises CorpusError where none is named or it is not there.
    """
    named = data or os.environ.get("VOXAFFECT_DATA")
    if not named:
        raise CorpusError("no folder of corpora is named; give --data FOLDER or set VOXAFFECT_DATA (it holds ravdess/)")
    if not Path(named).is_dir():
        raise CorpusError(f"{named}: is not a folder; name the one that holds the corpora's folders (ravdess/)")
    return Path(named)


def _end_with_parent() -> None:
    """Let a worker end when the benchmark is killed: an orphan would go on writing into the folder of the next run."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _run_fold(task: _Task) -> tuple[Predictions, dict[str, Any]]:
    """Fit, export and score one fold; what is done is kept in its folder."""
    scored, about_file = task.folder / "predictions.csv", task.folder / "fold.json"
    if task.resume and about_file.exists():
        return Predictions.read(scored), json.loads(about_file.read_text("utf-8"))
    fold, corpus = task.protocol.folds[task.fold], corpora.load(task.protocol.corpus, task.data / task.protocol.corpus)
    utterances = task.protocol.utterances(corpus.utterances)
    split = task.protocol.splits(utterances)[task.fold]
    fitted = fit(task.experiment, utterances, split, task.folder, task.resume, task.threads, label=f"fold {fold.name}")
    about_model = card(task.experiment, [corpus.description], utterances, split, fitted, versions())
    export(fitted.model, task.experiment.input.sample_rate, task.folder / "bundle", about_model)
    ready = bundle.read(task.folder / "bundle")
    scheme = labels.scheme(task.protocol.scheme)
    predictions = predict(Recognizer(ready), split.select(utterances, "test"), scheme, fold.name)
    history = task.folder / "history.csv"
    _write_history(history, fitted.history)
    predictions.write(scored)
    figures = summarise(predictions)
    about = {
        "fold": fold.name,
        "test": list(fold.test),
        "dev": list(fold.dev),
        "uar": figures["uar"]["value"],
        "wa": figures["wa"]["value"],
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "dev_loss": round(fitted.history[fitted.best_epoch - 1]["dev_loss"], 4),
        "seconds": round(fitted.seconds),
        "parameters": ready.card["model"]["parameters"],
        "model_bytes": ready.card["model"]["bytes"],
    }
    write_text(about_file, json.dumps(about) + "\n")
    return predictions, about


def _workers(folds: int) -> int:
    import torch

    if torch.accelerator.is_available():
        return 1
    # Not all systems can tell which of their cores are ours.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(folds, cores)


def _commit() -> str:
    """The commit of the working tree, `-dirty` where it has changes, or unknown outside one."""
    described = ["git", "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(described, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _write_history(path: Path, history: tuple[dict[str, float], ...]) -> None:
    names = list(history[0])
    lines = [",".join(names)] + [",".join(f"{epoch[name]:.5g}" for name in names) for epoch in history]
    write_text(path, "\n".join(lines) + "\n")
