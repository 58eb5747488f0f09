"""Read a split as it is published.

A split is one of

    JSON            what `voxaffect split` writes; a speaker on two sides is read too, since that is what to look for
    a table         CSV, TSV, JSON lines or an array, Parquet, with columns that hold `ROLES`
    a table a side  as train.csv and test.csv: a file's name says which side, or `train=FILE` does
    a folder        `train/...`, `dev/...`, `test/...`: a table in them or a table a side lists the recordings, or they
                    lie there, in folders of their label or in none
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from voxaffect import audio
from voxaffect.auditing.listing import Listing, Row
from voxaffect.corpora import Corpus, Utterance
from voxaffect.corpora.own import hugging_face, table
from voxaffect.errors import SettingsError, SplitError
from voxaffect.files import tables

Split = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A split: its path, or a path for each side, as `train=FILE` where the file's name does not say the side."""


@dataclass(frozen=True)
class _Part:
    """What a file or folder of a split holds; parameters as of `Listing`."""

    rows: tuple[Row, ...]
    labels_from: str = ""
    notes: tuple[str, ...] = ()


def read(
    split: Split,
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    corpora: Sequence[Corpus] | None = None,
) -> Listing:
    """Read a split.

    Args:
        split: A file or folder, or one for each side, as the module's description lists them.
        columns: Of tables, role -> column, where columns have other names than `tables.ROLES`, as `{"file": "wav"}`;
            an empty column says that there is none.
        root: Of tables, the folder that their files are named from (default: each table's own).
        speaker: A regular expression with one group that finds the speaker in a recording's name, instead of a column.
        corpora: Of what `voxaffect split` wrote, the recordings that its ids name.

    Raises:
        SettingsError: A parameter does not fit the split, or a column or the recordings are not there.
        SplitError: The split cannot be read or has one side.
        TableError: A table cannot be read, or has the speaker or label of some recordings only.
        TranscriptError: A segment's times are wrong.
    """
    given = [split] if isinstance(split, str | os.PathLike) else list(split)
    ours = len(given) == 1 and divides_sources(given[0])
    sides = [_side_and_path(each, len(given) > 1) for each in given]
    for number, (_, path) in enumerate(sides):
        if path in [earlier for _, earlier in sides[:number]]:
            raise SettingsError(f"{path}: is named twice; name each side once")
        listed = not ours and (not path.is_dir() or bool(hugging_face.tables_of(path)))
        given_and_fits = {"columns": (columns, listed), "root": (root, listed), "sources": (corpora, ours)}
        for parameter, (value, fits) in given_and_fits.items():
            if value is not None and not fits:
                remedy = "name all sides in one list" if parameter == "sources" else "leave it out"
                raise SettingsError(f"{path}: `{parameter}` is not for {_kind(path)}; {remedy}")
    if ours:
        parts = [_Part(tuple(_ours(sides[0][1], corpora)))]
    else:
        how = dict(columns or {}) if speaker is None else {**(columns or {}), "speaker": ""}
        parts = [_part(path, side, how, Path(root) if root else None) for side, path in sides]
    name = " + ".join(path.name for _, path in sides)
    rows = [row for part in parts for row in part.rows]
    if speaker is not None:
        named = tables.speakers(speaker, [row.name for row in rows])
        rows = [replace(row, speaker=who) for row, who in zip(rows, named, strict=True)]
    for role in ("speaker", "label") if len(parts) > 1 else ():
        remedy = f"fill it in, or do without by `columns` {role}="
        tables.check_gaps(name, role, remedy, [(row.name, getattr(row, role)) for row in rows])
    labels_from = next((part.labels_from for part in parts if part.labels_from), "")
    return Listing(name, tuple(rows), labels_from, tuple(note for part in parts for note in part.notes))


def divides_sources(split: str | os.PathLike[str]) -> bool:
    """Whether a file is what `voxaffect split` writes, so that other files hold the recordings that it divides.

    Raises:
        SplitError: It is JSON, but neither that nor a table; or it cannot be read.
    """
    path = Path(split)
    if path.suffix.lower() != ".json" or path.is_dir():
        return False
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise SplitError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except ValueError:
        text = ""
    if isinstance(_parsed(text), list) or (_parsed(text) is None and _parsed(text.lstrip().partition("\n")[0])):
        return False  # a table, of an array or of an object a line
    if not _is_ours(_parsed(text)):
        raise SplitError(f"{path}: is not what `voxaffect split` writes; give any other split as .csv or .jsonl")
    return True


def _parsed(text: str) -> Any:
    """JSON, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_ours(content: Any) -> bool:
    sides = [content.get(side) for side in ("train", "dev", "test")] if isinstance(content, dict) else [None]
    return all(isinstance(side, dict) and all(isinstance(ids, list) for ids in side.values()) for side in sides)


def _side_and_path(named: str | os.PathLike[str], several: bool) -> tuple[str, Path]:
    """The side that a file or folder holds, empty where it holds several, and its path."""
    side, equals, file = str(named).partition("=")
    if equals and not Path(named).exists():
        return tables.SIDES.get(side.lower(), side), Path(file)
    path = Path(named)
    return (_side_of(hugging_face.split_of(path, path.parent)) if several else ""), path


def _kind(path: Path) -> str:
    """`a folder`, or the ending of a file."""
    if path.is_dir():
        return "a folder"
    if path.suffix.lower() not in tables.ENDINGS or not path.exists():
        what = "is of no known kind" if path.exists() else "does not exist"
        raise SplitError(f"{path}: {what}; give .json, .csv, .tsv, .jsonl, .parquet or a folder of train/ and test/")
    return path.suffix.lower()


def _ours(path: Path, corpora: Sequence[Corpus] | None) -> Iterator[Row]:
    """What `voxaffect split` wrote."""
    if corpora is None:
        raise SettingsError(f"{path}: names utterances, not files; name the recordings that it divides by `sources`")
    content = json.loads(path.read_text("utf-8-sig"))
    known = {clip.id: clip for corpus in corpora for clip in corpus.utterances}
    unreadable = {identity: file for corpus in corpora for identity, file in _unreadable(corpus)}
    ids = [
        (str(identity), side, str(speaker))
        for side in ("train", "dev", "test")
        for speaker, identities in content[side].items()
        for identity in identities
    ]
    ids = [(identity if identity in known else identity.partition("#")[0], side, who) for identity, side, who in ids]
    lost = [identity for identity, _, _ in ids if identity not in known and identity not in unreadable]
    if lost:
        raise SettingsError(
            f"{path}: {len(lost)} of its utterances are not in the recordings, the first is {lost[0]}; "
            "check that `sources` names the right and whole ones"
        )
    for identity, side, speaker in ids:
        if identity in known:
            yield _row_of(known[identity], side, speaker)
        else:
            yield Row(identity, unreadable[identity], side, speaker)


def _unreadable(corpus: Corpus) -> Iterator[tuple[str, Path]]:
    """Recordings that a corpus left out, under each id that they may have."""
    for file, _ in corpus.unreadable:
        for identity in (file.stem, *("/".join(file.parts[number:]) for number in range(len(file.parts)))):
            yield f"{corpus.description.name}/{identity}", file


def _row_of(clip: Utterance, side: str, speaker: str) -> Row:
    about = (clip.emotion, clip.text, clip.start, clip.end, clip.channel)
    return Row(clip.id, clip.path, side, speaker, *about)


def _table(path: Path, side: str, columns: Mapping[str, str], root: Path | None) -> Iterator[Row]:
    """The rows of a table, all of one side where one is named."""
    needed = () if side else ("split",)
    try:
        listed = list(table.rows(path, columns, root or path.parent, needed))
    except SettingsError as error:
        if "'split'" not in str(error):
            raise
        raise SettingsError(f"{error}; or give a table for each side, as train={path.name}") from None
    for role in ("speaker", "label"):  # of a recording without a speaker, a leak would not show
        remedy = f"fill it in, or do without by `columns` {role}="
        tables.check_gaps(str(path), role, remedy, [(row.where, getattr(row, role)) for row in listed])
    lost = [row for row in listed if not row.file.exists()]
    if 2 * len(lost) > len(listed):
        raise SettingsError(
            f"{path}: {len(lost)} of its {len(listed)} files are not there, the first is {lost[0].file}; name the "
            "folder that they are in by `root`"
        )
    for row in listed:
        its_side = side or tables.SIDES.get(row.split.lower(), row.split)
        about = (row.speaker, row.label, row.sentence, row.start, row.end, row.channel)
        yield Row(row.identity, row.file, its_side, *about)


def _part(path: Path, side: str, columns: Mapping[str, str], root: Path | None) -> _Part:
    """What a file or folder holds, all of one side where one is named."""
    if _kind(path) != "a folder":
        return _Part(tuple(_table(path, side, columns, root)))
    if listed := hugging_face.tables_of(path):
        named = {file: side or _side_of(its_side) for file, its_side in listed.items()}
        return _Part(tuple(row for file, its_side in named.items() for row in _table(file, its_side, columns, root)))
    return _recordings(path, side)


def _side_of(name: str) -> str:
    """A side by any of its names, empty where it is none."""
    return tables.SIDES.get(name.lower(), "")


def _recordings(folder: Path, side: str) -> _Part:
    found = audio.recordings(folder)
    rows, outside = [], 0
    for file in found.recordings:
        parts = file.relative_to(folder).parts
        depth = next((number for number, part in enumerate(parts[:-1]) if part.lower() in tables.SIDES), None)
        if side:
            rows.append(Row("/".join(parts), file, side, label=parts[-2] if len(parts) > 1 else ""))
        elif depth is not None:
            label = parts[-2] if depth < len(parts) - 2 else ""
            rows.append(Row("/".join(parts), file, _side_of(parts[depth]), label=label))
        else:
            outside += 1
    if not rows:
        raise SplitError(f"{folder}: holds no recording below a folder train, dev or test; name the one that does")
    remedy = "put all into folders of their label, or none"
    tables.check_gaps(str(folder), "label", remedy, [(row.name, row.label) for row in rows])
    notes = [str(found)] if found.skipped else []
    if outside:
        some = f"{outside} recordings are" if outside > 1 else "1 recording is"
        notes.append(f"{some} in no folder train, dev or test")
    return _Part(tuple(rows), "the folders that recordings lie in" if rows[0].label else "", tuple(notes))
