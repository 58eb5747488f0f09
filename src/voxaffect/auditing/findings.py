"""What is wrong with a split: each recording is heard, those remembered alike are compared, the rest is counting."""

import concurrent.futures
import multiprocessing
import os
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from voxaffect.auditing.fingerprint import Fingerprint, fingerprint
from voxaffect.auditing.listing import Listing, Row
from voxaffect.auditing.neighbours import neighbours
from voxaffect.auditing.twins import Twin, compare, picture
from voxaffect.errors import AudioError, SettingsError
from voxaffect.processes import end_with_parent

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, str], Callable[[], None]]
"""Called with how many are to be done and what is done with them; what it returns is called after each."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

_ALONE = 32
"""Items up to which starting other processes costs more than it saves."""


@dataclass(frozen=True)
class Pair:
    """Two recordings of a split that are one.

    twin: how the second comes from the first; None where they are equal sample by sample, whatever the container.
    """

    first: Row
    second: Row
    twin: Twin | None

    @property
    def leaks(self) -> bool:
        """Whether they are on two sides."""
        return self.first.side != self.second.side

    @property
    def contradicts(self) -> bool:
        """Whether their labels differ."""
        return self.first.label != self.second.label


@dataclass(frozen=True)
class Findings:
    """What an audit found.

    speakers, sentences: those on two sides or more -> side -> recordings.
    pairs: equal recordings and near-twins; of several equal ones, each with one other, across sides if possible.
    unreadable: recordings and reasons. silent: twins of nothing. short: too short for near-twins.
    """

    listing: Listing
    speakers: dict[str, dict[str, int]]
    sentences: dict[str, dict[str, int]]
    pairs: tuple[Pair, ...]
    unreadable: tuple[tuple[Row, str], ...]
    silent: tuple[Row, ...]
    short: tuple[Row, ...]

    @property
    def leaks(self) -> bool:
        """Whether a test on this split would flatter: a speaker or a recording is on two sides."""
        return bool(self.speakers) or any(pair.leaks for pair in self.pairs)


def audit(
    listing: Listing, workers: int | None = None, progress: Progress = lambda total, done: lambda: None
) -> Findings:
    """Audit a split.

    workers: processes (default: one a core); what is found does not depend on it.

    Raises SettingsError for fewer than one worker.
    """
    workers = (os.cpu_count() or 1) if workers is None else workers
    if workers < 1:
        raise SettingsError(f"workers={workers}: choose at least 1")
    of_file: dict[Path, list[Row]] = defaultdict(list)
    for row in listing.rows:
        of_file[row.file].append(row)
    files = list(of_file)
    heard = dict(zip(files, _each(_remember, files, workers, progress(len(files), "heard")), strict=True))
    equal: dict[bytes, list[Row]] = defaultdict(list)
    known: dict[bytes, Fingerprint] = {}
    unreadable, silent, short = [], [], []
    for file, found in heard.items():
        if isinstance(found, str):
            unreadable += [(row, found) for row in of_file[file]]
        elif found.silent:
            silent += of_file[file]
        else:
            short += of_file[file] if found.vectors is None else []
            equal[found.content] += of_file[file]
            known[found.content] = found
    pairs = [Pair(*two, None) for rows in equal.values() for two in _chain(rows)]
    contents = [content for content, found in known.items() if found.vectors is not None]
    vectors = [known[content].vectors for content in contents]
    alike = neighbours(np.stack(vectors)) if vectors else {}  # type: ignore[arg-type]
    tasks = _walk(alike)
    jobs = [
        (equal[contents[one]][0].file, [(equal[contents[other]][0].file, alike[one, other]) for other in others])
        for one, others in tasks
    ]
    picture.cache_clear()  # a file may be another than at an earlier audit
    compared = _each(_compare, jobs, workers, progress(len(jobs), "compared"))
    twins = {
        (one, other): twin
        for (one, others), found in zip(tasks, compared, strict=True)
        for other, twin in zip(others, found, strict=True)
        if twin is not None
    }
    for one, other in sorted(twins):
        pairs.append(Pair(*_telling(equal[contents[one]], equal[contents[other]]), twins[one, other]))
    return Findings(
        listing,
        _on_two_sides((row.speaker, row.side) for row in listing.rows),
        _on_two_sides((row.sentence, row.side) for row in listing.rows),
        tuple(pairs),
        tuple(unreadable),
        tuple(silent),
        tuple(short),
    )


def _remember(file: Path) -> Fingerprint | str:
    """A fingerprint, or why there is none."""
    try:
        return fingerprint(file)
    except AudioError as error:
        return str(error).removeprefix(f"{file}: ")


def _walk(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """Each first of pairs with its seconds, from neighbour to neighbour, so that pictures drawn are soon used again."""
    seconds: dict[int, list[int]] = defaultdict(list)
    beside: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs:
        seconds[one].append(other)
        beside[one].append(other)
        beside[other].append(one)
    order: dict[int, None] = {}
    for start in beside:
        waiting = [start]
        while waiting:
            here = waiting.pop()
            if here not in order:
                order[here] = None
                waiting += reversed(beside[here])
    return [(one, seconds[one]) for one in order if one in seconds]


def _compare(job: tuple[Path, list[tuple[Path, float]]]) -> list[Twin | None]:
    first, others = job
    drawn = picture(first)
    return [compare(drawn, picture(other), scale) for other, scale in others]


def _chain(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Each of several equal recordings with an earlier one, of another side or label if there is one."""
    for number, row in enumerate(rows[1:], 1):
        yield max(rows[:number], key=lambda earlier: _told(earlier, row)), row


def _telling(ones: Sequence[Row], others: Sequence[Row]) -> tuple[Row, Row]:
    """Of two groups of equal recordings, the two that tell most."""
    return max(((one, other) for one in ones for other in others), key=lambda two: _told(*two))


def _told(one: Row, other: Row) -> tuple[bool, bool]:
    return one.side != other.side, one.label != other.label


def _on_two_sides(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, side in pairs:
        if name:
            counts[name][side] += 1
    return {name: dict(sides) for name, sides in sorted(counts.items()) if len(sides) > 1}


def _each(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int, tick: Callable[[], None]
) -> list[Result]:
    """What a function says of each item, in order, by several processes where it pays."""
    results = []
    # One worker is another process too: NumPy's sums differ in the last bit by its threads, of which workers have one.
    if len(items) <= _ALONE:
        for item in items:
            results.append(function(item))
            tick()
        return results
    # Spawned, not forked: threads of the caller's libraries do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = concurrent.futures.ProcessPoolExecutor(workers, mp_context=context, initializer=end_with_parent)
    try:
        with _born_quiet():
            found = pool.map(function, items, chunksize=8)
        for result in found:
            results.append(result)
            tick()
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C, what waits must not start
    return results


@contextmanager
def _born_quiet() -> Iterator[None]:
    """Processes started herein leave Ctrl-C to their parent, which ends them in order, and compute on one thread.

    The threads that NumPy would start in each of them would only wait for each other.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    in_main = threading.current_thread() is threading.main_thread()  # nowhere else can signals be set
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_main else None
    try:
        yield
    finally:
        if in_main:
            signal.signal(signal.SIGINT, handler)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
