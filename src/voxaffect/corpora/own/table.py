"""A table: CSV, TSV, JSON or Parquet with a column for the file and one for the label (`tables.ROLES`).

With columns for start and end, its rows are segments. Without one for the file, they are of the recording that lies
beside the table and is called like it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from voxaffect.corpora.own.row import ROLES, Row
from voxaffect.corpora.own.transcript import recording_of
from voxaffect.files import parquet, tables, transcripts


def rows(path: Path, columns: Mapping[str, str], root: Path, needed: tuple[str, ...] = ("label",)) -> Iterator[Row]:
    """Its rows; recordings in it are unpacked.

    root: the folder that its files are named from; needed: roles that must have a column, besides the file's.
    """
    table = transcripts.read_table(path)
    spans, column = transcripts.has_spans(table, columns), table.roles(columns, ROLES, needed)["file"]
    beside = recording_of(path, root) if spans and not column else None
    needed = needed if beside else ("file", *needed)
    unpacked = parquet.unpack(path, column) if column in table.embedded else [None] * len(table.rows)
    for place, (where, value) in zip(unpacked, table.values(columns, ROLES, needed), strict=True):
        file, span = value.pop("file"), [value.pop(role) for role in transcripts.SPAN]
        about: dict[str, Any] = {**value}
        if spans or "channel" in columns:
            about |= transcripts.span_of(table, where, *span)
        if beside:
            yield Row(f"{path.name}, {where}", beside.name, beside, **about)
        else:
            yield Row(f"{path.name}, {where}", file, place or tables.locate(root, file), **about)


def of_many(paths: Mapping[Path, str], folder: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of tables that lie in a folder and name files from where they lie themselves.

    paths: table -> the side that it is, where its rows do not say it.
    """
    for path, side in paths.items():
        place = path.relative_to(folder).parent.as_posix()
        for row in rows(path, columns, path.parent):
            where = row.where if place == "." else f"{place}/{row.where}"
            yield replace(row, where=where, split=row.split or side)
