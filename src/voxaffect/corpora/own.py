"""Recordings of one's own: a table, a folder for each label, a Hugging Face AudioFolder, or an audformat database.

    a table         CSV, TSV, JSON lines or Parquet with a column for the file and one for the label (`tables.ROLES`)
    AudioFolder     a folder with metadata.csv, .jsonl or .parquet in it or in the folders of its splits
    audformat       a folder with db.yaml
    other folders   each recording's label is the folder it lies in

The speaker is in a column, or matched by a pattern in the files' names. Without either, speakers are `UNKNOWN`, and no
honest split is possible.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import audio, labels
from voxaffect.corpora.base import UNKNOWN, Corpus, Description, Sex, Utterance, reason_unreadable
from voxaffect.errors import CorpusError, SettingsError, missing_extra
from voxaffect.files import tables

ROLES = ("file", "label", "speaker", "sex", "sentence")
"""What a table's columns may hold; `file` and `label` must be there."""

_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_SEXES: dict[str, Sex] = {
    **dict.fromkeys(("female", "f", "woman", "w"), "female"),
    **dict.fromkeys(("male", "m", "man"), "male"),
}


@dataclass(frozen=True)
class _Row:
    """A recording of a source. where: how messages name it; name: the file as the source names it."""

    where: str
    name: str
    file: Path
    label: str
    speaker: str = ""
    sex: str = ""
    sentence: str = ""


def load_own(
    source: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
) -> Corpus:
    """Load recordings of one's own; only headers are read.

    Args:
        source: A table or a folder, as the module's description lists them.
        columns: Role -> column, where columns have other names than `tables.ROLES`, as `{"label": "mood"}`; an empty
            column says that there is none.
        root: Of a table, the folder that its files are named from (default: the table's own).
        speaker: A regular expression with one group that finds the speaker in a file's name, instead of a column.

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
    utterances: dict[str, Utterance] = {}
    duplicates, unreadable = [], []
    for row, who in zip(rows, named, strict=True):
        identity = f"{name}/{row.name}"
        if identity in utterances:
            duplicates.append((utterances[identity].path, row.file))
        elif (reason := reason_unreadable(row.file) if row.file.exists() else "does not exist") is not None:
            unreadable.append((row.file, reason))
        else:
            utterances[identity] = Utterance(
                id=identity,
                path=row.file,
                speaker=f"{name}/{who or UNKNOWN}",
                sex=_SEXES.get(row.sex.lower()),
                emotion=labels.canonical_emotion(row.label),
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
    )


def _description(name: str, path: Path) -> Description:
    """Of an audformat database with its licence and languages; of anything else nothing is stated."""
    header = _header(path) if (path / "db.yaml").exists() else {}
    return Description(
        name=name,
        title=name,
        licence=str(header.get("license") or "not stated"),
        commercial=False,
        language=", ".join(map(str, header.get("languages") or ())) or "language not stated",
        url=path.name,
    )


def _rows(path: Path, columns: dict[str, str], root: Path | None, from_column: bool) -> Iterator[_Row]:
    if not from_column:
        columns["speaker"] = ""
    if path.is_file():
        if path.suffix.lower() not in tables.ENDINGS:
            raise SettingsError(f"{path}: is of no known kind; give one of {', '.join(tables.ENDINGS)}, or a folder")
        yield from _of_table(path, columns, root or path.parent)
        return
    if root is not None:
        raise SettingsError(f"{path}: `root` is for a table; leave it out with a folder")
    if (path / "db.yaml").exists():
        yield from _of_audformat(path, columns)
        return
    metadata = [table for name in _METADATA for table in (*path.glob(name), *path.glob(f"*/{name}"))]
    if metadata:
        for table in sorted(metadata):
            yield from _of_table(table, columns, table.parent)
        return
    if set(columns) - {"speaker"}:
        raise SettingsError(f"{path}: `columns` is for a table; in a folder, folders are the labels")
    for file in audio.recordings(path):
        if file.parent != path:
            name = file.relative_to(path).as_posix()
            yield _Row(name, name, file, file.parent.name)


def _of_table(path: Path, columns: dict[str, str], root: Path) -> Iterator[_Row]:
    for where, value in tables.read(path).values(columns, ROLES, ("file", "label")):
        file = value.pop("file")
        yield _Row(f"{path.name}, {where}", file, root / file, **value)


def _of_audformat(folder: Path, columns: dict[str, str]) -> Iterator[_Row]:
    """Rows of an audformat database: of all its tables that list whole files, put together."""
    pickled = next((path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".pkl"), None)
    if pickled is not None:  # reading it would run whatever code is in it
        raise SettingsError(f"{pickled}: is a pickled table, which may hold code; keep CSV or Parquet alone")
    header = _header(folder)
    import audformat  # it is here: yaml comes with it

    try:
        # Not Database.load, whose own YAML loader runs what a header asks for.
        database = audformat.Database.load_header_from_yaml(header)
        filewise = {
            name: table for name, table in database.tables.items() if table.type == audformat.define.IndexType.FILEWISE
        }
        for name, table in {**database.misc_tables, **filewise}.items():  # the first may hold labels
            table.load(str(folder / f"db.{name}"))
        cells: dict[str, dict[str, str]] = {}
        sexes: dict[str, str] = {}
        for table in filewise.values():
            for file, values in table.get().astype(object).iterrows():
                known = {str(key): str(value) for key, value in values.dropna().items()}
                cells.setdefault(str(file), {}).update(known)
        for scheme in database.schemes.values():
            for speaker, about in scheme.labels.items() if isinstance(scheme.labels, dict) else ():
                sex = about.get("gender", about.get("sex", "")) if isinstance(about, dict) else ""
                sexes[str(speaker)] = str(sex)
    except (
        OSError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CorpusError(f"{folder}: cannot be read as audformat ({reason})") from None
    there = tuple(dict.fromkeys(key for values in cells.values() for key in values))
    column = tables.Table(folder / "db.yaml", there, ()).roles(columns, ROLES[1:], ("label",))
    for file, values in sorted(cells.items()):
        value = {role: values.get(name, "") for role, name in column.items()}
        if value["label"]:
            value["sex"] = value["sex"] or sexes.get(value["speaker"], "")
            yield _Row(file, file, folder / file, **value)


def _header(folder: Path) -> dict[str, Any]:
    """What db.yaml says: plain values alone, and tables that lie in its folder.

    Raises CorpusError where it says anything else, MissingExtraError without audformat.
    """
    try:
        import audformat  # noqa: F401
        import yaml
    except ImportError as error:
        raise missing_extra("tables", error) from error
    path = folder / "db.yaml"
    try:
        header = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise CorpusError(f"{path}: is not plain YAML ({reason}); remove that, a header holds no code") from None
    if not (isinstance(header, dict) and {"name", "source", "usage"} <= header.keys()):
        raise CorpusError(f"{path}: is no header of a database, which has a name, source and usage; write it anew")
    for kind in ("misc_tables", "tables"):
        for name in header[kind] if isinstance(header.get(kind), dict) else ():
            if set(str(name)) & set("/\\:"):
                raise CorpusError(f"{path}: table {name!r} could lie outside its folder; rename it without / \\ and :")
    # Names with _ are audformat's own: from which folder it reads is not for a header to say.
    return {key: value for key, value in header.items() if not str(key).startswith("_")}
