"""A table: CSV, TSV, JSON or Parquet with a column for the file and one for the label (`tables.ROLES`)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from voxaffect.corpora.own.row import ROLES, Row
from voxaffect.files import embedded, tables


def rows(path: Path, columns: Mapping[str, str], root: Path) -> Iterator[Row]:
    """Its rows; recordings in it are unpacked. root: the folder that its files are named from."""
    table = tables.read(path)
    column = table.roles(columns, ROLES, ("file", "label"))["file"]
    unpacked = embedded.unpack(path, column) if column in table.embedded else [None] * len(table.rows)
    for place, (where, value) in zip(unpacked, table.values(columns, ROLES, ("file", "label")), strict=True):
        file = value.pop("file")
        yield Row(f"{path.name}, {where}", file, place or root / file, **value)


def of_many(paths: Mapping[Path, str], folder: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of tables that lie in a folder and name files from where they lie themselves.

    paths: table -> the side that it is, where its rows do not say it.
    """
    for path, side in paths.items():
        place = path.relative_to(folder).parent.as_posix()
        for row in rows(path, columns, path.parent):
            where = row.where if place == "." else f"{place}/{row.where}"
            yield replace(row, where=where, split=row.split or side)
