"""What several commands show in the same way."""

import argparse
import os
import stat
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO, cast

from voxaffect.apps.cli.options import as_options
from voxaffect.text import as_json, printable, printable_lines

if TYPE_CHECKING:
    from voxaffect.corpora.counts import Counts
    from voxaffect.evaluation.probes import Probe
    from voxaffect.inference.results import Recognition, Segment

_EVERY = 30.0  # seconds between two lines of progress in a log


class _Status:
    """Progress on stderr: a line that is redrawn on a terminal; elsewhere, as in a log, a line now and then.

    Where stdout goes through a pipe to the same terminal, it is unknown when its lines come: nothing is redrawn then.
    """

    drawn = False
    """Whether a line of it stands on the terminal."""

    def __init__(self) -> None:
        self._redrawn, self._last = sys.stderr.isatty() and not _is_pipe(sys.stdout), time.monotonic()

    def _show(self, text: str) -> None:
        if self._redrawn:
            print(f"\033[K{text}", end="\r", file=sys.stderr, flush=True)
            _Status.drawn = True
        elif time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            print(f"voxaffect: {text}", file=sys.stderr, flush=True)

    @staticmethod
    def clear() -> None:
        """Make room for a line of its own on stderr or stdout."""
        if _Status.drawn:
            print("\033[K", end="", file=sys.stderr, flush=True)
            _Status.drawn = False


class Counter(_Status):
    """`12/300 recognised, 0:41 left`; call it after every one."""

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

    def __init__(self, total: float | None, done: str) -> None:
        super().__init__()
        self._total, self._done, self._begin, self._first = total, done, time.monotonic(), -1.0

    def __call__(self, seconds: float) -> None:
        """So many seconds are done, those before a resumption included."""
        if self._first < 0:
            self._first, self._begin = seconds, time.monotonic()
        elif self._total is None:
            self._show(f"{_minutes(seconds)} {self._done}")
        elif seconds > self._first:
            speed = (time.monotonic() - self._begin) / (seconds - self._first)
            left = max(0.0, self._total - seconds) * speed
            self._show(f"{_minutes(seconds)} of {_minutes(self._total)} {self._done}, {_minutes(left)} left")


def _is_pipe(file: object) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(file.fileno()).st_mode)  # type: ignore[attr-defined]
    except (OSError, AttributeError, ValueError):  # it is no file of the system
        return False


def row_writer(form: str, classes: tuple[str, ...]) -> "Callable[[Mapping[str, Any]], None]":
    """What writes rows to stdout in that format."""
    from voxaffect.output import tables

    return tables.row_writer(form, _exact(), classes)


def _exact() -> TextIO:
    """Standard output for rows of CSV, to which it must not add line ends, as Windows does."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(newline="")
    return cast("TextIO", _Escaped()) if sys.stdout.isatty() else sys.stdout


class _Escaped:
    """A terminal, for what writes a row at a time: it gets escapes of control characters."""

    def write(self, row: str) -> int:
        return sys.stdout.write(printable(row.rstrip("\r\n")) + "\n")

    def flush(self) -> None:
        sys.stdout.flush()


def show_exactly(text: str) -> None:
    """Text that other programs read on stdout; on a terminal without control characters."""
    if sys.stdout.isatty():
        end = "\r\n" if "\r\n" in text else "\n"  # as rows of CSV end, in which a name may hold a line feed
        text = "\n".join(map(printable, text.split(end)))
    sys.stdout.write(text)


def show(text: str) -> None:
    """Text on stdout. Names in it may hold anything: `printable` makes one line of each before text has several."""
    print(printable_lines(text), flush=True)


def show_json(value: Any, indent: int | None = 1) -> None:
    """A value on stdout, as JSON."""
    print(as_json(value, indent), flush=True)


def note(text: str) -> None:
    """A line on stderr that is no complaint, as what was written where."""
    _Status.clear()
    print(printable(text), file=sys.stderr, flush=True)


def complain(message: str) -> None:
    """A line on stderr, with options in place of the library's parameters."""
    _Status.clear()
    print(f"voxaffect: {printable(as_options(message))}", file=sys.stderr)


def print_rows(rows: Sequence[Mapping[str, Any]], form: str) -> None:
    """Print rows that have the same columns as a table, CSV or JSON lines; None is empty, or null."""
    if form == "jsonl":
        for row in rows:
            show_json(row, None)
    elif form == "csv":
        from voxaffect.files.rows import CsvTable

        table = CsvTable(_exact(), rows[0] if rows else [])
        for row in rows:
            table.write(row)
    else:
        show(table_text(rows))


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows that have the same columns as aligned text, numbers to the right.

    Examples:
        >>> print(table_text([{"emotion": "happy", "clips": 12}, {"emotion": "sad", "clips": None}]))
        emotion  clips
        happy       12
        sad
    """
    columns = list(rows[0]) if rows else []
    cells = [
        columns,
        *(["" if value is None else printable(str(value)) for value in map(row.get, columns)] for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    signs = [">" if all(isinstance(row[name], int | float | None) for row in rows) else "<" for name in columns]
    lines = [zip(line, signs, widths, strict=True) for line in cells]
    return "\n".join("  ".join(f"{cell:{sign}{width}}" for cell, sign, width in line).rstrip() for line in lines)


def print_counts(counts: "Counts") -> None:
    """How many clips and speakers each class and side has, on stderr."""
    print(table_text(counts.to_rows()), file=sys.stderr)


def listed(head: str, items: Sequence[str], most: int, more: str = "") -> str:
    """A head and items below it; of the items beyond `most`, only their number."""
    rest = [f"  and {len(items) - most} more{more}"] if len(items) > most else []
    return "\n".join([head, *(f"  {item}" for item in items[:most]), *rest])


def many(count: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {what}{'s' * (count != 1)}"


def or_else(result: "Recognition | Segment", most: int | None = None) -> str:
    """`sad 20 %, neutral 9 %`: the classes that are not the answer, the most probable ones first."""
    ranked = sorted(result.probabilities.items(), key=lambda item: -item[1])
    rest = [f"{printable(name)} {percent(value)}" for name, value in ranked if name != result.emotion]
    return ", ".join(rest[:most])


def bar(name: str, probability: float, width: int, length: int) -> str:
    """A class, its probability, and a bar of up to `length` characters."""
    return f"{printable(name):{width}}  {percent(probability):>5}  {'█' * round(length * probability):{length}}"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def cores() -> int:
    """How many cores are ours; not all systems can tell, and then all are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def trainings() -> int:
    """How many trainings to run at a time: one a core, or one on a GPU."""
    import torch

    return 1 if torch.accelerator.is_available() else cores()


def probes_of(options: argparse.Namespace) -> "list[Probe[Any]]":
    """What `--conditions`, `--baseline-curve` and `--nonspeech` ask for."""
    from voxaffect.evaluation.probes import Baselines, Conditions, Nonspeech

    probes: list[Probe[Any]] = [Conditions(tuple(options.conditions))] if options.conditions else []
    return probes + [Baselines()] * options.baseline_curve + [Nonspeech()] * options.nonspeech


def percent(share: float) -> str:
    """`61 %`, and never `100 %` or `0 %` of what is only nearly so."""
    return f"{min(max(round(100 * share), 1 if share > 0 else 0), 99 if share < 1 else 100)} %"
