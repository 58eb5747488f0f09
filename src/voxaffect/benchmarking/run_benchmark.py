"""A protocol's folds, trained, scored and put together."""

import dataclasses
import os
import shlex
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voxaffect.benchmarking.result import Result
from voxaffect.corpora import Labels, Source, Sources, load_sources
from voxaffect.corpora.sources import as_list
from voxaffect.errors import VoxaffectError, check
from voxaffect.evaluation import probes as evaluation_probes
from voxaffect.evaluation.own_protocol import is_file, read_protocol
from voxaffect.evaluation.probes import Probe
from voxaffect.evaluation.protocols import Protocol
from voxaffect.evaluation.protocols import protocol as find_protocol
from voxaffect.evaluation.summary import summarise
from voxaffect.runs.cross_calibration import pooled
from voxaffect.runs.executors import Executor, Processes
from voxaffect.runs.record import RECORD
from voxaffect.runs.recordings import check_decodable
from voxaffect.runs.run import Device, Run, RunOptions
from voxaffect.settings import Experiment, read_experiment
from voxaffect.splits import Side

if TYPE_CHECKING:
    from voxaffect.runs.scored import Scored

RUNS = Path("runs")


def benchmark(
    protocol: str | os.PathLike[str],
    sources: Source | Iterable[Source] = (),
    *,
    experiment: str | os.PathLike[str] = "cnn",
    corpora: Iterable[str] = (),
    overrides: Iterable[str] = (),
    seeds: Sequence[int] = (),
    probes: Iterable[str | Probe[Any]] = (),
    results: Path | None = None,
    runs: Path = RUNS,
    resume: bool = False,
    workers: int = 1,
    threads: int | None = None,
    device: Device = "auto",
    side_by_side: bool = False,
    executor: Executor | None = None,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
) -> Result:
    """Train, export and score an experiment under a published set-up or one's own; needs voxaffect[train].

    The protocol decides the classes, whatever the experiment's scheme. Where the experiment does not validate, each
    fold's probabilities are calibrated on the other folds' test speakers.

    Args:
        protocol: Of `evaluation.protocols.PROTOCOLS`, or the path of a TOML file of one's own.
        sources: With one's own protocol, recordings of one's own, as `corpora.load_sources` takes them.
        experiment: The name of one in the package, or a TOML file.
        corpora: Where corpora lie, as `ravdess=FOLDER` (default: below the environment variable VOXAFFECT_DATA).
        overrides: Settings as `training.epochs=3`; one of them must give the altered experiment a `name` of its own.
        seeds: To train with, one after the other, and to average over (default: the experiment's own).
        probes: What else to measure of each fold's bundle: names of `evaluation.probes.PROBES`, or probes.
        results: Where to write `PROTOCOL/EXPERIMENT.json` and so on; None: nowhere.
        runs: Where to keep checkpoints and the folds' bundles.
        resume: Continue with the folds and epochs that are already there.
        workers: Folds at a time, each in a process of its own. A script must call this below
            `if __name__ == "__main__":`, as Python's multiprocessing demands.
        threads: Of each fold (default: 1 with several workers, else PyTorch's choice).
        device: "auto", "cpu" or "gpu".
        side_by_side: Train all networks at once on one GPU, as `runs.side_by_side` can; folds are then exported and
            scored as usual.
        executor: Where folds are trained (default: processes on this machine).
        columns: Of one's own tables: role -> column, as {"label": "mood"}.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.

    Raises:
        SettingsError: An argument is not known or out of range, or a folder in `runs` holds another run.
        CorpusError: A corpus is missing or not complete, or a recording cannot be decoded.
        SplitError: Pretrained weights were trained on test speakers.

    Examples:
        >>> from voxaffect.benchmarking import benchmark
        >>> benchmark("ravdess-luna5", experiment="small", probes=["nonspeech"]).uar  # doctest: +SKIP
        0.731
    """
    from voxaffect.runs.scored import execute  # needs voxaffect[train]

    overrides, named, corpora = list(overrides), as_list(sources), list(corpora)
    loaded: Sources | None = None
    if is_file(protocol):
        own = read_protocol(protocol)
        check(labels is None or own.labels is None, f"{own.path}: has labels of its own; leave `labels` out")
        labels = own.labels if labels is None else labels
        loaded = load_sources([*corpora, *named], columns=columns, root=root, speaker=speaker, labels=labels)
        setup = own.protocol(loaded.utterances)
    else:
        how = {"sources": named or None, "columns": columns, "root": root, "speaker": speaker, "labels": labels}
        given = next((name for name, value in how.items() if value is not None), None)
        check(
            given is None,
            f"protocol {protocol} says which recordings it is of; `{given}` goes with a TOML file of your own",
        )
        setup = find_protocol(str(protocol))
    settings = settings_for(setup, experiment, overrides)
    wanted = evaluation_probes.find(probes)
    for probe in wanted:
        check(
            settings.training.knows_baselines or not probe.needs_baseline_head,
            f"probe {probe.name}: experiment {settings.name} trains no baseline head; "
            "`overrides` training.baseline_head=true gives it one",
        )
    executor = executor or Processes(workers)
    options = RunOptions(resume, 1 if threads is None and workers > 1 else threads, device)
    planned = plan(setup, settings, corpora=corpora, loaded=loaded, runs=runs, seeds=seeds)
    check_decodable(planned)
    begin = time.monotonic()
    if side_by_side:
        from voxaffect.runs.side_by_side import train_side_by_side

        train_side_by_side(planned, options)
        for run in planned if not resume else ():
            (run.folder / RECORD).unlink(missing_ok=True)
        options = dataclasses.replace(options, resume=True)
    done: dict[Path, Scored] = {}
    for run, scored in execute(planned, options=options, executor=executor, probes=wanted):
        if isinstance(scored, VoxaffectError):
            raise scored
        done[run.folder] = scored
    parts = [done[run.folder] for run in planned]
    predictions, folds = pooled(
        [part.predictions for part in parts], [part.record for part in parts], validated=settings.training.validate
    )
    # As it can be typed again; where the corpora lie differs from machine to machine.
    words = ["voxaffect", "benchmark", os.fspath(protocol), *map(str, named), "--experiment", os.fspath(experiment)]
    words += [word for setting in overrides for word in ("--set", setting)]
    words += ["--seeds", ",".join(map(str, seeds))] if seeds else []
    words += [word for probe in wanted for word in probe.words]
    result = Result(
        protocol=setup.name,
        experiment=settings,
        summary=summarise(predictions),
        predictions=predictions,
        probes={each.name: each.merge([part.probes[each.name] for part in parts], predictions) for each in wanted},
        folds=folds,
        seeds=tuple(seeds),
        seconds=round(time.monotonic() - begin),
        workers=workers,
        command=shlex.join(words + ["--side-by-side"] * side_by_side),
    )
    if results is not None:
        result.write(results)
    return result


def settings_for(setup: Protocol, experiment: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Experiment:
    """An experiment's settings for a protocol's classes.

    Raises:
        SettingsError: The experiment is not known, or is altered and has no name of its own.
    """
    plain, settings = read_experiment(experiment), read_experiment(experiment, list(overrides))
    check(
        settings == plain or settings.name != plain.name,
        f"the results of other settings would be taken for those of experiment {plain.name}; give these a name of "
        f"their own besides, as `overrides` name={plain.name}-b",
    )
    return dataclasses.replace(settings, training=dataclasses.replace(settings.training, scheme=setup.scheme))


def plan(
    setup: Protocol,
    settings: Experiment,
    *,
    corpora: Iterable[str] = (),
    loaded: Sources | None = None,
    runs: Path = RUNS,
    seeds: Sequence[int] = (),
) -> list[Run]:
    """The folds of every seed as runs, without writing anything.

    Args:
        setup: The protocol.
        settings: Of the experiment.
        corpora: Where its corpora lie, as `ravdess=FOLDER`.
        loaded: Its recordings, where they are loaded already.
        runs: Where to keep checkpoints.
        seeds: To train with; empty: the experiment's own.

    Raises:
        SettingsError: No folder of a corpus is named.
        CorpusError: A corpus is missing or not complete.
        SplitError: Pretrained weights were trained on test speakers.
    """
    from voxaffect.training.pretrained import check_unseen, load_pretrained  # needs voxaffect[train]

    if loaded is None:
        named = {each.partition("=")[0]: each for each in corpora}
        loaded = load_sources([named.get(name, name) for name in setup.corpora])
    by_name = {corpus.description.name: corpus for corpus in loaded.corpora}
    setup.check_complete(by_name)
    utterances = tuple(setup.utterances(loaded.utterances))
    folder, planned = runs / setup.name / settings.name, list[Run]()
    made = setup.splits(utterances, settings.training.targets.extra_classes)
    numbers: list[int | None] = [*dict.fromkeys(seeds)] or [None]
    for seed in numbers:
        seeded, place = (settings, folder) if seed is None else (settings.seeded(seed), folder / f"seed{seed}")
        for fold, split in zip(setup.folds, made, strict=True):
            names = dict.fromkeys(part.corpus for part in fold.trained)
            descriptions = tuple(by_name[name].description for name in names)
            name = "" if seed is None else str(seed)
            planned.append(Run(seeded, descriptions, utterances, split, place / fold.name, fold.name, name))
    weights = load_pretrained(settings)
    for run in planned:
        sides: tuple[Side, ...] = ("dev", "test") if settings.training.validate else ("test",)
        judged = [each for side in sides for each in run.split.select(utterances, side)]
        check_unseen(judged, run.split.name, weights)
    return planned
