"""Rows of a source: whether their segments of recordings are there, and whether their labels are."""

import warnings
from pathlib import Path

from voxaffect import audio
from voxaffect.calibration import UNCERTAIN
from voxaffect.corpora.base import reason_unreadable
from voxaffect.corpora.own.row import Row
from voxaffect.errors import VoxaffectWarning
from voxaffect.labels import folded

_ROUNDING = 0.1  # seconds that a segment may end after its recording without a word: transcripts round their times


class Recordings:
    """The headers of recordings, each read once, however many segments are of it."""

    def __init__(self) -> None:
        self._known: dict[Path, audio.Header | str] = {}
        self._late = list[float]()  # seconds that segments end after their recording

    def reason_unreadable(self, row: Row) -> str | None:
        """Why a row's recording, or that part of it, cannot be read; None where all is well."""
        if row.file not in self._known:
            reason = reason_unreadable(row.file) if row.file.exists() else "does not exist"
            self._known[row.file] = reason or audio.header(row.file)
        header = self._known[row.file]
        if isinstance(header, str):
            return header
        duration = header.duration  # None where the recording does not tell
        if duration is not None and (row.start or 0.0) >= duration:
            return f"lasts {duration:.1f} s, not {row.sound.span}"
        if row.start is not None and row.start == row.end:
            return f"holds no samples {row.sound.span}"
        if row.channel is not None and row.channel >= header.channels:
            count = f"{header.channels} channel{'s' * (header.channels != 1)}"
            return f"has {count}, and none is number {row.channel}; they count from 0"
        if duration is not None and row.end is not None and row.end - duration > _ROUNDING:
            self._late.append(row.end - duration)
        return None

    def warn(self, source: Path) -> None:
        """Warn of segments that end after their recording."""
        if self._late:
            most = f"by {max(self._late):.1f} s at most"
            _warn(f"{source}: {len(self._late)} of its segments end after their recording, {most}; they are cut there")


def certain(source: Path, rows: list[Row]) -> list[Row]:
    """The rows but for segments that a recogniser was uncertain about: that is no emotion to learn."""
    certain = [row for row in rows if row.start is None or row.label != UNCERTAIN]
    if len(certain) < len(rows):
        _warn(f"{source}: {len(rows) - len(certain)} of its {len(rows)} segments are {UNCERTAIN}; left out")
    return certain


def labelled(source: Path, rows: list[Row]) -> list[Row]:
    """The rows that have a label."""
    there = [row for row in rows if row.label]
    if there and len(there) < len(rows):
        first = next(row.where for row in rows if not row.label)
        _warn(
            f"{source}: {len(rows) - len(there)} of its {len(rows)} rows have no label, the first is {first}; left out"
        )
    return there


def warn_of_answers(source: Path, rows: list[Row]) -> None:
    """Warn of labels that are what a model answered: a score on them is one on the model's own word."""
    sure = [row for row in rows if row.label != UNCERTAIN]
    same = sum(folded(row.label) == folded(row.answer) for row in sure)
    if same and same == len(sure):
        _warn(
            f"{source}: all {same} labels are a model's own answers, by the confidence beside them, and none looks "
            "corrected; they are no truth to score or to train on: correct them by ear"
        )
    elif same:
        _warn(
            f"{source}: {same} of its {len(sure)} labels are as a model answered and the others corrected; be sure "
            "that all were checked by ear"
        )


def _warn(message: str) -> None:
    warnings.warn(message, VoxaffectWarning, stacklevel=4)
