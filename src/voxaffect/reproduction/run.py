"""Train the rows of the article's table, in both modes, and the model that is ours."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voxaffect import splits
from voxaffect.augment import augmented
from voxaffect.corpora import Corpus
from voxaffect.errors import VoxaffectError, check
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import summarise
from voxaffect.files.atomic import write_text
from voxaffect.reproduction import report
from voxaffect.reproduction.rows import Row, RowResult, collect, read
from voxaffect.reproduction.setups import BEST, CORPUS, CORRECTED, DEV, MODES, SETUPS, TEST, SetUp, setup
from voxaffect.runs.executors import Executor, Processes
from voxaffect.runs.run import Device, Run, RunOptions
from voxaffect.settings import CopySettings, read_experiment
from voxaffect.splits import LEAKY

if TYPE_CHECKING:
    from voxaffect.runs.scored import Scored

STYLES = ("speech", "song")
RUNS = Path("runs/article")
_OF_RECORD = ("epochs", "best_epoch", "parameters", "seconds", "device", "commit", "versions", "history")


@dataclass(frozen=True)
class RowRun:
    """A row in one mode, as a run, and what else its result holds."""

    run: Run
    row: str
    title: str
    mode: str
    command: str
    leak: str | None = None
    copies: CopySettings | None = None

    @property
    def name(self) -> str:
        """Of the result files."""
        return self.run.folder.name


@dataclass(frozen=True)
class Reproduction:
    """Results of rows. failures: an error message per failed run."""

    rows: tuple[Row, ...]
    failures: tuple[str, ...]


def reproduce(
    rows: Iterable[str] = (),
    *,
    corpus: Corpus,
    modes: Sequence[str] = MODES,
    epochs: int | None = None,
    results: Path | None = None,
    runs: Path = RUNS,
    resume: bool = False,
    workers: int = 1,
    threads: int | None = None,
    device: Device = "auto",
    executor: Executor | None = None,
) -> Reproduction:
    """Train rows of the article's table; a row that fails does not stop the others. Needs voxaffect[train].

    Args:
        rows: Names in `SETUPS`, or `BEST` for our model (default: all).
        corpus: RAVDESS, speech and song.
        modes: Of `MODES`; our model has but one.
        epochs: Of the article's rows (default: 700, as published).
        results: Where to write each row's `NAME.json` and `.csv` as soon as it is done, and the table; None: nowhere.
        runs: Where to keep checkpoints.
        resume: Continue with the rows and epochs that are already there.
        workers: Rows at a time, each in a process of its own. A script must call this below
            `if __name__ == "__main__":`, as Python's multiprocessing demands.
        threads: Of each row (default: 1 with several workers, else PyTorch's choice).
        device: "auto", "cpu" or "gpu".
        executor: Where rows are trained (default: processes on this machine).

    Returns:
        With `results`, all rows of that folder; else those that were trained.

    Raises:
        SettingsError: An argument is not known or out of range, or a folder in `runs` holds another run.
        CorpusError: The corpus is not complete.
        EvaluationError: A file in `results` is not what was written.
    """
    from voxaffect.runs.scored import execute  # needs voxaffect[train]
    from voxaffect.training.fit import check_device

    executor = executor or Processes(workers)
    options = RunOptions(resume, 1 if threads is None and workers > 1 else threads, device)
    check_device(device)
    wanted = {each.run.folder: each for each in plan(rows, corpus=corpus, modes=modes, epochs=epochs, runs=runs)}
    if results is not None:  # an error comes before the hours of training
        results.mkdir(parents=True, exist_ok=True)
        read(results)
    done: dict[str, RowResult] = {}
    best: Predictions | None = None
    failures = []
    for run, scored in execute([each.run for each in wanted.values()], options=options, executor=executor):
        row = wanted[run.folder]
        if isinstance(scored, VoxaffectError):
            failures.append(f"{row.name}: {scored}")
            continue
        done[row.name] = result = _result(row, scored)
        best = scored.predictions if row.row == BEST else best
        if results is not None:
            _write(results / row.name, result, scored.predictions)
    if results is not None:
        report.write(results)
    return Reproduction(tuple(read(results) if results is not None else collect(done, best)), tuple(failures))


def plan(
    rows: Iterable[str] = (),
    *,
    corpus: Corpus,
    modes: Sequence[str] = MODES,
    epochs: int | None = None,
    runs: Path = RUNS,
) -> list[RowRun]:
    """The runs of rows and modes, as `reproduce` takes them; rows that share a correction share its run.

    Raises:
        SettingsError: A row or mode is not known, or the number of epochs is below 1.
        CorpusError: The corpus is not complete.
    """
    corpus.check_complete(STYLES, "the article's rows need")
    check(epochs is None or epochs >= 1, f"epochs={epochs}: choose at least 1")
    for mode in modes:
        check(mode in MODES, f"mode {mode!r} is not known; choose among {', '.join(MODES)}")
    wanted = []
    for row in list(rows) or [*SETUPS, BEST]:
        if row == BEST:
            wanted.append(_best(corpus, runs))
            continue
        for mode in modes:
            chosen = setup(row)
            if mode == CORRECTED and chosen.corrected_as:
                chosen = setup(chosen.corrected_as)
            wanted.append(_row(chosen, mode, corpus, epochs, runs))
    return list({each.name: each for each in wanted}.values())


def _row(row: SetUp, mode: str, corpus: Corpus, epochs: int | None, runs: Path) -> RowRun:
    overrides = [f"name={row.name}-{mode}", f"training.scheme={row.scheme}"]
    if epochs is not None:
        overrides += [f"training.epochs={epochs}", f"training.patience={epochs}"]
    experiment = read_experiment(row.experiment, overrides)
    utterances, split = row.sides(corpus.utterances, mode, experiment.training.seed)
    if mode == CORRECTED:
        experiment = dataclasses.replace(experiment, copies=row.copies)
    run = Run(experiment, (corpus.description,), tuple(utterances), split, runs / row.result(mode))
    command = f"voxaffect reproduce {row.name} --mode {mode}" + (f" --epochs {epochs}" if epochs else "")
    return RowRun(run, row.name, row.title, mode, command, row.leak() if mode == LEAKY else None, row.copies)


def _best(corpus: Corpus, runs: Path) -> RowRun:
    speakers = {side: [f"{CORPUS}/{actor}" for actor in actors] for side, actors in (("dev", DEV), ("test", TEST))}
    split = splits.by_speaker("article-best", corpus.utterances, **speakers)
    run = Run(read_experiment("article-best"), (corpus.description,), tuple(corpus.utterances), split, runs / BEST)
    return RowRun(run, BEST, "our model, for all rows", CORRECTED, f"voxaffect reproduce {BEST}")


def _result(row: RowRun, scored: "Scored") -> RowResult:
    run, record = row.run, scored.record
    kinds, classes = run.experiment.copies.kinds, run.experiment.copies.classes
    copies = augmented(run.split.select(run.utterances, "train"), kinds, classes, run.scheme) if kinds else []
    best = record.history[record.best_epoch - 1]
    return RowResult(
        **{name: getattr(row, name) for name in ("row", "title", "mode", "leak", "command")},
        **{name: getattr(record, name) for name in _OF_RECORD},
        copies=dataclasses.asdict(row.copies) if row.copies else {},
        clips={side: len(run.split.ids(side)) for side in splits.SIDES} | {"copies": len(copies)},
        dev_speakers=tuple(sorted(run.split.dev)),
        test_speakers=record.test,
        dev={name: best[name] for name in ("dev_loss", "dev_wa", "dev_uar")},
        **vars(summarise(scored.predictions)),
        settings=run.experiment.to_dict(),
    )


def _write(target: Path, result: RowResult, predictions: Predictions) -> None:
    """Write both files, unless they are the same already."""
    path, text = target.with_name(f"{target.name}.json"), json.dumps(result.to_dict(), indent=1) + "\n"
    if not path.exists() or path.read_text("utf-8") != text:
        predictions.write(target.with_name(f"{target.name}.csv"))
        write_text(path, text)
