"""Recordings of one's own: a table, a folder for each label, a Hugging Face AudioFolder, or an audformat database.

    a table         CSV, TSV, JSON lines or Parquet with a column for the file and one for the label (`tables.ROLES`)
    AudioFolder     a folder with metadata.csv, .jsonl or .parquet in it or in the folders of its splits
    audformat       a folder with db.yaml
    other folders   each recording's label is the folder it lies in

The speaker is in a column, or matched by a pattern in the files' names. Without either, speakers are `UNKNOWN`, and no
honest split is possible.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from voxaffect.corpora.base import Corpus, Description, reason_unreadable
from voxaffect.corpora.own import audformat, folder, hugging_face, table
from voxaffect.corpora.own.renaming import Labels, Renaming
from voxaffect.corpora.own.row import Row
from voxaffect.corpora.utterance import UNKNOWN, Sex, Utterance
from voxaffect.errors import CorpusError, SettingsError
from voxaffect.files import tables

_SEXES: dict[str, Sex] = {
    **dict.fromkeys(("female", "f", "woman", "w"), "female"),
    **dict.fromkeys(("male", "m", "man"), "male"),
}


def load_own(
    source: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    labels: Labels | Renaming | None = None,
) -> Corpus:
    """Load recordings of one's own; only headers are read.

    Args:
        source: A table or a folder, as the module's description lists them.
        columns: Role -> column, where columns have other names than `tables.ROLES`, as `{"label": "mood"}`; an empty
            column says that there is none.
        root: Of a table, the folder that its files are named from (default: the table's own).
        speaker: A regular expression with one group that finds the speaker in a file's name, instead of a column.
        labels: Label -> emotion, as `{"wütend": "angry"}`, or a CSV or TSV of these two columns. Common names of
            emotions are known.

    Raises:
        SettingsError: A parameter does not fit the source, or a column or the files are not there.
        TableError: A table cannot be read, or has the speaker of some recordings only.
        CorpusError: There is no recording.
        MissingExtraError: The source is Parquet or audformat, whose library is not installed.
    """
    path = Path(source)
    if not path.exists():
        raise CorpusError(f"{path}: does not exist; name a table or a folder of labelled recordings")
    rows = list(_rows(path, dict(columns or {}), Path(root) if root else None, from_column=speaker is None))
    if not rows:
        raise CorpusError(f"{path}: holds no labelled recording; put each into a folder of its label, or write a table")
    name = path.resolve().stem if path.is_file() else path.resolve().name
    named = tables.speakers(speaker, [row.name for row in rows]) if speaker else [row.speaker for row in rows]
    tables.check_gaps(
        str(path),
        "speaker",
        "fill it in, or do without by `columns` speaker=",
        [(row.where, who) for row, who in zip(rows, named, strict=True)],
    )
    renaming = labels if isinstance(labels, Renaming) else Renaming(labels)
    utterances: dict[str, Utterance] = {}
    counts = Counter[str]()
    duplicates, unreadable = [], []
    for row, who in zip(rows, named, strict=True):
        identity = f"{name}/{row.name}"
        if identity in utterances:
            duplicates.append((utterances[identity].path, row.file))
        elif (reason := reason_unreadable(row.file) if row.file.exists() else "does not exist") is not None:
            unreadable.append((row.file, reason))
        else:
            counts[row.label] += 1
            utterances[identity] = Utterance(
                id=identity,
                path=row.file,
                speaker=f"{name}/{who or UNKNOWN}",
                sex=_SEXES.get(row.sex.lower()),
                emotion=renaming.emotion(row.label),
                text=row.sentence,
            )
    if 2 * len(unreadable) > len(rows):
        raise SettingsError(
            f"{path}: {len(unreadable)} of its {len(rows)} files cannot be read, the first is {unreadable[0][0]} "
            f"({unreadable[0][1]}); name the folder that they are in by `root`"
        )
    return Corpus(
        _description(name, path),
        path,
        tuple(utterances[identity] for identity in sorted(utterances)),
        tuple(duplicates),
        tuple(unreadable),
        (),
        {},
        dict(counts),
    )


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


def _rows(path: Path, columns: dict[str, str], root: Path | None, from_column: bool) -> Iterator[Row]:
    if not from_column:
        columns["speaker"] = ""
    if path.is_file():
        if path.suffix.lower() not in tables.ENDINGS:
            raise SettingsError(f"{path}: is of no known kind; give one of {', '.join(tables.ENDINGS)}, or a folder")
        return table.rows(path, columns, root or path.parent)
    if root is not None:
        raise SettingsError(f"{path}: `root` is for a table; leave it out with a folder")
    if (path / "db.yaml").exists():
        return audformat.rows(path, columns)
    if metadata := hugging_face.metadata(path):
        return hugging_face.rows(metadata, columns)
    if set(columns) - {"speaker"}:
        raise SettingsError(f"{path}: `columns` is for a table; in a folder, folders are the labels")
    return folder.rows(path)
