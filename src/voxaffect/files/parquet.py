"""Parquet, with the recordings that Hugging Face's `datasets` embeds in it: these are unpacked into the cache.

A row of Parquet cannot be read without those around it, so recordings are unpacked once, in the order of the rows, and
are files from then on.
"""

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from voxaffect.errors import TableError, missing_extra
from voxaffect.files.atomic import write_bytes, write_text
from voxaffect.files.cache import cache_folder

_ROWS = 16  # read at a time, so that memory does not grow with the table
_UNSAFE = re.compile(r'[\x00-\x1f<>:"|?*]')


def read(path: Path, names: Collection[str]) -> tuple[list[str], Iterator[tuple[int, dict[str, Any]]], set[str]]:
    """Read a table. Of embedded recordings the names alone, so that memory holds no sound.

    Args:
        path: A Parquet file.
        names: Of columns, in lower case, that hold recordings if they hold bytes.

    Returns:
        The columns; (number, column -> value) of each row, of a class its name; the columns of recordings.

    Raises:
        TableError: It cannot be read.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise missing_extra("tables", error) from error
    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            recordings = _recordings_in(schema, names)
            columns = [f"{name}.path" if name in recordings else name for name in schema.names]
            rows = file.read(columns=columns).to_pylist()
    except (ArrowException, OSError) as error:
        raise _unreadable(path, error) from None
    classes = _class_names(schema.metadata or {})

    def values(number: int, row: dict[str, Any]) -> dict[str, Any]:
        named = {column: _named(value, classes.get(column)) for column, value in row.items()}
        paths = {column: (row.get(column) or {}).get("path") for column in recordings}
        return named | {column: name or f"{path.stem} {number}" for column, name in paths.items()}

    return schema.names, ((number, values(number, row)) for number, row in enumerate(rows, 1)), recordings


def unpack(path: Path, column: str) -> list[Path | None]:
    """Unpack the recordings of a column, where that is not done yet.

    Args:
        path: A Parquet file.
        column: Of recordings, as `read` names them.

    Returns:
        The file of each row; None where a row has no bytes.

    Raises:
        TableError: The table cannot be read, or the cache has no room.
    """
    stat = path.stat()
    key = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{column}"
    folder = cache_folder() / "embedded" / f"{path.stem}-{hashlib.sha256(os.fsencode(key)).hexdigest()[:16]}"
    done = folder / "unpacked.json"
    try:
        places = [folder / name if name else None for name in json.loads(done.read_text("utf-8"))]
    except (OSError, ValueError):
        places = []
    if places and all(place is None or place.exists() for place in places):
        return places
    names: list[str] = []
    try:
        for number, (content, name) in enumerate(_recordings(path, column), 1):
            names.append(f"{number:06}/{_file_name(name)}" if content else "")
            if content and not _is_there(place := folder / names[-1], len(content)):
                write_bytes(place, content)
        write_text(done, json.dumps(names))
    except OSError as error:
        raise TableError(
            f"{path}: its recordings cannot be unpacked to {folder} ({error.strerror or error}); set VOXAFFECT_CACHE "
            "to a folder with room"
        ) from None
    return [folder / name if name else None for name in names]


def _recordings(path: Path, column: str) -> Iterator[tuple[bytes | None, str]]:
    """(bytes, name) of every row."""
    from pyarrow import ArrowException, parquet

    try:
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            for batch in file.iter_batches(_ROWS, columns=[column]):
                for value in batch.column(0).to_pylist():
                    yield (value.get("bytes"), value.get("path") or "") if isinstance(value, dict) else (value, "")
    except (ArrowException, OSError) as error:
        raise _unreadable(path, error) from None


def _file_name(name: str) -> str:
    """The last part of a path, which speakers may be found in; no other place is written to, whatever it says."""
    last = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1])[-120:]
    return last if last.strip(". ") else "recording"


def _is_there(place: Path, size: int) -> bool:
    return place.is_file() and place.stat().st_size == size


def _recordings_in(schema: Any, names: Collection[str]) -> set[str]:
    """The columns of a Parquet file's Arrow schema that hold recordings.

    A struct of `bytes` and `path` is one, plain bytes in a column of one of these names as well.
    """
    from pyarrow import types

    def holds_bytes(kind: Any) -> bool:
        return bool(types.is_binary(kind) or types.is_large_binary(kind))

    return {
        field.name
        for field in schema
        if (holds_bytes(field.type) and field.name.lower() in names)
        or (
            types.is_struct(field.type)
            and field.type.get_field_index("bytes") >= 0
            and holds_bytes(field.type.field("bytes").type)
        )
    }


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Column -> the names of its classes, where Hugging Face's libraries wrote numbers for them."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return {
            column: list(map(str, feature["names"]))
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _named(value: object, names: Sequence[str] | None) -> object:
    """A value, of a class its name; -1 stands for none."""
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None


def _unreadable(path: Path, error: Exception) -> TableError:
    return TableError(f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]}); write it anew")
