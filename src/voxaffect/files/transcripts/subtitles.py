"""Subtitles: WebVTT (W3C) and SubRip (.srt)."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path

from voxaffect.errors import TranscriptError
from voxaffect.files.transcripts.given import GivenSegment, spoken

_TIMING = re.compile(r"\s*(\S+)\s+-->\s+(\S+)(?:\s.*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"<[^>]*>")
_SUBRIP_TAG = re.compile(r"</?(?:[bius]|font[^>]*)>|\{\\[^}]*\}", re.IGNORECASE)
_PREFIX = re.compile(r"\[([^\]\n]+)\]: |(channel \d{1,3}): ")  # as WhisperX and `voxaffect timeline` write it


def web_vtt(path: Path, text: str) -> Iterator[GivenSegment]:
    """The cues of a WebVTT file; its notes, styles and settings are left out.

    Raises:
        TranscriptError: It is no WebVTT, or a cue's times are wrong.
    """
    lines = text.split("\n")
    if not (lines and re.match(r"WEBVTT(\s|$)", lines[0])):
        raise TranscriptError(f"{path}: line 1 is not WEBVTT; name it .srt if it is SubRip, else write that line first")
    for block in _blocks(lines):
        if (place := _place_of_times(block)) is not None:
            where, start, end = _timing(path, *block[place])
            voice, spoken_text = _spoken("\n".join(line for _, line in block[place + 1 :]))
            yield spoken(path, where, start, end, voice, spoken_text)


def _blocks(lines: list[str]) -> Iterator[list[tuple[int, str]]]:
    """Line numbers and lines up to an empty one, or up to the times of another cue."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or ("-->" in line and _place_of_times(block) is not None):
            yield block
            block = []
        if line.strip():
            block.append((number, line))
    yield block


def _place_of_times(block: list[tuple[int, str]]) -> int | None:
    if block and re.match(r"(NOTE|STYLE|REGION)(\s|$)", block[0][1]):
        return None
    return next((place for place, (_, line) in enumerate(block) if "-->" in line), None)


def _spoken(text: str) -> tuple[str, str]:
    """Voice and plain text of a cue."""
    voices = list(dict.fromkeys(unescape(name).strip() for name in _VOICE.findall(text)))
    plain = unescape(_TAG.sub("", text)).strip()
    prefix = _PREFIX.match(plain)
    if prefix and not voices:
        voices, plain = [prefix[1] or prefix[2]], plain[prefix.end() :]
    return ", ".join(voices), plain


def subrip(path: Path, text: str) -> Iterator[GivenSegment]:
    """The cues of a SubRip file; an empty line within a text does not end it.

    Raises:
        TranscriptError: A cue's times are wrong.
    """
    lines = text.split("\n")
    timings = [number for number, line in enumerate(lines) if "-->" in line]
    for number, following in pairwise([*timings, len(lines)]):
        where, start, end = _timing(path, number + 1, lines[number])
        rest = lines[number + 1 : following]
        if following < len(lines) and rest and rest[-1].strip().isdigit():
            rest = rest[:-1]  # the number of the next cue
        plain = unescape(_SUBRIP_TAG.sub("", "\n".join(rest))).strip()
        prefix = _PREFIX.match(plain)
        voice = (prefix[1] or prefix[2]) if prefix else ""
        yield spoken(path, where, start, end, voice, plain[prefix.end() :] if prefix else plain)


def _timing(path: Path, number: int, line: str) -> tuple[str, str, str]:
    match = _TIMING.fullmatch(line)
    if match is None:
        remedy = "write 00:00:01.000 --> 00:00:02.500"
        raise TranscriptError(f"{path}: line {number} has times {line.strip()!r}; {remedy}")
    return f"line {number}", match[1], match[2]
