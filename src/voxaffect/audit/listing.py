"""Any split as rows of file, side, speaker, label and sentence.

A split is one of

    JSON          what `voxaffect split` writes; a speaker on two sides is read too, since that is what to look for
    CSV, TSV      a head, and columns that `COLUMNS` names or the caller
    JSON lines    an object a line with the same keys
    a folder      `train/...`, `dev/...`, `test/...`; a recording's label is the folder it lies in, if that is below
                  the side's
"""

import csv
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voxaffect import audio
from voxaffect.corpora.base import Utterance
from voxaffect.errors import SettingsError, SplitError

COLUMNS = {"file": "file", "split": "split", "speaker": "speaker", "label": "label", "sentence": "sentence"}
"""What a table's columns are called where nobody says otherwise; `file` and `split` must be there."""

SIDES = {
    name: side
    for side, names in {
        "train": ("train", "training"),
        "dev": ("dev", "development", "val", "valid", "validation"),
        "test": ("test", "testing", "eval", "evaluation"),
    }.items()
    for name in names
}
"""Names of sides in the wild, in lower case -> ours; in a table, any other (a fold's number) is taken as it is."""

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Row:
    """A recording of a split; speaker, label and sentence are empty where the split does not tell them.

    name: how the split calls the recording, and how messages do.
    """

    name: str
    file: Path
    side: str
    speaker: str = ""
    label: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Listing:
    """A split's rows, in its own order, of two sides at least.

    labels_from: where labels come from, if that is worth telling.
    """

    name: str
    rows: tuple[Row, ...]
    labels_from: str = ""

    def __post_init__(self) -> None:
        sides = self.sides
        if len(sides) < 2:
            only = f"its only side is {sides[0]}" if sides else "it lists no recording"
            raise SplitError(f"{self.name}: {only}; a leak needs two sides, list train and test together")

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides' names: train, dev, test, then others in order."""
        found, known = {row.side for row in self.rows}, list(dict.fromkeys(SIDES.values()))
        return tuple(sorted(found, key=lambda side: (known.index(side) if side in known else len(known), side)))


def read(
    source: str | os.PathLike[str],
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    utterances: Sequence[Utterance] | None = None,
) -> Listing:
    """Read a split.

    columns: for a table, names that differ from `COLUMNS`, as `{"file": "path"}`; an empty one says there is none.
    root: for a table, the folder that its files are named from (default: the table's own).
    speaker: a regular expression with one group that finds the speaker in a recording's name, instead of a column.
    utterances: for what `voxaffect split` wrote, the corpus's utterances, which its ids name.

    Raises SettingsError where an option does not fit the split or a column or the recordings are not there; SplitError
    where the split itself cannot be read, has one side, or tells the speaker or label of some recordings only.
    """
    path = Path(source)
    kind = "folder" if path.is_dir() else path.suffix.lower()
    if kind not in ("folder", ".json", *TABLES):
        what = "is of no known kind" if path.exists() else "does not exist"
        raise SplitError(f"{path}: {what}; give .json, .csv, .tsv, .jsonl or a folder of train/ and test/")
    for option, given, fits in (
        ("--columns", columns, kind in TABLES),
        ("--root", root, kind in TABLES),
        ("--corpus", utterances, kind == ".json"),
    ):
        if given is not None and not fits:
            raise SettingsError(f"{path}: {option} is not for {'a folder' if kind == 'folder' else kind}; leave it out")
    if kind == "folder":
        found = _read_folder(path)
    elif kind == ".json":
        found = _read_json(path, utterances)
    else:
        found = _read_table(path, columns or {}, speaker is None, Path(root) if root else path.parent)
    if speaker is not None:
        found = replace(found, rows=tuple(_with_speaker(found.rows, speaker)))
    lost = [row for row in found.rows if not row.file.exists()]
    if kind in TABLES and 2 * len(lost) > len(found.rows):
        raise SettingsError(
            f"{path}: {len(lost)} of its {len(found.rows)} files are not there, the first is {lost[0].file}; name the "
            "folder that they are in with --root"
        )
    return found


def _read_folder(folder: Path) -> Listing:
    rows = []
    for file in sorted(each for each in folder.rglob("*") if each.suffix.lower() in audio.AUDIO_ENDINGS):
        parts = file.relative_to(folder).parts
        depth = next((number for number, part in enumerate(parts[:-1]) if part.lower() in SIDES), None)
        if depth is not None:
            label = parts[-2] if depth < len(parts) - 2 else ""
            rows.append(Row("/".join(parts), file, SIDES[parts[depth].lower()], label=label))
    if not rows:
        raise SplitError(f"{folder}: holds no recording below a folder train, dev or test; name the one that does")
    _refuse_gaps(
        str(folder), "label", "put all into folders of their label, or none", [(row.name, row.label) for row in rows]
    )
    return Listing(folder.name, tuple(rows), "the folders that recordings lie in" if rows[0].label else "")


def _read_json(path: Path, utterances: Sequence[Utterance] | None) -> Listing:
    try:
        content = json.loads(_text(path))
        sides = {
            side: [(str(speaker), str(identity)) for speaker, ids in content[side].items() for identity in ids]
            for side in ("train", "dev", "test")
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SplitError(
            f"{path}: is not what `voxaffect split` writes; give any other split as .csv or .jsonl"
        ) from None
    if utterances is None:
        raise SettingsError(f"{path}: names utterances and not files; say of which corpus, --corpus NAME=FOLDER")
    known = {utterance.id: utterance for utterance in utterances}
    lost = [identity for pairs in sides.values() for _, identity in pairs if identity not in known]
    if lost:
        raise SettingsError(
            f"{path}: {len(lost)} of its utterances are not in the corpus, the first is {lost[0]}; "
            "check that --corpus names the right and whole one"
        )
    return Listing(
        path.name,
        tuple(
            Row(identity, known[identity].path, side, speaker, known[identity].emotion, known[identity].text)
            for side, pairs in sides.items()
            for speaker, identity in pairs
        ),
    )


def _read_table(path: Path, columns: Mapping[str, str], wants_speaker: bool, root: Path) -> Listing:
    for role in columns:
        if role not in COLUMNS:
            raise SettingsError(f"--columns {role}={columns[role]}: {role} is none of {', '.join(COLUMNS)}")
    lines, head = _lines(path)
    names = COLUMNS | dict(columns)
    if not wants_speaker:
        names["speaker"] = ""
    for role, name in names.items():
        if name not in head:
            if role in ("file", "split") or (role in columns and name):
                raise SettingsError(
                    f"{path}: has no column {name!r}, only {', '.join(head)}; say which holds the {role}, as "
                    f"--columns {role}=NAME"
                )
            names[role] = ""
    rows = []
    for number, cells in lines:
        value = {role: str(cells.get(name, "")).strip() if name else "" for role, name in names.items()}
        for role in ("file", "split"):
            if not value[role]:
                raise SplitError(f"{path}: line {number} has no {names[role]}; fill it in or remove the line")
        side = SIDES.get(value["split"].lower(), value["split"])
        file = root / value["file"]
        rows.append((number, Row(value["file"], file, side, value["speaker"], value["label"], value["sentence"])))
    for role in ("speaker", "label"):
        remedy = f"fill it in, or do without by --columns {role}="
        _refuse_gaps(str(path), names[role], remedy, [(f"line {number}", getattr(row, role)) for number, row in rows])
    return Listing(path.name, tuple(row for _, row in rows))


def _lines(path: Path) -> tuple[list[tuple[int, dict[str, object]]], list[str]]:
    """Numbered lines, each column -> value, and the columns' names."""
    text = _text(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        first = text.split("\n", 1)[0]
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=max("\t;,", key=first.count), restval="")
        lines: list[tuple[int, dict[str, object]]] = [(table.line_num, dict(cells)) for cells in table]
        return lines, list(table.fieldnames or ["none"])
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                cells = json.loads(line)
            except ValueError:
                cells = None
            if not isinstance(cells, dict):
                raise SplitError(f"{path}: line {number} is not a JSON object; write one a line")
            lines.append((number, {key: "" if value is None else value for key, value in cells.items()}))
    return lines, list(dict.fromkeys(key for _, cells in lines for key in cells)) or ["none"]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise SplitError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise SplitError(f"{path}: is not UTF-8 text; save it as such") from None


def _refuse_gaps(where: str, column: str, remedy: str, values: Sequence[tuple[str, str]]) -> None:
    # Of a recording without a speaker nobody can say whether it leaks, and the report would look clean.
    empty = [name for name, value in values if not value]
    if empty and len(empty) < len(values):
        raise SplitError(
            f"{where}: {len(empty)} of {len(values)} recordings have no {column}, the first is {empty[0]}; {remedy}"
        )


def _with_speaker(rows: Sequence[Row], pattern: str) -> Iterator[Row]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise SettingsError(f"--speaker {pattern!r} is no regular expression ({error})") from None
    if compiled.groups != 1:
        raise SettingsError(f"--speaker {pattern!r} has {compiled.groups} groups; put ( ) around the speaker alone")
    for row in rows:
        match = compiled.search(row.name)
        if match is None or not match[1]:
            raise SettingsError(f"--speaker {pattern!r} finds no speaker in {row.name}; it must find one in every name")
        yield replace(row, speaker=match[1])
