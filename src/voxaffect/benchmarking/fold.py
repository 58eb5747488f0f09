"""One fold of a benchmark: trained, exported and scored, in whatever process; what is done is kept in its folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import bundle, labels
from voxaffect.baseline_head import Relative
from voxaffect.corpora import Description, Utterance
from voxaffect.evaluation.predictions import Predictions, predict
from voxaffect.evaluation.probes import baselines, nonspeech
from voxaffect.evaluation.probes.baselines import Heard
from voxaffect.evaluation.probes.conditions import Ears
from voxaffect.files.atomic import write_text
from voxaffect.inference.baseline import relative
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import Scheme
from voxaffect.provenance import commit as source_commit
from voxaffect.provenance import versions
from voxaffect.runs import recipe
from voxaffect.runs.run import Run, RunOptions
from voxaffect.settings import Experiment
from voxaffect.splits import Split

_ABOUT, _HEARD, _NONSPEECH = "fold.json", "heard.npz", "nonspeech.json"


@dataclass(frozen=True)
class Task:
    """One fold, as it is handed to a worker process.

    tested: the recordings of its test speakers, of whatever emotion, where baselines are asked for.
    nonspeech: whether it is asked for what sounds that are no speech get.
    """

    experiment: Experiment
    descriptions: tuple[Description, ...]
    utterances: list[Utterance]
    split: Split
    fold: str
    seed: str
    folder: Path
    resume: bool = False
    threads: int | None = None
    conditions: tuple[str, ...] = ()
    tested: tuple[Utterance, ...] = ()
    nonspeech: bool = False

    @property
    def scheme(self) -> Scheme:
        """The classes that are told apart."""
        return labels.scheme(self.experiment.training.scheme)

    @property
    def finished(self) -> bool:
        """Whether all that is asked for is in its folder and to be kept."""
        kept = [_ABOUT, *map(_condition_file, self.conditions)]
        kept += [_HEARD] * bool(self.tested) + [_NONSPEECH] * self.nonspeech
        return self.resume and all((self.folder / name).exists() for name in kept)


@dataclass(frozen=True)
class Done:
    """A fold that has been trained and scored.

    about: what the result file says of it. conditions: name -> predictions.
    heard: what baselines are learnt from and tried on, and the layer that does; None where that is not asked for.
    nonspeech: what is said of sounds that are no speech; likewise.
    """

    predictions: Predictions
    about: dict[str, Any]
    conditions: dict[str, Predictions]
    heard: tuple[Relative, Heard] | None
    nonspeech: dict[str, Any] | None


def run(task: Task) -> Done:
    """Train and score one fold; what is done is kept in its folder."""
    predictions, about = _train_fold(task)
    conditions = {name: _under(name, task) for name in task.conditions}
    heard = _heard(task) if task.tested else None
    return Done(predictions, about, conditions, heard, _nonspeech(task) if task.nonspeech else None)


def _under(name: str, task: Task) -> Predictions:
    """What the fold's bundle says of the test side under a condition."""
    scored = task.folder / _condition_file(name)
    if not (task.resume and scored.exists()):
        test = task.split.select(task.utterances, "test")
        recognizer = Recognizer(bundle.read(task.folder / "bundle"))
        predict(recognizer, test, task.scheme, task.fold, task.seed, hear=Ears(name, test)).write(scored)
    return Predictions.read(scored)


def _condition_file(name: str) -> str:
    return f"predictions-{name}.csv"


def _heard(task: Task) -> tuple[Relative, Heard]:
    recognizer, kept = Recognizer(bundle.read(task.folder / "bundle")), task.folder / _HEARD
    layer = relative(recognizer.bundle)
    if not (task.resume and kept.exists()):
        baselines.hear(recognizer, task.tested, task.scheme).write(kept)
    return layer, Heard.read(kept)


def _nonspeech(task: Task) -> dict[str, Any]:
    kept = task.folder / _NONSPEECH
    if not (task.resume and kept.exists()):
        found = nonspeech.hear(Recognizer(bundle.read(task.folder / "bundle")))
        write_text(kept, json.dumps(found, indent=1) + "\n")
    return json.loads(kept.read_text("utf-8"))


def _train_fold(task: Task) -> tuple[Predictions, dict[str, Any]]:
    scored, about_file = task.folder / "predictions.csv", task.folder / _ABOUT
    if task.resume and about_file.exists():
        return Predictions.read(scored), json.loads(about_file.read_text("utf-8"))
    commit = source_commit()  # now: it may be another by the time that training ends
    run = Run(
        task.experiment,
        task.descriptions,
        tuple(task.utterances),
        task.split,
        task.folder,
        fold=task.fold,
        seed=task.seed,
    )
    trained = recipe.train(run, RunOptions(resume=task.resume, threads=task.threads))
    predictions, fitted = trained.predictions, trained.fitted
    assert predictions is not None  # a protocol's split has a test side
    bundle.write(task.folder / "bundle", trained.bundle)
    _write_history(task.folder / "history.csv", fitted.history)
    predictions.write(scored)
    figures, model, card = trained.bundle.card["scores"], trained.bundle.card["model"], trained.bundle.card
    dev_loss = fitted.history[fitted.best_epoch - 1].get("dev_loss")
    about = {
        "fold": task.fold,
        **({"seed": int(task.seed)} if task.seed else {}),
        "test": sorted(task.split.test),
        "dev": card["training"]["split"]["dev"],
        "uar": figures["uar"]["value"],
        "wa": figures["wa"]["value"],
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        **({"temperature": card["calibration"]["temperature"]} if "calibration" in card else {}),
        **({} if dev_loss is None else {"dev_loss": round(dev_loss, 4)}),
        "seconds": round(fitted.seconds),
        "parameters": model["parameters"],
        "model_bytes": model["bytes"],
        "commit": commit,
        "device": fitted.device,
        "versions": versions(),
    }
    write_text(about_file, json.dumps(about) + "\n")
    return predictions, about


def _write_history(path: Path, history: tuple[dict[str, float], ...]) -> None:
    names = list(history[0])
    lines = [",".join(names)] + [",".join(f"{epoch[name]:.5g}" for name in names) for epoch in history]
    write_text(path, "\n".join(lines) + "\n")
