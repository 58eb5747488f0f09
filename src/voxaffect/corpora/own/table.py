"""A table: CSV, TSV, JSON lines or Parquet with a column for the file and one for the label (`tables.ROLES`)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from voxaffect.corpora.own.row import ROLES, Row
from voxaffect.files import tables


def rows(path: Path, columns: Mapping[str, str], root: Path) -> Iterator[Row]:
    """Its rows. root: the folder that its files are named from."""
    for where, value in tables.read(path).values(columns, ROLES, ("file", "label")):
        file = value.pop("file")
        yield Row(f"{path.name}, {where}", file, root / file, **value)
