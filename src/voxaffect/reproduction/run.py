"""Train the rows of the article's table, in both modes, and the model that is ours, and keep what came out."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import labels, splits
from voxaffect.augment import augmented
from voxaffect.corpora import Corpus, Utterance
from voxaffect.errors import SettingsError, VoxaffectError
from voxaffect.evaluation.report import summarise
from voxaffect.files.atomic import write_text
from voxaffect.processes import Pool
from voxaffect.provenance import commit, versions
from voxaffect.reproduction.setups import BEST, CORPUS, CORRECTED, DEV, MODES, TEST, SetUp, setup
from voxaffect.runs import recipe
from voxaffect.runs.run import Device, Run, RunOptions
from voxaffect.settings import Experiment, read_experiment
from voxaffect.splits import LEAKY, Sides
from voxaffect.training.fit import refuse_missing
from voxaffect.training.run_folder import claim

STYLES = ("speech", "song")


@dataclass(frozen=True)
class Training:
    """One run, as it is handed to a worker process. notes: what the result file says of it besides."""

    name: str
    experiment: Experiment
    corpus: Corpus
    utterances: list[Utterance]
    split: Sides
    notes: dict[str, Any]
    results: Path
    runs: Path
    resume: bool
    threads: int | None
    device: Device


def trainings(
    rows: Sequence[str],
    modes: Sequence[str],
    corpus: Corpus,
    results: Path,
    runs: Path,
    epochs: int | None = None,
    resume: bool = False,
    threads: int | None = None,
    device: Device = "auto",
) -> list[Training]:
    """The runs that rows and modes come to.

    rows: names in SETUPS, or BEST, which has but one mode. epochs: of the article's rows; None: as published, 700.

    Raises SettingsError for an unknown row or mode or a GPU that is not there, CorpusError for a corpus that is not
    complete.
    """
    refuse_missing(device)
    corpus.refuse_incomplete(STYLES, "the article's rows need")
    common = (results, runs, resume, threads, device)
    wanted = []
    for row in rows:
        if row == BEST:
            wanted.append(_best(corpus, *common))
            continue
        for mode in modes:
            if mode not in MODES:
                raise SettingsError(f"mode {mode!r} is not known; choose among {', '.join(MODES)}")
            chosen = setup(row)
            if mode == CORRECTED and chosen.corrected_as:
                chosen = setup(chosen.corrected_as)
            wanted.append(_training(chosen, mode, corpus, epochs, *common))
    return list({each.name: each for each in wanted}.values())


def train(tasks: Sequence[Training], workers: int = 1) -> list[str]:
    """Run them, `workers` side by side, and write `RESULTS/NAME.json` and `.csv` of each as soon as it is done.

    Gives what went wrong, a line a run; the others go on.
    """
    for task in tasks:
        task.results.mkdir(parents=True, exist_ok=True)
        claim(task.runs / task.name, task.experiment, task.split, resume=task.resume)
    with Pool(0 if len(tasks) == 1 else workers, threads=1 if workers > 1 else None, fresh=True) as pool:
        return [failure for failure in pool.map(_attempt, tasks, name=lambda task: task.name) if failure]


def _attempt(task: Training) -> str:
    try:
        _run(task)
    except VoxaffectError as error:
        return f"{task.name}: {error}"
    return ""


def _training(row: SetUp, mode: str, corpus: Corpus, epochs: int | None, *common: Any) -> Training:
    overrides = [f"name={row.name}-{mode}", f"training.scheme={row.scheme}"]
    if epochs is not None:
        overrides += [f"training.epochs={epochs}", f"training.patience={epochs}"]
    experiment = read_experiment(row.experiment, overrides)
    utterances, split = row.sides(corpus.utterances, mode, experiment.training.seed)
    if mode == CORRECTED:
        experiment = dataclasses.replace(experiment, copies=row.copies)
    words = f"voxaffect reproduce {row.name} --mode {mode}" + (f" --epochs {epochs}" if epochs else "")
    notes = {
        "row": row.name,
        "title": row.title,
        "mode": mode,
        "leak": row.leak() if mode == LEAKY else None,
        "copies": dataclasses.asdict(row.copies),
        "command": words,
    }
    return Training(row.result(mode), experiment, corpus, utterances, split, notes, *common)


def _best(corpus: Corpus, *common: Any) -> Training:
    experiment = read_experiment("article-best")
    utterances = list(corpus.utterances)
    speakers = {which: [f"{CORPUS}/{actor}" for actor in actors] for which, actors in (("dev", DEV), ("test", TEST))}
    split = splits.by_speaker("article-best", utterances, **speakers)
    notes = {"row": BEST, "title": "our model, for all rows", "mode": CORRECTED, "leak": None}
    notes["command"] = f"voxaffect reproduce {BEST}"
    return Training(BEST, experiment, corpus, utterances, split, notes, *common)


def _run(task: Training) -> None:
    target = task.results / f"{task.name}.json"
    folder = task.runs / task.name
    if task.resume and (folder / "done").exists() and target.exists():
        return
    source = commit()
    run = Run(task.experiment, (task.corpus.description,), tuple(task.utterances), task.split, folder)
    trained = recipe.train(run, RunOptions(resume=task.resume, threads=task.threads, device=task.device))
    fitted, predictions = trained.fitted, trained.predictions
    assert predictions is not None  # every row has test speakers
    best = fitted.history[fitted.best_epoch - 1]
    scheme = labels.scheme(task.experiment.training.scheme)
    copies = augmented(
        task.split.select(task.utterances, "train"),
        task.experiment.copies.kinds,
        task.experiment.copies.classes,
        scheme,
    )
    result = {
        **task.notes,
        # The sides as they were split, and how many copies training got after that: none where it leaks.
        "clips": {side: len(task.split.ids(side)) for side in splits.SIDES} | {"copies": len(copies)},
        "dev_speakers": sorted(task.split.dev),
        "test_speakers": sorted(task.split.test),
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "dev": {name: round(best[name], 4) for name in ("dev_loss", "dev_wa", "dev_uar")},
        **summarise(predictions),
        "parameters": trained.bundle.card["model"]["parameters"],
        "seconds": round(fitted.seconds),
        "device": fitted.device,
        "commit": source,
        "versions": versions(),
        "settings": task.experiment.to_dict(),
        "history": [{name: round(value, 4) for name, value in epoch.items()} for epoch in fitted.history],
    }
    predictions.write(task.results / f"{task.name}.csv")
    write_text(target, json.dumps(result, indent=1) + "\n")
    write_text(folder / "done", "")
