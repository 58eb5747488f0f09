"""Results as tables: the rows of `inference.schema`, in JSON lines, CSV, Parquet and as a data frame."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

from voxaffect.errors import missing_extra
from voxaffect.files import rows
from voxaffect.inference.batch import FileResult
from voxaffect.inference.results import Recognition, Segment
from voxaffect.inference.schema import columns, flat_row


class RowWriter(Protocol):
    """Writes rows of `schema.json_row` as they come."""

    def __init__(self, file: TextIO, classes: Sequence[str]) -> None: ...

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row."""


class JsonLines:
    """Writes a JSON object a line."""

    def __init__(self, file: TextIO, classes: Sequence[str]) -> None:
        self._file = file

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row."""
        self._file.write(rows.json_line(row))
        self._file.flush()


class Csv:
    """Writes a header, and a flat row a line."""

    def __init__(self, file: TextIO, classes: Sequence[str]) -> None:
        self._file, self._table = file, rows.CsvWriter(file, columns(classes))

    def write(self, row: Mapping[str, Any]) -> None:
        """Write a row."""
        self._table.write(flat_row(row))
        self._file.flush()


WRITERS: dict[str, type[RowWriter]] = {"csv": Csv, "jsonl": JsonLines}
"""Name of a format -> what writes it, made of an open file and the classes."""


def write(path: Path, classes: Sequence[str], table: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of `schema.json_row` to a .jsonl, .csv or .parquet file, whole or not at all.

    Raises:
        SettingsError: The ending is of no table.
        MissingExtraError: It is Parquet, and the library is missing.
        OSError: There is no room.
    """
    nested = path.suffix.lower() == ".jsonl"
    rows.write(path, columns(classes), table if nested else [flat_row(row) for row in table])


def to_frame(results: Iterable[Recognition | Segment | FileResult]) -> Any:
    """Results as a pandas.DataFrame, with the columns that every file of voxaffect has.

    Args:
        results: What `recognize`, `timeline`, `stream` and `recognize_many` return.

    Raises:
        MissingExtraError: pandas is missing; the extra `tables` brings it.

    Example:
        >>> import voxaffect as va
        >>> frame = to_frame([va.load().recognize("examples/synthetic-voice.flac")])
        >>> list(frame.columns)[:7]
        ['file', 'start', 'end', 'channel', 'emotion', 'confidence', 'p_angry']
    """
    try:
        import pandas
    except ImportError as error:
        raise missing_extra("tables", error) from error
    nested = [row for each in results for row in _rows(each)]
    kinds = columns(list(dict.fromkeys(name for row in nested for name in row["probabilities"] or ())))
    frame = pandas.DataFrame([flat_row(row) for row in nested], columns=list(kinds))
    types = {str: "object", int: "Int64", float: "float64"}  # a channel may be missing, as all may be mixed
    return frame.astype({name: types[kind] for name, kind in kinds.items()})


def _rows(result: Recognition | Segment | FileResult) -> list[dict[str, Any]]:
    return result.to_dicts() if isinstance(result, FileResult) else [result.to_dict()]
