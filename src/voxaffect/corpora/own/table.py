"""A table: CSV, TSV, JSON or Parquet with a column for the file and one for the label (`tables.ROLES`).

With columns for start and end, its rows are segments. Without one for the file, they are of the recording that lies
beside the table and is called like it. A column for the channel alone makes them segments too, where its values are
numbers; with what a model answered, as results have it, they say so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from voxaffect import audio
from voxaffect.corpora.own.row import ROLES, Row
from voxaffect.corpora.own.transcript import recording_of
from voxaffect.errors import AudioError
from voxaffect.files import parquet, tables, transcripts

_ANSWER, _PROBABILITY = "emotion", "p_"  # columns of results


def rows(path: Path, columns: Mapping[str, str], root: Path, needed: tuple[str, ...] = ("label",)) -> list[Row]:
    """Its rows; recordings in it are unpacked.

    root: the folder that its files are named from; needed: roles that must have a column, besides the file's.
    """
    table = transcripts.read_table(path)
    spans, roles = transcripts.has_spans(table, columns), table.roles(columns, ROLES, needed)
    column = roles["file"]
    beside = recording_of(path, root) if spans and not column else None
    # A row without a label is one that its reader leaves out.
    filled = [role for role in (*([] if beside else ["file"]), *needed) if role != "label"]
    numbered = spans or "channel" in columns or _is_numbered(table, roles["channel"])
    unpacked = parquet.unpack(path, column) if column in table.embedded else [None] * len(table.rows)
    answers, found = _answers(table, roles["label"]), []
    for place, answer, (where, value) in zip(unpacked, answers, table.values(columns, ROLES, filled), strict=True):
        file, span = value.pop("file"), [value.pop(role) for role in transcripts.SPAN]
        about: dict[str, Any] = {**value, "answer": answer}
        if numbered:
            about |= transcripts.span_of(table, where, *span)
        if beside:
            found.append(Row(f"{path.name}, {where}", beside.name, beside, **about))
        else:
            found.append(Row(f"{path.name}, {where}", file, place or tables.locate(root, file), **about))
    # Published lists give recordings of one channel the number 0 or 1 throughout, which is no choice of a channel.
    constant = not spans and "channel" not in columns and {row.channel for row in found} in ({0}, {1})
    return [replace(row, channel=None) if constant and _has_one_channel(row.file) else row for row in found]


def of_many(paths: Mapping[Path, str], folder: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows of tables that lie in a folder and name files from where they lie themselves.

    paths: table -> the side that it is, where its rows do not say it.
    """
    for path, side in paths.items():
        place = path.relative_to(folder).parent.as_posix()
        for row in rows(path, columns, path.parent):
            where = row.where if place == "." else f"{place}/{row.where}"
            yield replace(row, where=where, split=row.split or side)


def _is_numbered(table: tables.Table, column: str) -> bool:
    """Whether a column holds numbers of channels, and not names of lines or microphones."""
    values = {cells[column] for _, cells in table.rows} - {""} if column else set()
    return bool(values) and all(re.fullmatch(r"[0-9]{1,3}(\.0)?", value) for value in values)


def _has_one_channel(file: Path) -> bool:
    try:
        return audio.header(file).channels == 1
    except AudioError:  # which its reader tells
        return True


def _answers(table: tables.Table, label: str) -> Iterator[str]:
    """What a model answered in each row: the most probable of its classes, or the label where it is as probable.

    Empty where the table has no probabilities, or a column of answers besides that of the labels.
    """
    classes = {column: column[len(_PROBABILITY) :] for column in table.columns if column.startswith(_PROBABILITY)}
    apart = label.lower() != _ANSWER and any(column.lower() == _ANSWER for column in table.columns)
    for _, cells in table.rows:
        try:
            shares = {} if apart else {classes[column]: float(cells[column]) for column in classes if cells[column]}
        except ValueError:  # another's column
            shares = {}
        highest = max(shares.values(), default=None)
        likely = [name for name, share in shares.items() if share == highest]
        yield "" if not likely else cells[label] if label and cells[label] in likely else likely[0]
