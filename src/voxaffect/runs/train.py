"""Recordings to a bundle: load, choose the classes, split, train, write."""

import dataclasses
import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect import bundle, corpora, splits
from voxaffect.corpora import Labels, Source, Sources
from voxaffect.corpora.counts import Counts
from voxaffect.corpora.sources import as_list, warn_of_dropped
from voxaffect.errors import SettingsError, VoxaffectWarning, check, require
from voxaffect.evaluation.protocols import Part
from voxaffect.evaluation.split import default_split, find_split
from voxaffect.labels import scheme as find_scheme
from voxaffect.labels import scheme_name
from voxaffect.runs import recordings
from voxaffect.runs.cross_calibration import cross_validation
from voxaffect.runs.executors import Executor, Processes
from voxaffect.runs.folds import cross_validate, folds_of
from voxaffect.runs.folds import write as write_results
from voxaffect.runs.record import RECORD
from voxaffect.runs.run import Device, Run, RunOptions
from voxaffect.settings import experiment_names, read_experiment
from voxaffect.splits import Sides, Split

if TYPE_CHECKING:
    from voxaffect.runs.recipe import Trained

PathLike = str | os.PathLike[str]


def train(
    sources: Source | Iterable[Source],
    *,
    experiment: PathLike = "cnn",
    overrides: Iterable[str] = (),
    out: PathLike | None = None,
    split: Split | PathLike | None = None,
    all_speakers: bool = False,
    folds: int | None = None,
    scores_from: PathLike | None = None,
    save_pretrained: PathLike | None = None,
    runs: PathLike | None = None,
    resume: bool = False,
    overwrite: bool = False,
    workers: int = 1,
    threads: int | None = None,
    device: Device = "auto",
    executor: Executor | None = None,
    columns: Mapping[str, str] | None = None,
    root: PathLike | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    style: str | None = None,
    strict: bool = False,
    counted: Callable[[Counts], None] = lambda counts: None,
) -> "Trained":
    """Train a model, export it, score the exported graph on the split's test speakers, and write it as a bundle.

    All errors that can be foreseen come before training. Recordings that are left out, and reasons why there is no
    score, are a `VoxaffectWarning`.

    Args:
        sources: Recordings and their labels, as `corpora.load_sources` takes them.
        experiment: The settings: the name of an experiment in the package, or the path of a TOML file. Of recordings of
            one's own, the classes are their labels, unless `overrides` or the file names them.
        overrides: Settings as `training.epochs=3`.
        out: The bundle's folder (default: `my-model` of `my.csv`, in the working folder).
        split: Who trains, validates and is tested, or the path of a file of it, or "given", the split that the sources
            give (default: the first of five folds by speaker; where speakers are unknown, all clips are trained on).
        all_speakers: Whether to train on all speakers; the model is then not scored.
        folds: Cross-validate by speaker with so many folds, then train the final model on all speakers, with the same
            settings and to the last epoch. Its card has the scores and the calibration of the folds; `runs` holds
            `cross-validation.csv` and `.json`.
        scores_from: With `all_speakers`, the benchmark result of the same experiment whose scores and calibration go
            onto the card.
        save_pretrained: A folder for the network without its output layer, which `training.pretrained` of other
            experiments can begin with.
        runs: The folder of checkpoints (default: `out` with `-run` appended).
        resume: Whether to go on from the last epoch in `runs`.
        overwrite: Whether to begin anew where `runs` holds a run.
        workers: Of `folds`: how many at a time, each in a process of its own. A script must then call this below
            `if __name__ == "__main__":`, as Python's multiprocessing demands.
        threads: Of PyTorch on a CPU (default: all cores, or one for each of several workers).
        device: "auto", "cpu" or "gpu".
        executor: Where `folds` are trained (default: processes on this machine).
        columns: Of one's own tables: role -> column, as {"label": "mood"}.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        style: Only utterances of this style, "speech" or "song".
        strict: Whether a recording that cannot be decoded is an error instead of being left out. All are decoded before
            training begins.
        counted: Called before training with the number of clips and speakers of each class and side.

    Returns:
        The bundle, how it was fitted, and the predictions of the test side (None without one), or of all `folds`.

    Raises:
        SettingsError: Parameters contradict one another, a setting is not right, or `runs` holds another run.
        CorpusError, TableError, SplitError: Recordings or the split are not as they should be.
        MissingExtraError: PyTorch is not installed, or what an encoder needs.

    Examples:
        >>> trained = train("my.csv", overrides=["training.epochs=20"])  # doctest: +SKIP
    """
    named, overrides = as_list(sources), list(overrides)
    check(
        all_speakers or not scores_from,
        "`scores_from` goes with `all_speakers`; a split with test speakers is scored on them",
    )
    ways = [split is not None, all_speakers, folds is not None]
    check(sum(ways) < 2, "`split`, `all_speakers` and `folds` are three answers to who trains; choose one")
    check(folds is not None or workers == 1, "`workers` train `folds` side by side; say how many folds")
    executor = executor or Processes(workers)
    options = RunOptions(resume=resume, threads=1 if threads is None and workers > 1 else threads, device=device)
    settings = read_experiment(experiment, overrides)
    require("train")
    from voxaffect.models import build_frontend
    from voxaffect.runs import recipe
    from voxaffect.training import pretrained
    from voxaffect.training.run_folder import LAST, NOTE, claim, locked

    build_frontend(settings)  # what is wrong with an encoder is said before anything is decoded
    folder = Path(out or f"{corpora.source_name(named)}-model").resolve()
    bundle.refuse_other(folder)
    if save_pretrained:
        pretrained.check_save_pretrained(Path(save_pretrained), folder, settings)
    loaded = corpora.load_sources(
        named, columns=columns, root=root, speaker=speaker, labels=labels, style=style, strict=strict
    )
    parts = {Part(each.corpus, each.style) for each in loaded.utterances}
    scores = cross_validation(Path(scores_from), settings, parts) if scores_from else None
    if loaded.own and not _scheme_chosen(experiment, overrides):
        classes = scheme_name(each.emotion for each in loaded.utterances)
        settings = read_experiment(experiment, [*overrides, f"training.scheme={json.dumps(classes)}"])
    scheme, extra = find_scheme(settings.training.scheme), settings.training.targets.extra_classes
    warn_of_dropped(loaded.utterances, scheme, "trained on as extra classes" if extra else "left out")
    check(
        folds is None or loaded.speakers_known,
        "`folds` keep speakers apart, and these are unknown; name them by `columns` or `speaker`",
    )
    sides = _sides(loaded, split, all_speakers or folds is not None)
    recordings.check_classes(sides.select(loaded.utterances, "train"), scheme)
    counts = recordings.counts_of(sides, loaded.utterances, scheme, extra_classes=extra)
    counted(counts)
    recordings.warn_of_doubts(counts)
    sides = recordings.decodable(sides, loaded.utterances, scheme, settings, strict=strict)
    checkpoints = Path(runs) if runs else folder.with_name(f"{folder.name}-run")
    if (checkpoints / NOTE).exists() and any(checkpoints.rglob(LAST)) and not resume:
        with locked(checkpoints):
            if not overwrite:
                raise SettingsError(
                    f"{checkpoints}: holds a run already; `resume` goes on with it where settings and split are the "
                    "same, `overwrite` begins anew"
                )
            for path in (*checkpoints.rglob("*.ckpt"), *checkpoints.rglob(RECORD)):
                path.unlink()
    run = Run(settings, loaded.descriptions, loaded.utterances, sides, checkpoints)
    divided = [] if folds is None else folds_of(run, folds)
    claim(checkpoints, settings, sides, resume=resume)
    if resume and not any(checkpoints.rglob(LAST)):
        _warn(f"{checkpoints} holds no epoch to go on from; starting with the first")
    if folds is None:
        trained = recipe.train(run, options, scores_from=scores)
    else:
        crossed = cross_validate(divided, options=options, executor=executor)
        write_results(crossed, checkpoints)
        # All cores again, where the folds had one each.
        final = dataclasses.replace(options, threads=threads)
        trained = recipe.train(run, final, scores_from=crossed.card)
        trained = dataclasses.replace(trained, predictions=crossed.predictions, folds=crossed.folds)
    bundle.write(folder, trained.bundle)
    if save_pretrained:
        pretrained.save_pretrained(Path(save_pretrained), trained.fitted.model, trained.bundle.card.pretrained())
    return trained


def _scheme_chosen(experiment: PathLike, overrides: Sequence[str]) -> bool:
    """Whether the caller chose the classes."""
    named = any(each.partition("=")[0].strip() == "training.scheme" for each in overrides)
    return named or str(experiment) not in experiment_names()


def _sides(loaded: Sources, split: Split | PathLike | None, all_speakers: bool) -> Sides:
    if split is not None:
        return find_split(split, loaded)
    if all_speakers or not loaded.speakers_known:
        whose = "all speakers" if loaded.speakers_known else "all clips"
        return splits.by_speaker(f"{loaded.name}/{whose}", loaded.utterances)
    return default_split(loaded)


def _warn(message: str) -> None:
    warnings.warn(message, VoxaffectWarning, stacklevel=3)
