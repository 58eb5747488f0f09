"""The one shape of a result: the columns that every command, file and `to_dict` have.

Times are in seconds with three decimals, probabilities have four. In JSON, probabilities are an object; in flat tables
a class has a column, whose prefix distinguishes a class of any name from the other columns.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from voxaffect.text import valid

COLUMNS: dict[str, type] = {
    "file": str,
    "start": float,
    "end": float,
    "channel": int,
    "speaker": str,
    "text": str,
    "emotion": str,
    "confidence": float,
}
"""Column -> type of its values; after them come the probabilities, and then `REMARKS`."""

REMARKS: dict[str, type] = {"warning": str, "error": str}
"""The last columns."""

PREFIX = "p_"
"""What the column of a class's probability begins with."""

_DECIMALS = {"start": 3, "end": 3, "confidence": 4}


def json_row(
    *,
    file: str | None,
    start: float | None = None,
    end: float | None = None,
    channel: int | None = None,
    speaker: str | None = None,
    text: str | None = None,
    emotion: str | None = None,
    confidence: float | None = None,
    probabilities: Mapping[str, float] | None = None,
    warning: str | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    """A result as a JSON object.

    Args:
        file: The recording, as it was named; None: it has no name.
        start: Seconds from its beginning.
        end: Likewise.
        channel: Counted from 0; None: all channels mixed.
        speaker: Whom a transcript names.
        text: What is said, by a transcript.
        emotion: A class, or "uncertain".
        confidence: The highest of the probabilities.
        probabilities: Class -> probability.
        warning: What is wrong with the recording, which was used as far as it goes.
        error: Why there is no result; None: there is one.

    Examples:
        >>> json_row(file="a.wav", error="a.wav: does not exist")["probabilities"] is None
        True
    """
    values = (file, start, end, channel, speaker, text, emotion, confidence)
    row: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
    for name, decimals in _DECIMALS.items():
        row[name] = None if row[name] is None else round(row[name], decimals)
    row["file"] = None if file is None else valid(file)
    row["probabilities"] = probabilities and {name: round(value, 4) for name, value in probabilities.items()}
    return row | {"warning": warning, "error": error}


def columns(classes: Sequence[str]) -> dict[str, type]:
    """The columns of a flat table, in their order: name -> type."""
    return {**COLUMNS, **{f"{PREFIX}{name}": float for name in classes}, **REMARKS}


def flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object of `json_row` as a row of a flat table."""
    probabilities = {f"{PREFIX}{name}": value for name, value in (row["probabilities"] or {}).items()}
    return {name: row[name] for name in COLUMNS} | probabilities | {name: row[name] for name in REMARKS}
