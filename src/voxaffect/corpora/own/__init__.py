"""Recordings of one's own: a table, a folder for each label, a Hugging Face dataset, or an audformat database.

    a table         CSV, TSV, JSON or Parquet with a column for the file and one for the label (`tables.ROLES`)
    Hugging Face    a folder with metadata.csv, Parquet or a table for each split; see `hugging_face`
    transcripts     .vtt, .srt or .TextGrid whose texts are labels, beside a recording of that name; or a folder of both
    audformat       a folder with db.yaml
    other folders   each recording's label is the folder it lies in

Rows of tables with columns for start and end, lines of transcripts and rows of segmented tables are segments.

The speaker is in a column, or matched by a pattern in the files' names. Without either, speakers are `UNKNOWN`, and no
honest split is possible.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from voxaffect import audio
from voxaffect.audio.folders import special
from voxaffect.corpora.base import Corpus, Description
from voxaffect.corpora.own import audformat, folder, hugging_face, table, transcript
from voxaffect.corpora.own.renaming import Labels, Renaming
from voxaffect.corpora.own.row import Row
from voxaffect.corpora.own.segments import Recordings, certain, labelled, warn_of_answers
from voxaffect.corpora.utterance import UNKNOWN, Sex, Utterance
from voxaffect.errors import CorpusError, SettingsError
from voxaffect.files import tables

ENDINGS = (*tables.ENDINGS, *transcript.ENDINGS)
"""Of sources that are files."""

_SEXES: dict[str, Sex] = {
    **dict.fromkeys(("female", "f", "woman", "w"), "female"),
    **dict.fromkeys(("male", "m", "man"), "male"),
}


def load_own(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | Renaming | None = None,
) -> Corpus:
    """Load recordings of one's own; only headers are read.

    Args:
        source: A table, a transcript or a folder, as the module's description lists them, or Parquet files that are one
            table.
        columns: Role -> column, where columns have other names than `tables.ROLES`, as `{"label": "mood"}`; an empty
            column says that there is none.
        root: Of a table, the folder that its files are named from, of a transcript that of its recording (default: its
            own).
        speaker: A regular expression with one group that finds the speaker in a file's name, instead of a column.
        labels: Label -> emotion, as `{"wütend": "angry"}`, or a CSV or TSV of these two columns. Common names of
            emotions are known.

    Raises:
        SettingsError: A parameter does not fit the source, or a column or the files are not there.
        TableError: A table cannot be read, or has the speaker of some recordings only.
        TranscriptError: A transcript cannot be read, or a segment's times make no sense.
        CorpusError: There is no recording.
        MissingExtraError: The source is Parquet or audformat, whose library is not installed.
    """
    paths = [Path(each) for each in ([source] if isinstance(source, str | os.PathLike) else source)]
    lost = next((path for path in paths if not path.exists()), None)
    if lost:
        raise CorpusError(f"{lost}: does not exist; name a table or a folder of labelled recordings")
    for each in paths:
        if kind := special(each):
            raise CorpusError(f"{each}: is a {kind}; write what it gives to a file, and name that")
    path = paths[0].parent if len(paths) > 1 else paths[0]
    listing = audio.recordings(path) if path in paths and path.is_dir() else audio.Listing((), ())
    columns = dict(columns or {}) | ({"speaker": ""} if speaker else {})
    read, listed = _rows(paths, columns, Path(root) if root else None, listing)
    rows = labelled(path, listed)
    if not rows:
        besides = f" ({listing})" if listing.skipped else ""
        raise CorpusError(
            f"{path}: holds no labelled recording{besides}; put each into a folder of its label, or write a table"
        )
    name = own_name(paths)
    rows = certain(path, rows)
    warn_of_answers(path, rows)
    named = tables.speakers(speaker, [row.identity for row in rows]) if speaker else [row.speaker for row in rows]
    tables.check_gaps(
        str(path),
        "speaker",
        "fill it in, or do without by `columns` speaker=",
        [(row.where, who) for row, who in zip(rows, named, strict=True)],
    )
    renaming = labels if isinstance(labels, Renaming) else Renaming(labels)
    utterances: dict[str, Utterance] = {}
    duplicates, unreadable = [], []
    counts, sides = Counter[str](), dict[str, list[str]]()
    recordings = Recordings()
    for row, identity, who in zip(rows, _identities(name, rows), named, strict=True):
        side = tables.SIDES.get(row.split.lower())
        if identity in utterances:
            duplicates.append((utterances[identity].path, row.file))
        elif (reason := recordings.reason_unreadable(row)) is not None:
            unreadable.append((row.file, reason))
            continue
        else:
            counts[row.label] += 1
            utterances[identity] = Utterance(
                id=identity,
                path=row.file,
                speaker=f"{name}/{who or UNKNOWN}",
                sex=_SEXES.get(row.sex.lower()),
                emotion=renaming.emotion(row.label),
                text=row.sentence,
                start=row.start,
                end=row.end,
                channel=row.channel,
            )
        if side and identity not in sides.setdefault(side, []):
            sides[side].append(identity)
    if 2 * len(unreadable) > len(rows):
        remedy = "name the folder that they are in by `root`"
        if any(row.channel is not None for row in rows) and unreadable[0][0].exists():
            remedy = "correct the numbers of channels, or leave their column out by `columns` channel="
        raise SettingsError(
            f"{path}: {len(unreadable)} of its {len(rows)} files cannot be read, the first is {unreadable[0][0]} "
            f"({unreadable[0][1]}); {remedy}"
        )
    recordings.warn(path)
    files = {row.file for row in listed}
    return Corpus(
        _description(name, path),
        path,
        tuple(utterances[identity] for identity in sorted(utterances)),
        tuple(duplicates),
        tuple(unreadable),
        tuple(recording for recording in listing.recordings if recording not in files),
        {},
        tuple(file for file in listing.skipped if file not in read),
        dict(counts),
        {side: tuple(ids) for side, ids in sides.items()},
    )


def own_name(paths: Sequence[Path]) -> str:
    """What a source is called: as its folder or file, and shards as the set that they are of."""
    if hugging_face.is_shard(paths[0]):
        return hugging_face.set_name(paths[0])
    path = paths[0].resolve()
    return path.name if path.is_dir() else path.stem


def _identities(name: str, rows: Sequence[Row]) -> Iterator[str]:
    """The ids of rows; by place, where one name is of several files, as in the folders of splits."""
    files: dict[str, set[Path]] = {}
    for row in rows:
        files.setdefault(row.name, set()).add(row.file)
    for row in rows:
        yield f"{name}/{row.identity}" if len(files[row.name]) == 1 else f"{name}/{row.where}, {row.identity}"


def _description(name: str, path: Path) -> Description:
    """Of an audformat database with its licence and languages; of anything else nothing is stated."""
    header = audformat.read_header(path) if (path / "db.yaml").exists() else {}
    return Description(
        name=name,
        title=name,
        licence=str(header.get("license") or "not stated"),
        commercial=False,
        language=", ".join(map(str, header.get("languages") or ())) or "language not stated",
        url=path.name,
    )


def _rows(
    paths: Sequence[Path], columns: dict[str, str], root: Path | None, listing: audio.Listing
) -> tuple[set[Path], list[Row]]:
    """The tables that were read, and the rows."""
    path = paths[0]
    if path.is_file():
        if strange := next((each for each in paths if each.suffix.lower() not in ENDINGS), None):
            raise SettingsError(f"{strange}: is of no known kind; give one of {', '.join(ENDINGS)}, or a folder")
        return set(paths), [row for each in paths for row in _of_table(each, columns, root)]
    if root is not None:
        raise SettingsError(f"{path}: `root` is for a table; leave it out with a folder")
    if (path / "db.yaml").exists():
        return {file for file in listing.skipped if file.name.startswith("db.")}, list(audformat.rows(path, columns))
    if sets := hugging_face.tables_of(path):
        return set(sets), list(table.of_many(sets, path, columns))
    if found := transcript.in_folder(listing.recordings, path):
        return set(found), [row for each in found for row in transcript.rows(each, columns, path)]
    if set(columns) - {"speaker"}:
        raise SettingsError(f"{path}: `columns` is for a table; in a folder, folders are the labels")
    return set(), list(folder.rows(path, listing.recordings))


def _of_table(path: Path, columns: dict[str, str], root: Path | None) -> Iterator[Row]:
    if path.suffix.lower() in transcript.ENDINGS:
        yield from transcript.rows(path, columns, root)
        return
    side = hugging_face.split_of(path, path.parent) if hugging_face.is_shard(path) else ""
    for row in table.rows(path, columns, root or path.parent):
        yield replace(row, split=row.split or side)
