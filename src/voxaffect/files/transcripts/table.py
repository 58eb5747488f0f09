"""Tables with `start` and `end` columns, and RTTM, the table of diarisation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from voxaffect.errors import SettingsError, TranscriptError
from voxaffect.files.tables import Table
from voxaffect.files.transcripts.given import GivenSegment, given_segment

SPAN = ("start", "end", "channel")
"""What the columns of a segment may hold."""

ROLES = ("start", "end", "file", "channel", "speaker", "sentence", "label", "confidence")
"""What a table's columns may hold; `start` and `end` must be there."""


def from_table(table: Table, columns: Mapping[str, str]) -> Iterator[GivenSegment]:
    """The rows of a table. columns: role -> column, as `Table.roles` takes it.

    Raises:
        SettingsError: A column is not there.
        TranscriptError: A value is wrong.
    """
    if not table.columns:  # JSON lines of silence
        return
    table.roles(columns, ROLES, ("start", "end"))
    for where, value in table.values(columns, ROLES, ()):
        confidence = value.pop("confidence")
        try:
            sure = float(confidence) if confidence else None
        except ValueError:
            remedy = "write a number up to 1"
            raise TranscriptError(f"{table.path}: {where} has confidence {confidence!r}; {remedy}") from None
        yield given_segment(table.path, where, text=value.pop("sentence"), confidence=sure, **value)


def has_spans(table: Table, columns: Mapping[str, str]) -> bool:
    """Whether a table's rows are segments. columns: role -> column, as `Table.roles` takes it.

    Raises:
        SettingsError: It has a column for the start or for the end, but not for both.
    """
    there = table.roles({role: name for role, name in columns.items() if role in SPAN}, SPAN, ())
    for role, other in (("start", "end"), ("end", "start")):
        if there[role] and not there[other]:
            remedy = f"name it by `columns` {other}=NAME, or do without both by `columns` {role}="
            raise SettingsError(f"{table.path}: has a column {there[role]!r} and none for the {other}; {remedy}")
    return bool(there["start"])


def span_of(table: Table, where: str, start: str, end: str, channel: str) -> dict[str, Any]:
    """Start, end and channel of a row; without start and end, it is of the whole recording.

    Raises:
        TranscriptError: A value is wrong.
    """
    given = given_segment(table.path, where, start or ("" if end else "0"), end, channel=channel)
    times = {"start": given.start, "end": given.end} if start else {}
    return {**times, "channel": given.channel}


def in_seconds(table: Table) -> Table:
    """A table in seconds, where it is as Whisper writes TSV: start and end in whole milliseconds, and text."""
    if table.columns != ("start", "end", "text") or not table.rows:
        return table
    if not all(re.fullmatch(r"[0-9]{1,12}", cells[role]) for _, cells in table.rows for role in ("start", "end")):
        return table

    def seconds(cells: dict[str, str]) -> dict[str, str]:
        return cells | {role: repr(int(cells[role]) / 1000) for role in ("start", "end")}

    return replace(table, rows=tuple((where, seconds(cells)) for where, cells in table.rows))


def rttm(path: Path, text: str) -> Iterator[GivenSegment]:
    """The speakers of an RTTM file (NIST 2009): file, channel, start and duration of each.

    Most programs write channel 1 for all, which then stands for the recording; with others, they count from 1.

    Raises:
        TranscriptError: A line is wrong.
    """
    lines = [(f"line {number}", line.split()) for number, line in enumerate(text.split("\n"), 1)]
    turns = [(where, fields) for where, fields in lines if fields and fields[0] == "SPEAKER"]
    for where, fields in turns:
        if len(fields) < 8 or not re.fullmatch(r"[1-9][0-9]{0,2}", fields[2]):
            remedy = "write SPEAKER file channel start duration <NA> <NA> name"
            raise TranscriptError(f"{path}: {where} is {' '.join(fields)!r}; {remedy}")
    mixed = all(fields[2] == "1" for _, fields in turns)
    for where, (_, file, channel, start, duration, _, _, name, *_) in turns:
        first = given_segment(path, where, start, "").start
        last = given_segment(path, where, duration, "").start + first
        number = "" if mixed else str(int(channel) - 1)
        yield given_segment(path, where, start, repr(last), channel=number, speaker=name, file=file)
