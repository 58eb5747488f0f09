"""Any split as rows of file, side, speaker, label and sentence.

A split is one of

    JSON          what `voxaffect split` writes; a speaker on two sides is read too, since that is what to look for
    a table       CSV, TSV, JSON lines or Parquet with columns that hold `ROLES`
    a folder      `train/...`, `dev/...`, `test/...`; a recording's label is the folder it lies in, if that is below
                  the side's
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voxaffect import audio
from voxaffect.corpora import Sound, Utterance
from voxaffect.errors import SettingsError, SplitError
from voxaffect.files import tables

ROLES = ("file", "split", "speaker", "label", "sentence")
"""What a table's columns may hold; `file` and `split` must be there."""


@dataclass(frozen=True)
class Row:
    """A recording of a split; speaker, label and sentence are empty where the split does not have them.

    name: how the split calls the recording, and how messages do; start, end, channel: of a segment of the file.
    """

    name: str
    file: Path
    side: str
    speaker: str = ""
    label: str = ""
    sentence: str = ""
    start: float | None = None
    end: float | None = None
    channel: int | None = None

    @property
    def sound(self) -> Sound:
        """Where its sound lies."""
        return Sound(self.file, self.start, self.end, self.channel)


@dataclass(frozen=True)
class Listing:
    """A split's rows, in its own order, of two sides at least.

    labels_from: where labels come from, where a column does not hold them.
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
        """The sides' names: train, dev, test, then the rest in order."""
        rank = {side: place for place, side in enumerate(dict.fromkeys(tables.SIDES.values()))}
        return tuple(sorted({row.side for row in self.rows}, key=lambda side: (rank.get(side, len(rank)), side)))


def read(
    source: str | os.PathLike[str],
    *,
    columns: Mapping[str, str] | None = None,
    root: str | os.PathLike[str] | None = None,
    speaker: str | None = None,
    utterances: Sequence[Utterance] | None = None,
) -> Listing:
    """Read a split.

    Args:
        source: A file or folder, as the module's description lists them.
        columns: Of a table, role -> column, where columns have other names than `tables.ROLES`, as `{"file": "wav"}`;
            an empty column says that there is none.
        root: Of a table, the folder that its files are named from (default: the table's own).
        speaker: A regular expression with one group that finds the speaker in a recording's name, instead of a column.
        utterances: Of what `voxaffect split` wrote, the utterances that its ids name.

    Raises:
        SettingsError: A parameter does not fit the split, or a column or the recordings are not there.
        SplitError: The split cannot be read or has one side.
        TableError: A table cannot be read, or has the speaker or label of some recordings only.
    """
    path = Path(source)
    kind = "folder" if path.is_dir() else path.suffix.lower()
    table = kind in tables.ENDINGS and kind != ".json"
    if kind != "folder" and kind not in tables.ENDINGS:
        what = "is of no known kind" if path.exists() else "does not exist"
        raise SplitError(f"{path}: {what}; give .json, .csv, .tsv, .jsonl, .parquet or a folder of train/ and test/")
    for parameter, given, fits in (
        ("columns", columns, table),
        ("root", root, table),
        ("sources", utterances, kind == ".json"),
    ):
        if given is not None and not fits:
            whose = "a folder" if kind == "folder" else kind
            raise SettingsError(f"{path}: `{parameter}` is not for {whose}; leave it out")
    if kind == "folder":
        listing = _read_folder(path)
    elif kind == ".json":
        listing = _read_json(path, utterances)
    else:
        listing = _read_table(path, columns or {}, speaker is None, Path(root) if root else path.parent)
    if speaker is not None:
        named = tables.speakers(speaker, [row.name for row in listing.rows])
        rows = (replace(row, speaker=who) for row, who in zip(listing.rows, named, strict=True))
        listing = replace(listing, rows=tuple(rows))
    lost = [row for row in listing.rows if not row.file.exists()]
    if table and 2 * len(lost) > len(listing.rows):
        raise SettingsError(
            f"{path}: {len(lost)} of its {len(listing.rows)} files are not there, the first is {lost[0].file}; name "
            "the folder that they are in by `root`"
        )
    return listing


def _read_folder(folder: Path) -> Listing:
    rows = []
    for file in audio.recordings(folder).recordings:
        parts = file.relative_to(folder).parts
        depth = next((number for number, part in enumerate(parts[:-1]) if part.lower() in tables.SIDES), None)
        if depth is not None:
            label = parts[-2] if depth < len(parts) - 2 else ""
            rows.append(Row("/".join(parts), file, tables.SIDES[parts[depth].lower()], label=label))
    if not rows:
        raise SplitError(f"{folder}: holds no recording below a folder train, dev or test; name the one that does")
    tables.check_gaps(
        str(folder), "label", "put all into folders of their label, or none", [(row.name, row.label) for row in rows]
    )
    return Listing(folder.name, tuple(rows), "the folders that recordings lie in" if rows[0].label else "")


def _read_json(path: Path, utterances: Sequence[Utterance] | None) -> Listing:
    try:
        content = json.loads(path.read_text("utf-8-sig"))
        sides = {
            side: [(str(speaker), str(identity)) for speaker, ids in content[side].items() for identity in ids]
            for side in ("train", "dev", "test")
        }
    except OSError as error:
        raise SplitError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SplitError(
            f"{path}: is not what `voxaffect split` writes; give any other split as .csv or .jsonl"
        ) from None
    if utterances is None:
        raise SettingsError(f"{path}: names utterances, not files; name the recordings that it divides by `sources`")
    known = {utterance.id: utterance for utterance in utterances}
    lost = [identity for pairs in sides.values() for _, identity in pairs if identity not in known]
    if lost:
        raise SettingsError(
            f"{path}: {len(lost)} of its utterances are not in the recordings, the first is {lost[0]}; "
            "check that `sources` names the right and whole ones"
        )
    return Listing(
        path.name,
        tuple(_row_of(known[identity], side, speaker) for side, pairs in sides.items() for speaker, identity in pairs),
    )


def _row_of(utterance: Utterance, side: str, speaker: str) -> Row:
    about = (utterance.emotion, utterance.text, utterance.start, utterance.end, utterance.channel)
    return Row(utterance.id, utterance.path, side, speaker, *about)


def _read_table(path: Path, columns: Mapping[str, str], from_column: bool, root: Path) -> Listing:
    rows = []
    table, named = tables.read(path), columns if from_column else {**columns, "speaker": ""}
    for where, value in table.values(named, ROLES, ("file", "split")):
        side = tables.SIDES.get(value["split"].lower(), value["split"])
        file = root / value["file"]
        rows.append((where, Row(value["file"], file, side, value["speaker"], value["label"], value["sentence"])))
    column = table.roles(named, ROLES, ())
    for role in ("speaker", "label"):
        remedy = f"fill it in, or do without by `columns` {role}="
        tables.check_gaps(str(path), column[role], remedy, [(where, getattr(row, role)) for where, row in rows])
    return Listing(path.name, tuple(row for _, row in rows))
