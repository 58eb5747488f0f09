"""Transcripts: files that name segments of a recording, by start and end.

    .srt, .vtt          subtitles, with the voices of WebVTT
    .TextGrid           Praat, a tier a speaker
    .json               Whisper, WhisperX, faster-whisper, whisper.cpp, Transformers
    .tsv                Whisper, in milliseconds
    .csv, .tsv, .jsonl, .parquet    tables with a column for the start and one for the end (`tables.ROLES`)
    .rttm               who speaks when

`voxaffect timeline` writes most of them, and they read back.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from voxaffect.errors import TranscriptError
from voxaffect.files import tables
from voxaffect.files.transcripts.given import GivenSegment
from voxaffect.files.transcripts.speech_to_text import speech_to_text
from voxaffect.files.transcripts.subtitles import subrip, web_vtt
from voxaffect.files.transcripts.table import SPAN, from_table, has_spans, in_seconds, rttm, span_of
from voxaffect.files.transcripts.text_grid import text_grid

__all__ = ["ENDINGS", "SPAN", "GivenSegment", "has_spans", "read", "read_table", "span_of"]

_READERS = {".srt": subrip, ".vtt": web_vtt, ".textgrid": text_grid, ".rttm": rttm}

ENDINGS = (*_READERS, *tables.ENDINGS)


def read(path: str | os.PathLike[str], columns: Mapping[str, str] | None = None) -> tuple[GivenSegment, ...]:
    r"""The segments that a transcript names, in its order.

    Args:
        path: Of the transcript; its ending says what it is.
        columns: Of a table: role -> column, where columns have other names than `tables.ROLES`.

    Raises:
        TranscriptError: It cannot be read, or something in it is wrong.
        TableError: A table cannot be read.
        SettingsError: A column is not there.
        MissingExtraError: It is Parquet, whose library is not installed.

    Examples:
        >>> from tempfile import NamedTemporaryFile
        >>> with NamedTemporaryFile(suffix=".vtt") as file:
        ...     _ = file.write(b"WEBVTT\n\n00:01.000 --> 00:02.500\n<v Anna>Hello.\n")
        ...     file.flush()
        ...     read(file.name)[0].speaker
        'Anna'
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending in tables.ENDINGS:
        return tuple(from_table(read_table(path), columns or {}))
    if ending not in _READERS:
        raise TranscriptError(f"{path}: its ending is of no transcript; give one of {', '.join(ENDINGS)}")
    return tuple(_READERS[ending](path, _text(path)))


def read_table(path: Path) -> tables.Table:
    """A table, or the segments in the JSON of a speech recogniser as one.

    Raises:
        TranscriptError, TableError: It cannot be read.
        MissingExtraError: It is Parquet, whose library is not installed.
    """
    if path.suffix.lower() == ".json":
        return speech_to_text(path, _text(path))
    table = tables.read(path)
    return in_seconds(table) if path.suffix.lower() == ".tsv" else table


def _text(path: Path) -> str:
    """UTF-8, or UTF-16 with a mark as Praat writes it; lines end as they may."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    try:
        marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        return content.decode("utf-16" if marked else "utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise TranscriptError(f"{path}: is not UTF-8 text; save it as such") from None
