"""Rows as text that other programs read: CSV (RFC 4180), JSON lines, Parquet."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from voxaffect.errors import SettingsError, missing_extra
from voxaffect.files.atomic import replacing
from voxaffect.files.cells import harmless
from voxaffect.text import as_json

ENDINGS = (".parquet", ".csv", ".jsonl")


def json_line(row: Mapping[str, Any]) -> str:
    """A row as a JSON object in one line, with its end; control characters are escaped."""
    return as_json(row) + "\n"


class CsvTable:
    """Writes rows as CSV, the header at once; what is None or missing in a row is left empty.

    Args:
        file: Opened for text, without translation of line ends.
        columns: Their names.
    """

    def __init__(self, file: TextIO, columns: Iterable[str]) -> None:
        # Lines end as RFC 4180 has them; the csv module then quotes a carriage return in a name as well.
        self._table = csv.DictWriter(file, list(columns), lineterminator="\r\n")
        self._table.writeheader()

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row."""
        self._table.writerow({name: harmless(value) for name, value in row.items()})


def refuse(path: Path) -> None:
    """Refuse a path that no table can be written to.

    Raises:
        SettingsError: Its ending is of no table, or it is a folder.
        MissingExtraError: It is Parquet, and the library is missing.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise SettingsError(f"{path}: its ending is of no table; choose {', '.join(ENDINGS)}")
    if path.is_dir():
        raise SettingsError(f"{path}: is a folder; name a file in it")
    if ending == ".parquet":
        _arrow()


def write(path: Path, columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a table, whole or not at all.

    Args:
        path: Whose ending says the format.
        columns: Name -> str, int or float, for CSV and Parquet.
        rows: What is None or missing in one is left empty, and null in Parquet.

    Raises:
        SettingsError: As `refuse` does.
        MissingExtraError: As `refuse` does.
        OSError: There is no room.
    """
    refuse(path)
    with replacing(path) as partial:
        if path.suffix.lower() == ".parquet":
            _parquet(partial, columns, rows)
            return
        with partial.open("w", encoding="utf-8", newline="") as file:
            if path.suffix.lower() == ".jsonl":
                file.writelines(map(json_line, rows))
            else:
                table = CsvTable(file, columns)
                for row in rows:
                    table.write(row)


def _parquet(path: Path, columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> None:
    arrow = _arrow()
    types = {str: arrow.string(), int: arrow.int32(), float: arrow.float64()}
    schema = arrow.schema([(name, types[kind]) for name, kind in columns.items()])
    arrow.parquet.write_table(arrow.Table.from_pylist([dict(row) for row in rows], schema), path)


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise missing_extra("tables", error) from error
    return pyarrow
