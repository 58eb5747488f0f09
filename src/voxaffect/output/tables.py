"""Results as tables: the rows of `inference.schema`, in JSON lines, CSV, Parquet and as a data frame."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from voxaffect.errors import missing_extra
from voxaffect.files import rows
from voxaffect.inference.batch import FileResult
from voxaffect.inference.results import Recognition, Segment
from voxaffect.inference.schema import columns, flat_row


def row_writer(form: str, file: TextIO, classes: Sequence[str]) -> Callable[[Mapping[str, Any]], None]:
    """What writes rows of `schema.json_row` as they come, as "csv" (with a header) or "jsonl"."""
    table = rows.CsvTable(file, columns(classes)) if form == "csv" else None

    def write(row: Mapping[str, Any]) -> None:
        if table:
            table.write(flat_row(row))
        else:
            file.write(rows.json_line(row))
        file.flush()

    return write


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

    Examples:
        >>> import voxaffect as va
        >>> frame = to_frame([va.load().recognize("examples/synthetic-voice.flac")])
        >>> list(frame.columns)[:9]
        ['file', 'start', 'end', 'channel', 'speaker', 'text', 'emotion', 'confidence', 'p_angry']
    """
    try:
        import pandas
    except ImportError as error:
        raise missing_extra("tables", error) from error
    nested = [row for result in results for row in _rows(result)]
    kinds = columns(list(dict.fromkeys(name for row in nested for name in row["probabilities"] or ())))
    frame = pandas.DataFrame([flat_row(row) for row in nested], columns=list(kinds))
    types = {str: "object", int: "Int64", float: "float64"}  # a channel may be missing, as all may be mixed
    return frame.astype({name: types[kind] for name, kind in kinds.items()})


def _rows(result: Recognition | Segment | FileResult) -> list[dict[str, Any]]:
    return result.to_dicts() if isinstance(result, FileResult) else [result.to_dict()]
