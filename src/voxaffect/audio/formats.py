"""Formats of recordings, by their first bytes: a name may end with anything."""

import codecs
import re
from typing import Literal

from voxaffect.audio import mpeg_frames

Format = Literal[
    "wav", "w64", "aiff", "au", "caf", "nist", "flac", "ogg", "mpeg",
    "mov", "matroska", "asf", "avi", "flv", "mpegts", "mpegps", "amr", "ac3", "aac", "wv",
]  # fmt: skip
"""Containers and streams that can be read; all but those of `LIBSNDFILE` by FFmpeg alone."""

LIBSNDFILE: tuple[Format, ...] = ("wav", "w64", "aiff", "au", "caf", "nist", "flac", "ogg", "mpeg")
"""What libsndfile reads; it knows more formats, and prints on standard output while it reads some of them."""

TITLES: dict[Format, str] = {
    "wav": "a WAV file",
    "w64": "a Wave64 file",
    "aiff": "an AIFF file",
    "au": "an AU file",
    "caf": "a CAF file",
    "nist": "a SPHERE file",
    "flac": "a FLAC file",
    "ogg": "an Ogg file",
    "mpeg": "an MP3 file",
    "mov": "an MP4 or QuickTime file",
    "matroska": "a WebM or Matroska file",
    "asf": "a WMA or WMV file",
    "avi": "an AVI file",
    "flv": "a Flash video",
    "mpegts": "an MPEG transport stream",
    "mpegps": "an MPEG video",
    "amr": "an AMR file",
    "ac3": "an AC-3 file",
    "aac": "an AAC file",
    "wv": "a WavPack file",
}
"""What messages call a format."""

HEAD = 4096
"""First bytes that `sniff` wants."""

_ENDINGS = """
    wav wave bwf rf64 w64 aif aiff aifc au caf sph flac fla ogg oga opus spx ogv mp3 mp2 mpga
    m4a m4b m4r m4v mp4 mov qt 3gp 3gpp 3g2 aac adts webm weba mkv mka wma wmv asf amr awb ac3 eac3 avi flv f4v mpg mpeg
    wv
"""
ENDINGS = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Endings of recordings, in lower case. Headerless ones, as .raw and .vox, tell nothing of what they are."""

_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"RF64", "wav"),
    (b"BW64", "wav"),
    (b"RIFX", "wav"),
    (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", "w64"),
    (b".snd", "au"),
    (b"dns.", "au"),
    (b"caff", "caf"),
    (b"NIST_1A\n", "nist"),
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpegps"),
    (b"#!AMR", "amr"),
    (b"wvpk", "wv"),
)
_OTHERS = (
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\0", "a database"),
)
_LISTS = "give a recording, or a list or table of recordings to `voxaffect batch`"
_RIFF: dict[bytes, Format] = {b"WAVE": "wav", b"AVI ": "avi"}
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # that an MP4 or QuickTime file begins with
_AC3 = (*range(4, 11), 16)  # versions of AC-3 and E-AC-3
_PACKET = 188  # bytes, of an MPEG transport stream


def sniff(head: bytes) -> Format | None:
    """The format of a recording, by its first bytes.

    Args:
        head: The first `HEAD` bytes, or all there are.

    Returns:
        The format; None: it is none that is known.

    Examples:
        >>> sniff(b"RIFF....WAVEfmt "), sniff(b"# Notes"), sniff(bytes(4096))
        ('wav', None, None)
    """
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM":
        return "aiff" if head[8:12] in (b"AIFF", b"AIFC") else None
    if length := tag_length(head):
        return sniff(head[length:]) or "mpeg"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[4:8] in _BOXES:
        return "mov"
    if len(head) > 2 * _PACKET and head[0] == head[_PACKET] == head[2 * _PACKET] == 0x47:
        return "mpegts"
    if head[:2] == b"\x0b\x77" and len(head) > 5 and head[4] >> 6 < 3 and head[5] >> 3 in _AC3:
        return "ac3"
    if _advances(head):
        return "aac"
    return "mpeg" if mpeg_frames.begins(head[:HEAD]) else None


def unmistakable(head: bytes) -> Format | None:
    r"""The format of a recording whose first bytes cannot be samples without a header, which may be any bytes.

    Args:
        head: The first `HEAD` bytes, or all there are.

    Returns:
        The format; None: it is none that is known, or only begins like one.

    Examples:
        >>> unmistakable(b"RIFF....WAVEfmt "), sniff(b"\x0b\x77\0\0\0\x40"), unmistakable(b"\x0b\x77\0\0\0\x40")
        ('wav', 'ac3', None)
    """
    form = sniff(head)
    if tag_length(head):
        return form
    if form == "mpeg":
        return form if mpeg_frames.begins(head, anywhere=False) else None
    if form == "aac":
        return form if _advances(head, frames=4) else None
    if form == "ac3":
        return form if re.search(re.escape(head[:2]) + b"..." + re.escape(head[5:6]), head[6:], re.DOTALL) else None
    if form == "mpegts":
        return form if set(head[::_PACKET]) == {0x47} != set(head) else None
    return form


def other(head: bytes) -> tuple[str, str] | None:
    """What a file is that is no recording, and what to do; None: nobody knows.

    Args:
        head: Its first bytes, or all there are.

    Examples:
        >>> other(b"<!DOCTYPE html>"), other(bytes(44))
        (('an HTML page', 'download the recording itself'), None)
    """
    for magic, what in _OTHERS:
        if head.startswith(magic):
            return what, _LISTS if what == "a Parquet file" else "give a recording"
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return None
    if not text or any(character < " " and character not in "\t\n\f\r\x1b" for character in text):
        return None
    if text.lstrip()[:9].lower().startswith(("<!doctype", "<html", "<head", "<body", "<script")):
        return "an HTML page", "download the recording itself"
    return "text", _LISTS


def tag_length(head: bytes) -> int:
    """Bytes of the ID3v2 tag, of a title and pictures, that stands before the frames; 0: there is none.

    Examples:
        >>> tag_length(bytes([*b"ID3", 3, 0, 0, 0, 0, 2, 1]))
        267
    """
    if head[:3] != b"ID3" or len(head) < 10 or max(head[6:10]) > 127:
        return 0
    footer = 10 if head[5] & 0x10 else 0
    return 10 + footer + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])


def _advances(head: bytes, frames: int = 2) -> bool:
    """Whether so many ADTS headers of AAC follow each other, or all up to the end of these bytes."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    after = head[length : length + 2]
    if length <= 7 or (len(head) != length and len(after) < 2):
        return False
    if len(head) == length:
        return True
    return after[0] == 0xFF and after[1] & 0xF6 == 0xF0 and (frames <= 2 or _advances(head[length:], frames - 1))
