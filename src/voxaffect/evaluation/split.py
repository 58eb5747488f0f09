"""Recordings to splits: by named speakers, k folds, or a published protocol's."""

import os
from collections.abc import Iterable, Mapping

from voxaffect import splits
from voxaffect.corpora import Labels, Source, Sources, load_sources
from voxaffect.errors import check
from voxaffect.evaluation.protocols import protocol as find_protocol
from voxaffect.splits import Split

FOLDS = 5
"""Folds of which the first is the default split."""


def split(
    sources: Source | Iterable[Source],
    *,
    test: Iterable[str] | None = None,
    dev: Iterable[str] = (),
    folds: int | None = None,
    protocol: str | None = None,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | None = None,
    style: str | None = None,
) -> list[Split]:
    """Divide recordings into train, dev and test sides that share no speaker.

    Args:
        sources: Recordings and their labels, as `corpora.load_sources` takes them.
        test: The test speakers, as `ravdess/01`.
        dev: The development speakers, with `test`.
        folds: So many folds, each speaker tested once.
        protocol: A published set-up, one of `PROTOCOLS`.
        seed: Of the order in which `folds` deals speakers.
        columns: Of one's own tables: role -> column, as {"label": "mood"}.
        root: Of one's own tables: the folder that their files are named from.
        speaker: Of one's own recordings: a regular expression that finds the speaker in a file's name.
        labels: Of one's own recordings: label -> emotion, as {"wütend": "angry"}, or a CSV or TSV of these two columns.
        style: Only utterances of this style, "speech" or "song".

    Returns:
        One split of `test`; one a fold of `folds` and `protocol`; without any of these, the first of five folds.

    Raises:
        SettingsError: Two ways are named, or the speakers are unknown or too few.
        SplitError: A named speaker has no utterance.

    Examples:
        >>> split("ravdess=RAVDESS/", folds=5)[0].sizes  # doctest: +SKIP
    """
    ways = [way for way in (test, folds, protocol) if way is not None]
    check(len(ways) < 2, "`test`, `folds` and `protocol` are three ways to split; choose one")
    test, dev = None if test is None else list(test), list(dev)
    check(test != [], "`test` names no speaker; write it as ravdess/01,ravdess/02")
    check(not dev or test is not None, "`dev` goes with `test`; the other ways choose their own development speakers")
    loaded = load_sources(sources, columns=columns, root=root, speaker=speaker, labels=labels, style=style)
    check(
        loaded.speakers_known,
        "a split keeps speakers apart, and these are unknown; name them by `columns` or `speaker`",
    )
    if protocol is not None:
        return find_protocol(protocol).splits(loaded.utterances)
    if test is not None:
        return [splits.by_speaker(loaded.name, loaded.utterances, dev=dev, test=test)]
    if folds is not None:
        return splits.k_folds(f"{loaded.name}-{folds}fold", loaded.utterances, folds, seed=seed)
    return [default_split(loaded, seed=seed)]


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
