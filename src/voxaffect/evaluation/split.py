"""Recordings to splits: by named speakers, k folds, a published protocol's, or as the recordings are published."""

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from voxaffect import splits
from voxaffect.corpora import Labels, Source, Sources, load_sources
from voxaffect.errors import SplitError, VoxaffectWarning, check
from voxaffect.evaluation.own_protocol import is_file, read_protocol
from voxaffect.evaluation.protocols import protocol as find_protocol
from voxaffect.splits import LEAKY, SIDES, LeakySplit, Sides, Split

S = TypeVar("S", Split, LeakySplit)

FOLDS = 5
"""Folds of which the first is the default split."""


def split(
    sources: Source | Iterable[Source],
    *,
    test: Iterable[str] | None = None,
    dev: Iterable[str] = (),
    folds: int | None = None,
    protocol: str | None = None,
    given: bool = False,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    style: str | None = None,
    strict: bool = False,
) -> list[Split]:
    """Divide recordings into train, dev and test sides that share no speaker.

    Args:
        sources: Recordings and their labels, as `corpora.load_sources` takes them.
        test: The test speakers, as `ravdess/01`.
        dev: The development speakers, with `test`.
        folds: So many folds, each speaker tested once.
        protocol: A published set-up, one of `PROTOCOLS`, or the path of a TOML file of one's own.
        given: The split that the sources give, by a column or by the folders and tables of a dataset.
        seed: Of the order in which `folds` deals speakers.
        columns: Of one's own tables: role -> column, as {"label": "mood"}.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        style: Only utterances of this style, "speech" or "song".
        strict: Whether a recording whose header cannot be read is an error instead of being left out.

    Returns:
        One split of `test` and `given`; one a fold of `folds` and `protocol`; without any of these, the first of five
        folds.

    Raises:
        SettingsError: Two ways are named, or the speakers are unknown or too few.
        SplitError: A named speaker has no utterance, or the split that is given has a speaker on two sides.

    Examples:
        >>> split("ravdess=RAVDESS/", folds=5)[0].sizes  # doctest: +SKIP
    """
    ways = [way for way in (test, folds, protocol, given or None) if way is not None]
    check(len(ways) < 2, "`test`, `folds`, `protocol` and `given` are four ways to split; choose one")
    test, dev = None if test is None else list(test), list(dev)
    check(test != [], "`test` names no speaker; write it as ravdess/01,ravdess/02")
    check(not dev or test is not None, "`dev` goes with `test`; the other ways choose their own development speakers")
    own = read_protocol(protocol) if protocol is not None and is_file(protocol) else None
    labels = own.labels if own and labels is None else labels
    loaded = load_sources(
        sources, columns=columns, root=root, speaker=speaker, labels=labels, style=style, strict=strict
    )
    check(
        loaded.speakers_known,
        "a split keeps speakers apart, and these are unknown; name them by `columns` or `speaker`",
    )
    if own:
        return own.protocol(loaded.utterances).splits(loaded.utterances)
    if protocol is not None:
        return find_protocol(protocol).splits(loaded.utterances)
    if given:
        return [_given(loaded, Split)]
    if test is not None:
        return [splits.by_speaker(loaded.name, loaded.utterances, dev=dev, test=test)]
    if folds is not None:
        return splits.k_folds(f"{loaded.name}-{folds}fold", loaded.utterances, folds, seed=seed)
    return [default_split(loaded, seed=seed)]


GIVEN = "given"
"""What the split that the sources give is called where the path of one can be named."""


def find_split(split: Split | str | os.PathLike[str], loaded: Sources) -> Sides:
    """A split, one in a file, or the one that the sources give.

    Where their speakers are unknown, that is a `LeakySplit`: nobody knows whether one is on two sides.

    Raises:
        SettingsError: The sources give none.
        SplitError: It cannot be read, or has a speaker or a recording on two sides.
    """
    if isinstance(split, Split):
        return split
    if split != GIVEN:
        return Split.read(split)
    return _given(loaded, Split) if loaded.speakers_known else _given(loaded, LeakySplit, f"-{LEAKY}")


def _given(loaded: Sources, kind: type[S], ending: str = "") -> S:
    sides = loaded.sides
    check(
        "train" in sides or "test" in sides,
        f"{loaded.name}: gives no split; name its column by `columns` split=NAME, or leave the split to voxaffect",
    )
    ids = [clip.id for clips in sides.values() for clip in clips]
    if twice := next((identity for identity, times in Counter(ids).items() if times > 1), None):
        raise SplitError(f"{loaded.name}: gives {twice} on two sides; list it on one")
    if left := len(loaded.utterances) - len(ids):
        message = f"{loaded.name}: {left} of {len(loaded.utterances)} utterances are on no side and are left out"
        warnings.warn(message, VoxaffectWarning, stacklevel=3)
    return kind(
        f"{loaded.name}/{GIVEN}{ending}", **{side: splits.ids_by_speaker(sides.get(side, ())) for side in SIDES}
    )


def default_split(loaded: Sources, *, seed: int = 0) -> Split:
    """The first of five folds by speaker, or of as many as there are speakers.

    Raises:
        SettingsError: There are fewer than three speakers.
    """
    count = len({each.speaker for each in loaded.utterances})
    folds = min(FOLDS, count)
    check(
        folds >= 3,
        f"{count} speaker{'s' * (count != 1)} cannot be divided into train, dev and test; record more, or train on "
        "all of them without a score by `all_speakers`",
    )
    return splits.k_folds(f"{loaded.name}-{folds}fold", loaded.utterances, folds, seed=seed)[0]
