"""What several commands show in the same way."""

import argparse
import csv
import json
import os
import stat
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voxaffect.text import printable

if TYPE_CHECKING:
    from voxaffect.evaluation.probes import Probe
    from voxaffect.output.tables import RowWriter

_EVERY = 30.0  # seconds between two lines of progress in a log


class _Status:
    """Progress on stderr: a line that is redrawn on a terminal; elsewhere, as in a log, a line now and then.

    Where stdout goes through a pipe to the same terminal, nobody can tell when its lines come: nothing is redrawn then.
    """

    def __init__(self) -> None:
        self._redrawn, self._last = sys.stderr.isatty() and not _is_pipe(sys.stdout), time.monotonic()

    def _show(self, text: str) -> None:
        if self._redrawn:
            print(f"\033[K{text}", end="\r", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            print(f"voxaffect: {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Make room for a line of its own on stderr or stdout."""
        if self._redrawn:
            print("\033[K", end="", file=sys.stderr, flush=True)


class Counter(_Status):
    """`12/300 recognised, 0:41 left`; call it after each one done."""

    def __init__(self, total: int, done: str) -> None:
        super().__init__()
        self._total, self._done, self._count, self._begin = total, done, 0, time.monotonic()

    def __call__(self) -> None:
        """One more is done."""
        self._count += 1
        if self._count < self._total:
            left = (time.monotonic() - self._begin) / self._count * (self._total - self._count)
            self._show(f"{self._count}/{self._total} {self._done}, {_minutes(left)} left")
        elif self._total > 1:
            self.clear()


class Gauge(_Status):
    """`12:30 of 60:00 done, 0:41 left`; call it with the seconds done."""

    def __init__(self, total: float, done: str) -> None:
        super().__init__()
        self._total, self._done, self._begin, self._first = total, done, time.monotonic(), -1.0

    def __call__(self, seconds: float) -> None:
        """So many seconds are done, those before a resumption included."""
        if self._first < 0:
            self._first, self._begin = seconds, time.monotonic()
        elif seconds > self._first:
            speed = (time.monotonic() - self._begin) / (seconds - self._first)
            left = max(0.0, self._total - seconds) * speed
            self._show(f"{_minutes(seconds)} of {_minutes(self._total)} {self._done}, {_minutes(left)} left")


def _is_pipe(file: object) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)  # type: ignore[attr-defined]
    except (OSError, AttributeError, ValueError):  # it is no file of the system
        return False


def row_writer(name: str, classes: tuple[str, ...]) -> "RowWriter":
    """Writes rows to stdout in the format of that name."""
    from voxaffect.output.tables import WRITERS

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(newline="")  # or Windows would end lines of CSV twice
    return WRITERS[name](sys.stdout, classes)


def complain(message: str) -> None:
    """A line on stderr."""
    print(f"voxaffect: {printable(message)}", file=sys.stderr)


def print_rows(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Print rows that have the same columns as a table, CSV or JSON lines; None is empty, or null."""
    if form == "jsonl":
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        return
    columns = list(rows[0]) if rows else []
    if form == "csv":
        table = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
        return
    cells = [columns, *([_cell(row[column]) for column in columns] for row in rows)]
    numbers = [all(isinstance(row[column], int | float | None) for row in rows) for column in columns]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        aligned = zip(line, widths, numbers, strict=True)
        print("  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in aligned).rstrip())


def _cell(value: object) -> str:
    return "" if value is None else printable(str(value))


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def cores() -> int:
    """How many cores are ours; not all systems can tell, and then all are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def trainings() -> int:
    """How many trainings to run side by side: one a core, or one on a GPU."""
    import torch

    return 1 if torch.accelerator.is_available() else cores()


def probes_of(options: argparse.Namespace) -> "list[Probe[Any]]":
    """What `--conditions`, `--baseline-curve` and `--nonspeech` ask for."""
    from voxaffect.evaluation.probes import Baselines, Conditions, Nonspeech

    found: list[Probe[Any]] = [Conditions(tuple(options.conditions))] if options.conditions else []
    return found + [Baselines()] * options.baseline_curve + [Nonspeech()] * options.nonspeech


def percent(share: float) -> str:
    """`61 %`, and never `100 %` or `0 %` of what is only nearly so."""
    return f"{min(max(round(100 * share), 1 if share > 0 else 0), 99 if share < 1 else 100)} %"
