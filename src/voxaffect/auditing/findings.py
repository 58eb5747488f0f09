"""What is wrong with a split: speakers and recordings on two sides, recordings that occur twice, labels given away."""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from voxaffect.auditing.fingerprint import Fingerprint, Matrix, fingerprint
from voxaffect.auditing.listing import Listing, Row
from voxaffect.auditing.neighbours import neighbours
from voxaffect.auditing.properties import Properties
from voxaffect.auditing.shortcuts import Shortcuts, find
from voxaffect.auditing.twins import Comparison, Twin, compare, load_picture
from voxaffect.corpora import Sound
from voxaffect.errors import AudioError, SettingsError
from voxaffect.processes import Pool

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
StartProgress = Callable[[int, str], Callable[[], None]]
"""Called with the number of tasks and what is done in them; what it returns is called after every task."""

# Likeness from which two recordings look alike, and how much less alike than a pair they may be to count against it;
# the log-odds that a twin needs for each of them, and at most. A copy needs less, as two takes seldom have one tempo
# and pitch. All numbers here were chosen on what `twins` and `agreement` name.
_LOOK_ALIKE, _AS_ALIKE, _EACH, _MOST, _MOST_OF_COPY = 0.8, 0.05, 1.3, 17.0, 14.0

# Log-odds from which look-alikes hang together, and how many may: copies of one recording do, and takes by the dozen.
_HANGING, _CROWD = -4.0, 20

_ALONE = 32  # tasks up to which starting other processes costs more than it saves


@dataclass(frozen=True)
class Pair:
    """Two recordings of a split of which one was made from the other.

    Args:
        first: A row of the split.
        second: A later row.
        twin: How the second comes from the first; None where they are equal sample by sample, whatever the container,
            or byte by byte if they cannot be read.
    """

    first: Row
    second: Row
    twin: Twin | None

    @property
    def leaks(self) -> bool:
        """Whether the two are on different sides."""
        return self.first.side != self.second.side

    @property
    def contradicts(self) -> bool:
        """Whether their labels differ."""
        return self.first.label != self.second.label


@dataclass(frozen=True)
class Findings:
    """What an audit finds.

    Args:
        listing: The split.
        speakers: Speakers on two sides or more -> side -> number of recordings.
        sentences: Likewise.
        pairs: Equal recordings and near-twins; of several equal ones, each with one other, of another side if possible.
        unreadable: Recordings that cannot be read, and why.
        silent: Silent recordings, which are compared with none.
        short: Recordings that are too short for near-twins.
        shortcuts: What properties of the recordings of all sides tell of their labels.
    """

    listing: Listing
    speakers: dict[str, dict[str, int]]
    sentences: dict[str, dict[str, int]]
    pairs: tuple[Pair, ...]
    unreadable: tuple[tuple[Row, str], ...]
    silent: tuple[Row, ...]
    short: tuple[Row, ...]
    shortcuts: Shortcuts

    @property
    def leaks(self) -> bool:
        """Whether a speaker or a recording is on two sides, so that a test on this split would flatter."""
        return bool(self.speakers) or any(pair.leaks for pair in self.pairs)

    @property
    def passes(self) -> bool:
        """Whether there is no leak, and none can be in what was not read."""
        return not (self.leaks or self.unreadable)


def audit(
    listing: Listing, workers: int | None = None, progress: StartProgress = lambda total, what: lambda: None
) -> Findings:
    """Find speakers and recordings that are on two sides of a split, recordings that occur twice, and shortcuts.

    Args:
        listing: The split's rows.
        workers: Processes; None: one a core. Findings do not depend on it.
        progress: Called twice, before recordings are decoded and before they are compared.

    Returns:
        The findings.

    Raises:
        SettingsError: `workers` is less than 1.
    """
    workers = (os.cpu_count() or 1) if workers is None else workers
    if workers < 1:
        raise SettingsError(f"workers={workers}: choose at least 1")
    rows_of: dict[Sound, list[Row]] = defaultdict(list)
    for row in listing.rows:
        rows_of[row.sound].append(row)
    sounds = list(rows_of)
    tick = progress(len(sounds), "decoded")
    fingerprints = _map(_fingerprint, sounds, workers, lambda _: tick())
    equal: dict[bytes, list[Row]] = defaultdict(list)
    vectors: dict[bytes, Matrix] = {}
    unreadable, silent, short = [], [], []
    measured: list[tuple[Row, Properties]] = []
    for rows, result in zip(rows_of.values(), fingerprints, strict=True):
        if isinstance(result, _Unreadable):
            unreadable += [(row, result.reason) for row in rows]
            equal[result.content] += rows
            continue
        measured += [(row, result.properties) for row in rows]
        if result.silent:
            silent += rows
        else:
            equal[result.content] += rows
            if result.vectors is None:
                short += rows
            else:
                vectors[result.content] = result.vectors
    pairs = [Pair(*two, None) for rows in equal.values() for two in _equal_pairs(rows)]
    overlapping = {
        (first, second): Pair(first, second, Twin(1.0, shift=round((first.start or 0.0) - (second.start or 0.0), 3)))
        for first, second in _overlapping(listing.rows)
    }
    pairs += overlapping.values()
    groups = [equal[content] for content in vectors]
    for first, second, twin in _twins(groups, list(vectors.values()), workers, progress):
        pair = Pair(*_most_telling(groups[first], groups[second]), twin)
        if (pair.first, pair.second) not in overlapping:
            pairs.append(pair)
    return Findings(
        listing,
        _on_two_sides((row.speaker, row.side) for row in listing.rows),
        _on_two_sides((row.sentence, row.side) for row in listing.rows),
        tuple(pairs),
        tuple(unreadable),
        tuple(silent),
        tuple(short),
        find(
            [properties for _, properties in measured],
            [row.label for row, _ in measured],
            [row.speaker for row, _ in measured],
            [row.sentence for row, _ in measured],
        ),
    )


@dataclass(frozen=True)
class _Unreadable:
    """A recording that cannot be decoded. content: digest of the bytes, which are equal if the recordings are."""

    reason: str
    content: bytes


def _fingerprint(sound: Sound) -> Fingerprint | _Unreadable:
    try:
        return fingerprint(sound)
    except AudioError as error:
        reason = str(error).removeprefix(f"{sound.path}: ")
    try:
        with sound.path.open("rb") as file:
            empty = not file.read(1)
            file.seek(0)
            content = hashlib.file_digest(file, "sha256").digest()
    except OSError:
        empty, content = True, b""
    # Two files that hold nothing, or are not there, are not one recording.
    return _Unreadable(reason, repr(sound).encode() if empty or not sound.whole else b"undecoded " + content)


def _twins(
    groups: Sequence[Sequence[Row]], vectors: Sequence[Matrix], workers: int, progress: StartProgress
) -> Iterator[tuple[int, int, Twin]]:
    """Near-twins among groups of equal recordings, given a fingerprint of each: the two groups' indices, sorted."""
    scales = neighbours(np.stack(vectors)) if vectors else {}
    candidates = _in_order(scales)
    tasks = [
        (groups[first][0].sound, [(groups[second][0].sound, scales[first, second]) for second in seconds])
        for first, seconds in candidates
    ]
    load_picture.cache_clear()  # files may have changed since an earlier audit
    tick = progress(len(scales), "pairs compared")
    results = _map(_compare, tasks, workers, lambda result: [tick() for _ in result])
    comparisons = {
        (first, second): comparison
        for (first, seconds), result in zip(candidates, results, strict=True)
        for second, comparison in zip(seconds, result, strict=True)
        if comparison is not None
    }
    twins = _outstanding(comparisons)
    yield from ((*pair, twins[pair]) for pair in sorted(twins))


def _outstanding(comparisons: Mapping[tuple[int, int], Comparison]) -> dict[tuple[int, int], Twin]:
    """The pairs that are twins.

    Of two takes among many that are as alike, as those of one carrier sentence, some are alike by chance in every
    part: the more look-alikes the two have that are no twins, the more a twin must stand out, and most in a crowd.
    """
    alike = {pair: each for pair, each in comparisons.items() if each.twin.likeness >= _LOOK_ALIKE}
    crowded = _crowded(pair for pair, each in alike.items() if each.surplus >= _HANGING)
    others: dict[int, list[float]] = defaultdict(list)
    for pair, each in alike.items():
        if each.surplus < 0:
            for recording in pair:
                others[recording].append(each.twin.likeness)
    twins = {}
    for pair, comparison in comparisons.items():
        least = comparison.twin.likeness - _AS_ALIKE
        as_alike = sum(likeness >= least for recording in pair for likeness in others[recording])
        most = _MOST if comparison.twin.altered else _MOST_OF_COPY
        needed = most if pair[0] in crowded else min(_EACH * as_alike, most)
        if comparison.surplus >= needed:
            twins[pair] = comparison.twin
    return twins


def _crowded(pairs: Iterable[tuple[int, int]]) -> set[int]:
    """The recordings that hang together by these pairs in groups too large to be copies of one."""
    partners: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        partners[first].add(second)
        partners[second].add(first)
    crowded, seen = set[int](), set[int]()
    for start in partners:
        group, waiting = set[int](), {start} - seen
        while waiting:
            group |= waiting
            waiting = set[int]().union(*(partners[each] for each in waiting)) - group
        seen |= group
        if len(group) > _CROWD:
            crowded |= group
    return crowded


def _in_order(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """The firsts of pairs with their seconds, from neighbour to neighbour, so that cached pictures are soon used."""
    seconds: dict[int, list[int]] = defaultdict(list)
    neighbours_of: dict[int, list[int]] = defaultdict(list)
    for first, second in pairs:
        seconds[first].append(second)
        neighbours_of[first].append(second)
        neighbours_of[second].append(first)
    order: dict[int, None] = {}
    for start in neighbours_of:
        waiting = [start]
        while waiting:
            current = waiting.pop()
            if current not in order:
                order[current] = None
                waiting += reversed(neighbours_of[current])
    return [(first, seconds[first]) for first in order if first in seconds]


def _compare(task: tuple[Sound, list[tuple[Sound, float]]]) -> list[Comparison | None]:
    sound, candidates = task
    picture = load_picture(sound)
    return [compare(picture, load_picture(candidate), scale) for candidate, scale in candidates]


def _overlapping(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Each segment with one of the same recording, of another side, that shares some of its time."""
    place = {row: number for number, row in enumerate(rows)}
    of_file: dict[Path, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.start or 0.0):
        going_on = [other for other in of_file[row.file] if other.end is None or other.end > (row.start or 0.0)]
        of_file[row.file] = [*going_on, row]
        for other in going_on:
            apart = None not in (row.channel, other.channel) and row.channel != other.channel
            if not apart and other.side != row.side and other.sound != row.sound:
                first, second = sorted((other, row), key=lambda each: place[each])
                yield first, second
                break


def _equal_pairs(rows: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Each of several equal recordings with an earlier one, of another side or label if there is one."""
    for number, row in enumerate(rows[1:], 1):
        yield max(rows[:number], key=lambda earlier: _differences(earlier, row)), row


def _most_telling(first: Sequence[Row], second: Sequence[Row]) -> tuple[Row, Row]:
    """A recording of each group, of different sides or labels if there are such."""
    return max(((one, other) for one in first for other in second), key=lambda two: _differences(*two))


def _differences(first: Row, second: Row) -> tuple[bool, bool]:
    return first.side != second.side, first.label != second.label


def _on_two_sides(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, side in pairs:
        if name:
            counts[name][side] += 1
    return {name: dict(sides) for name, sides in sorted(counts.items()) if len(sides) > 1}


def _map(
    function: Callable[[_Item], _Result], items: Sequence[_Item], workers: int, done: Callable[[_Result], object]
) -> list[_Result]:
    """Apply a function to items, in several processes where it pays; results are in order."""
    results = []
    # One worker is another process too: NumPy's sums differ in the last bit by its threads, of which workers have one.
    with Pool(workers if len(items) > _ALONE else 0) as pool:
        for result in pool.map(function, items):
            results.append(result)
            done(result)
    return results
