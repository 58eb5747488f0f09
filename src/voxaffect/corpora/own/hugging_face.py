"""A Hugging Face AudioFolder: a folder with metadata.csv, .jsonl or .parquet in it or in the folders of its splits."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from voxaffect.corpora.own import table
from voxaffect.corpora.own.row import Row

_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def metadata(folder: Path) -> list[Path]:
    """The tables of a folder, sorted; none where it is no AudioFolder."""
    return sorted(path for name in _METADATA for path in (*folder.glob(name), *folder.glob(f"*/{name}")))


def rows(tables: list[Path], columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of its tables, which name files from their own folder."""
    for path in tables:
        yield from table.rows(path, columns, path.parent)
