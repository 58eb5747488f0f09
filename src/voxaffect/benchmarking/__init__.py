"""Protocol x experiment -> fitted, exported, evaluated: every test utterance predicted by a bundle as it would ship."""

import dataclasses
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect.benchmarking.fold import Task, run
from voxaffect.corpora import load
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions, join
from voxaffect.evaluation.probes import baselines
from voxaffect.evaluation.probes.conditions import CLEAN, compare
from voxaffect.evaluation.probes.conditions import named as named_conditions
from voxaffect.evaluation.probes.nonspeech import mean as mean_nonspeech
from voxaffect.evaluation.protocols import Protocol
from voxaffect.evaluation.protocols import protocol as find_protocol
from voxaffect.evaluation.report import summarise
from voxaffect.files.atomic import write_text
from voxaffect.processes import Pool
from voxaffect.runs.cross_calibration import others_temperatures, softened
from voxaffect.runs.run import Device
from voxaffect.settings import Experiment, read_experiment
from voxaffect.training import pretrained
from voxaffect.training.run_folder import claim

RUNS = Path("runs")


@dataclass(frozen=True)
class Result:
    """What a benchmark measured.

    uar, wa, f1 in [0, 1]; uar_interval: 95 %, speakers resampled; summary: the whole result file.
    conditions: what each condition costs, as `evaluation.conditions.compare` gives it; empty where none was asked for.
    baselines: what baselines bring, as `evaluation.baselines.curve` gives it; empty where it was not asked for.
    nonspeech: what sounds that are no speech get, as `evaluation.nonspeech.mean` gives it; likewise.
    """

    uar: float
    uar_interval: tuple[float, float]
    wa: float
    f1: float
    summary: dict[str, Any]
    predictions: Predictions
    conditions: dict[str, Any]
    baselines: dict[str, Any]
    nonspeech: dict[str, Any]


def benchmark(
    protocol: str,
    experiment: str | os.PathLike[str],
    *,
    corpora: Iterable[str] = (),
    overrides: Iterable[str] = (),
    results: Path | None = None,
    runs: Path = RUNS,
    resume: bool = False,
    workers: int = 1,
    threads: int | None = None,
    device: Device = "auto",
    command: str | None = None,
    seeds: Sequence[int] = (),
    conditions: Iterable[str] = (),
    baseline_curve: bool = False,
    nonspeech: bool = False,
) -> Result:
    """Train, export and score every fold.

    The protocol says which classes there are, whatever the experiment's scheme. Where the experiment keeps nobody to
    validate by, each fold's probabilities are as sure as the tested speakers of the other folds say.

    corpora: where the corpora lie, as `ravdess=FOLDER`; those that are not named, below $VOXAFFECT_DATA.
    overrides: settings as in `training.epochs=3`; one of them must give the altered experiment a `name` of its own.
    results: a folder for `PROTOCOL/EXPERIMENT.csv` and `.json`; None: nothing is written but `runs`.
    runs: where checkpoints and the folds' bundles go. resume: keep the folds and epochs that are already there.
    workers: folds trained side by side, each in a process of its own, of one thread where there are several. A script
        must call this below `if __name__ == "__main__":`, as Python's multiprocessing demands.
    seeds: to train with, one after the other, and to average over; none: the experiment's own.
    conditions: names of `augment.CONDITIONS`, or all, to score every fold under as well; what each costs goes into
        `results/PROTOCOL/EXPERIMENT-conditions.json`.
    baseline_curve: whether to find out what baselines bring, for `results/PROTOCOL/EXPERIMENT-baselines.json`.
    nonspeech: whether to find out what sounds that are no speech get, for `results/PROTOCOL/EXPERIMENT-nonspeech.json`.

    Raises SettingsError, CorpusError or SplitError where any of these is not right or the corpus is not complete.
    """
    setup, settings = asked(protocol, experiment, overrides)
    under = named_conditions(conditions)
    if baseline_curve and not settings.training.baseline_head:
        raise SettingsError(
            f"experiment {settings.name} does not learn to work against a baseline; set training.baseline_head=true"
        )
    if workers < 1:
        raise SettingsError(f"workers={workers}: choose at least 1")
    tests = {fold.name: fold.tests for fold in setup.folds}
    tasks = [
        dataclasses.replace(
            task,
            resume=resume,
            threads=threads or (1 if workers > 1 else None),
            device=device,
            conditions=tuple(under),
            tested=tuple(each for each in task.utterances if baseline_curve and tests[task.fold](each, task.split)),
            nonspeech=nonspeech,
        )
        for task in plan(setup, settings, corpora, runs, seeds)
    ]
    for task in tasks:
        claim(task.folder, task.experiment, task.split, resume=resume)
    begin = time.monotonic()
    # What is there already needs no process of its own.
    left = [task for task in tasks if not task.finished]
    with Pool(0 if len(left) == 1 else workers, threads=1 if workers > 1 else None, fresh=True) as pool:
        new = {task.folder: each for task, each in pool.map_unordered(run, left, name=lambda task: task.fold)}
    done = [new[task.folder] if task.folder in new else run(task) for task in tasks]
    predictions = join([each.predictions for each in done])
    about = [each.about for each in done]
    if not settings.training.validate and len(setup.folds) > 1:
        others = others_temperatures(predictions)
        about = [{**each, "temperature": round(others[each["fold"]], 4)} for each in about]
        predictions = softened(predictions, others)
    summary = {
        "protocol": setup.name,
        "experiment": settings.name,
        **summarise(predictions),
        "parameters": about[0]["parameters"],
        "model_bytes": about[0]["model_bytes"],
        "seed": list(seeds) or settings.training.seed,
        "folds": [{key: value for key, value in each.items() if key != "versions"} for each in about],
        "seconds": {"wall": round(time.monotonic() - begin), "training": sum(each["seconds"] for each in about)},
        "workers": workers,
        "command": command or f"voxaffect benchmark {setup.name} --experiment {experiment}",
        "commit": " ".join(sorted({each["commit"] for each in about})),
        "versions": about[0]["versions"],
        "settings": settings.to_dict(),
    }
    heard = {name: join([each.conditions[name] for each in done]) for name in under}
    costs = compare({CLEAN: predictions, **heard}) if under else {}
    curve = baselines.curve([each.heard for each in done if each.heard]) if baseline_curve else {}
    about_all = {key: summary[key] for key in ("protocol", "experiment", "command", "commit", "versions")}
    sounds = mean_nonspeech([each.nonspeech for each in done if each.nonspeech]) if nonspeech else {}
    if results is not None:
        target = results / setup.name
        for name, extra in (("conditions", costs), ("baselines", curve), ("nonspeech", sounds)):
            if extra:
                text = json.dumps({**about_all, name: extra}, indent=1) + "\n"
                write_text(target / f"{settings.name}-{name}.json", text)
        predictions.write(target / f"{settings.name}.csv")
        write_text(target / f"{settings.name}.json", json.dumps(summary, indent=1) + "\n")
    uar, wa, f1 = summary["uar"], summary["wa"], summary["f1"]
    interval = tuple(uar["interval"])
    return Result(uar["value"], interval, wa["value"], f1["value"], summary, predictions, costs, curve, sounds)


def asked(
    protocol: str, experiment: str | os.PathLike[str], overrides: Iterable[str] = ()
) -> tuple[Protocol, Experiment]:
    """The protocol of that name, and an experiment's settings for its classes.

    Raises SettingsError where one is not known, or the experiment is altered and has no name of its own.
    """
    setup = find_protocol(protocol)
    return setup, _trained_for(_settings(experiment, list(overrides)), setup.scheme)


def plan(
    setup: Protocol,
    settings: Experiment,
    corpora: Iterable[str] = (),
    runs: Path = RUNS,
    seeds: Sequence[int] = (),
) -> list[Task]:
    """Each seed's folds, to be trained and scored; nothing is written yet.

    Raises SettingsError or SplitError where a corpus is not there or not complete, or what training begins
    with has heard somebody who is tested.
    """
    named = {each.partition("=")[0]: each for each in corpora}
    found = {name: load(named.get(name, name)) for name in setup.corpora}
    setup.refuse_incomplete(found)
    utterances = setup.utterances(each for corpus in found.values() for each in corpus.utterances)
    folder = runs / setup.name / settings.name
    folds = list(zip(setup.folds, setup.splits(utterances, settings.training.targets.extra_classes), strict=True))
    seeded = [(str(seed), _seeded(settings, seed), folder / f"seed{seed}") for seed in dict.fromkeys(seeds)]
    tasks = [
        Task(
            each,
            tuple(found[name].description for name in dict.fromkeys(part.corpus for part in fold.trained)),
            utterances,
            split,
            fold.name,
            seed,
            place / fold.name,
        )
        for seed, each, place in seeded or [("", settings, folder)]
        for fold, split in folds
    ]
    starts = pretrained.of(settings)
    for task in tasks:
        judged = task.split if settings.training.validate else task.split.without_dev()
        pretrained.refuse_heard(judged, utterances, starts)
    return tasks


def _trained_for(experiment: Experiment, scheme: str) -> Experiment:
    return dataclasses.replace(experiment, training=dataclasses.replace(experiment.training, scheme=scheme))


def _seeded(experiment: Experiment, seed: int) -> Experiment:
    return dataclasses.replace(experiment, training=dataclasses.replace(experiment.training, seed=seed))


def _settings(experiment: str | os.PathLike[str], overrides: list[str]) -> Experiment:
    plain, settings = read_experiment(experiment), read_experiment(experiment, overrides)
    if settings != plain and settings.name == plain.name:
        raise SettingsError(
            f"experiment {plain.name} with other settings would be taken for it; name it, as `overrides` "
            f"name={plain.name}-b"
        )
    return settings
