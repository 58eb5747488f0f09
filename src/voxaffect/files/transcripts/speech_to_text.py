"""JSON of speech recognisers, as a table with `start`, `end` and `text`."""

import json
from pathlib import Path
from typing import Any

from voxaffect.errors import TranscriptError
from voxaffect.files import tables
from voxaffect.files.tables import Table, cell

_LISTS = ("segments", "chunks", "transcription")
"""Keys of the list of segments: of Whisper, WhisperX and faster-whisper; of Transformers; of whisper.cpp."""


def speech_to_text(path: Path, text: str) -> Table:
    """The segments of a JSON file: a list of objects, an object that has one, or an object a line.

    Raises:
        TranscriptError: It is no JSON, or holds no such list.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        if getattr(error, "msg", "") == "Extra data":  # another object follows
            return tables.read(path)
        line = getattr(error, "lineno", 1)
        reason = getattr(error, "msg", "too deep")
        raise TranscriptError(f"{path}: line {line} is no JSON ({reason}); write it anew") from None
    if isinstance(content, dict):
        content = next((content[key] for key in _LISTS if key in content), None)
    if not isinstance(content, list) or not all(isinstance(segment, dict) for segment in content):
        raise TranscriptError(
            f'{path}: holds no list of segments; write {{"segments": [{{"start": 0.0, "end": 1.5}}]}}'
        )
    rows = [{key: cell(value) for key, value in _times(segment).items()} for segment in content]
    columns = tuple(dict.fromkeys(["start", "end", *(key for row in rows for key in row)]))
    return Table(
        path,
        columns,
        tuple((f"segment {number}", dict.fromkeys(columns, "") | row) for number, row in enumerate(rows, 1)),
    )


def _times(segment: dict[str, Any]) -> dict[str, Any]:
    """The segment with `start` and `end`, which Transformers and whisper.cpp call otherwise."""
    if isinstance(pair := segment.get("timestamp"), list) and len(pair) == 2:
        return {"start": pair[0], "end": pair[1], **segment}
    if isinstance(offsets := segment.get("offsets"), dict):  # milliseconds
        return {"start": _seconds(offsets.get("from")), "end": _seconds(offsets.get("to")), **segment}
    return segment


def _seconds(milliseconds: object) -> object:
    if isinstance(milliseconds, int) and abs(milliseconds) < 1e15:
        return milliseconds / 1000
    return milliseconds  # no time, which is refused where times are read
