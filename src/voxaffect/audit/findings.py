"""What is wrong with a split: each recording is heard, those remembered alike are compared, the rest is counting."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from voxaffect.audit.fingerprint import Fingerprint, fingerprint
from voxaffect.audit.listing import Listing, Row
from voxaffect.audit.neighbours import neighbours
from voxaffect.audit.twins import Twin, compare, picture
from voxaffect.errors import AudioError, SettingsError
from voxaffect.processes import Pool

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, str], Callable[[], None]]
"""Called with how many are to be done and what is done with them; what it returns is called after each."""

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
    """What a function gives of each item, in order, by several processes where it pays."""
    results = []
    # One worker is another process too: NumPy's sums differ in the last bit by its threads, of which workers have one.
    with Pool(workers if len(items) > _ALONE else 0) as pool:
        for result in pool.map(function, items):
            results.append(result)
            tick()
    return results
