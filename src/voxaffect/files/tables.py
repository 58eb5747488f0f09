"""Tables of recordings: CSV, TSV, JSON lines or an array, Parquet.

What a column holds is its role: the column has one of the names in `ROLES`, or the caller names it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voxaffect.errors import SettingsError, TableError
from voxaffect.files import parquet
from voxaffect.files.cells import restored
from voxaffect.text import closest

ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")

ROLES: dict[str, tuple[str, ...]] = {
    "file": ("file", "path", "file_name", "filename", "audio", "wav"),
    "split": ("split", "side"),
    "speaker": ("speaker", "speaker_id", "actor", "subject"),
    "label": ("label", "emotion", "emo"),
    "sentence": ("sentence", "text", "transcript"),
    "sex": ("sex", "gender"),
    "start": ("start",),
    "end": ("end",),
    "channel": ("channel",),
    "confidence": ("confidence",),
}
"""Role -> names of columns, in lower case, that hold it by default; the first that is there."""


SIDES: dict[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "development", "val", "valid", "validation"), "dev"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
"""Names of sides in the wild, in lower case -> ours."""

_POINTER = b"version https://git-lfs"


@dataclass(frozen=True)
class Table:
    """A table as it was read.

    rows: (place, as `line 3`; column -> value), with every column in every row.
    embedded: Columns whose recordings are embedded; their values are names.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, dict[str, str]], ...]
    embedded: frozenset[str] = frozenset()

    def roles(self, named: Mapping[str, str], wanted: Sequence[str], needed: Sequence[str]) -> dict[str, str]:
        """Which column holds what.

        Args:
            named: Role -> column, as the caller names them; an empty column says that there is none.
            wanted: All roles.
            needed: Those that must have a column.

        Returns:
            Role -> column, empty where there is none.

        Raises:
            SettingsError: A role is not wanted, or a column is not there.
        """
        for role in named:
            if role not in wanted:
                raise SettingsError(
                    f"`columns` {role}={named[role]}: {role} is none of {', '.join(wanted)}{_meant(role, wanted)}"
                )
        lower = {column.lower(): column for column in reversed(self.columns)}
        columns = {}
        for role in wanted:
            names = (named[role],) if role in named else (*self._recordings(role), *ROLES[role])
            column = next((lower[name.lower()] for name in names if name.lower() in lower), "")
            if not column and (role in needed or named.get(role)):
                raise SettingsError(
                    f"{self.path}: has no column {names[0]!r}, only {', '.join(self.columns) or 'none'}; name the "
                    f"one that holds the {role}, as `columns` {role}=NAME{_meant(names[0], self.columns)}"
                )
            if self.columns.count(column) > 1:
                raise SettingsError(f"{self.path}: has two columns {column!r}; rename one")
            columns[role] = column
        return columns

    def _recordings(self, role: str) -> list[str]:
        """Columns that hold recordings: better than the names of files that lie elsewhere, or nowhere."""
        there = [column for column in self.columns if column in self.embedded] if role == "file" else []
        return sorted(there, key=lambda column: column.lower() not in ROLES["file"])

    def values(
        self, named: Mapping[str, str], wanted: Sequence[str], needed: Sequence[str]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """Where a row is and role -> its value, of every row; parameters as of `roles`.

        Raises:
            SettingsError: As `roles` does.
            TableError: A row has no value of a needed role.
        """
        columns = self.roles(named, wanted, needed)
        for where, cells in self.rows:
            values = {role: cells[column] if column else "" for role, column in columns.items()}
            if missing := [role for role in needed if not values[role]]:
                raise TableError(f"{self.path}: {where} has no {columns[missing[0]]}; fill it in or remove the line")
            yield where, values


def read(path: Path) -> Table:
    """Read a table.

    Raises:
        TableError: It cannot be read.
        MissingExtraError: It is Parquet, whose library is not installed.
    """
    _check_pointer(path)
    ending, recordings = path.suffix.lower(), set[str]()
    columns: Sequence[str]
    rows: Rows
    if ending == ".parquet":
        columns, values, recordings = parquet.read(path, ROLES["file"])
        rows = ((f"row {number}", {key: cell(value) for key, value in row.items()}) for number, row in values)
    elif ending in (".csv", ".tsv"):
        columns, rows = _separated(_text(path))
    else:
        columns, rows = _json(path)
    whole = tuple((where, {column: row.get(column, "") for column in columns}) for where, row in rows)
    return Table(path, tuple(columns), whole, frozenset(recordings))


def locate(root: Path, file: str) -> Path:
    """The file that a table names from a folder; if it is not there, from the current one, as results name files."""
    place = root / file
    return place if place.exists() or not Path(file).exists() else Path(file)


def pairs(path: Path) -> list[tuple[str, str]]:
    """The first two cells of every row, of a table without a header.

    Raises:
        TableError: It is not CSV or TSV, cannot be read, or a row has not two cells.
    """
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise TableError(f"{path}: is not CSV or TSV; write two columns with a comma or a tab between")
    text = _text(path)
    rows = []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), 1):
        cells = [restored(cell).strip() for cell in row]
        if any(cells):
            if len(cells) < 2 or not all(cells[:2]):
                raise TableError(f"{path}: line {number} has not two cells; write both, with a comma or a tab between")
            rows.append((cells[0], cells[1]))
    return rows


def check_gaps(where: str, column: str, remedy: str, values: Sequence[tuple[str, str]]) -> None:
    """Check that all values of a column are there, or none: of a recording without a speaker, a leak would not show.

    Args:
        where: The table, as the message names it.
        column: The column, likewise.
        remedy: How the message ends.
        values: (name of the row in the message, value) of every row.

    Raises:
        TableError: Some values are empty and some are not.
    """
    empty = [name for name, value in values if not value]
    if empty and len(empty) < len(values):
        count = f"{len(empty)} of {len(values)} recordings have no {column}, the first is {empty[0]}"
        raise TableError(f"{where}: {count}; {remedy}")


def speakers(pattern: str, names: Sequence[str]) -> list[str]:
    """The speaker in each recording's name, by a regular expression with one group.

    Raises:
        SettingsError: It is no such expression, or finds no speaker in a name.

    Examples:
        >>> speakers("Actor_([0-9]+)/", ["Actor_01/a.wav"])
        ['01']
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise SettingsError(f"`speaker` {pattern!r} is no regular expression ({error})") from None
    if compiled.groups != 1:
        raise SettingsError(f"`speaker` {pattern!r} has {compiled.groups} groups; put ( ) around the speaker alone")
    matched = []
    for name in names:
        match = compiled.search(name)
        if match is None or not match[1]:
            raise SettingsError(f"`speaker` {pattern!r} finds no speaker in {name}; it must find one in every name")
        matched.append(match[1])
    return matched


Rows = Iterator[tuple[str, dict[str, str]]]


def _separated(text: str) -> tuple[Sequence[str], Rows]:
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text), restval="")
    columns = [column for column in table.fieldnames or () if column]
    return columns, (
        (f"line {table.line_num}", {key: restored(str(row[key])).strip() for key in columns}) for row in table
    )


def _delimiter(text: str) -> str:
    return max("\t;,", key=text.split("\n", 1)[0].count)


def _json(path: Path) -> tuple[Sequence[str], Rows]:
    """Of lines that are objects, or of an array of objects, whatever the file is called."""
    text = _text(path)
    if text.lstrip().startswith("["):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise TableError(f"{path}: is not JSON ({error}); write it anew") from None
        named = [(f"row {number}", row) for number, row in enumerate(content, 1)]
    else:
        named = [(f"line {number}", _object(line)) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    rows = []
    for where, row in named:
        if not isinstance(row, dict):
            raise TableError(f"{path}: {where} is not a JSON object; write one a line, or an array of them")
        rows.append((where, {key: cell(value) for key, value in _flat(row).items()}))
    return list(dict.fromkeys(key for _, row in rows for key in row)), iter(rows)


def _flat(row: dict[str, object]) -> dict[str, object]:
    """With the probabilities of results in columns of their own, as they are in CSV."""
    named = row.get("probabilities")
    return row | {f"p_{name}": value for name, value in named.items()} if isinstance(named, dict) else row


def _check_pointer(path: Path) -> None:
    with suppress(OSError), path.open("rb") as file:  # of what cannot be read, the reader of its kind says why
        if file.read(len(_POINTER)) == _POINTER:
            raise TableError(f"{path}: is a Git LFS pointer, not the table: run git lfs pull")


def _object(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _meant(name: str, names: Sequence[str]) -> str:
    near = closest(name, names)
    return f"; did you mean {near}?" if near else ""


def cell(value: object) -> str:
    """A value as text; empty where it is None."""
    # Of what Hugging Face's libraries write of an audio column, the path.
    if isinstance(value, dict) and "path" in value:
        value = value["path"]
    return "" if value is None else str(value).strip()


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # a carriage return in a name stays one
            return file.read()
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise TableError(f"{path}: is not UTF-8 text; save it as such") from None
