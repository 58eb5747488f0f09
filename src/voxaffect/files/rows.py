"""Rows as a table that other programs read: CSV, JSON lines, Parquet."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError, missing_extra
from voxaffect.files.atomic import replacing

ENDINGS = (".parquet", ".csv", ".jsonl")


def refuse(path: Path) -> None:
    """Raise SettingsError where the path's ending says nothing; MissingExtraError for Parquet without its library."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise SettingsError(f"{path}: its ending is of no table; choose {', '.join(ENDINGS)}")
    if path.is_dir():
        raise SettingsError(f"{path}: is a folder; name a file in it")
    if ending == ".parquet":
        _arrow()


def write(path: Path, columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a table, whole or not at all.

    columns: name -> str, int or float. rows: what is missing in one is left empty.

    Raises what `refuse` raises, and OSError where there is no room.
    """
    refuse(path)
    with replacing(path) as partial:
        if path.suffix.lower() == ".parquet":
            _parquet(partial, columns, rows)
            return
        with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            if path.suffix.lower() == ".jsonl":
                file.writelines(json.dumps(_whole(row), ensure_ascii=False) + "\n" for row in rows)
            else:
                table = csv.DictWriter(file, list(columns), lineterminator="\n")
                table.writeheader()
                table.writerows(_whole(row) for row in rows)


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers to four places, which is more than a probability is worth."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}


def _parquet(path: Path, columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> None:
    arrow = _arrow()
    kinds = {str: arrow.string(), int: arrow.int32(), float: arrow.float64()}
    schema = arrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    text = {name for name, kind in columns.items() if kind is str}

    def cell(name: str, value: Any) -> Any:  # a file's name need not be valid text
        return value.encode("utf-8", "backslashreplace").decode() if name in text and value is not None else value

    plain = [{name: cell(name, row.get(name)) for name in columns} for row in rows]
    arrow.parquet.write_table(arrow.Table.from_pylist(plain, schema), path)


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise missing_extra("tables", error) from error
    return pyarrow
