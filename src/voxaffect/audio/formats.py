"""Formats of recordings, by their first bytes: a name may end with anything."""

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
    "wav": "a WAV file of a rare encoding",
    "w64": "a Wave64 file of a rare encoding",
    "aiff": "an AIFF file of a rare encoding",
    "au": "an AU file of a rare encoding",
    "caf": "a CAF file of a rare encoding",
    "nist": "a SPHERE file of a rare encoding",
    "flac": "a damaged FLAC file",
    "ogg": "an Ogg file of a rare encoding",
    "mpeg": "a damaged MP3 file",
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
"""What messages call a format that libsndfile does not read."""

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


def _advances(head: bytes) -> bool:
    """Whether an ADTS header of AAC is followed by another."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    after = head[length : length + 2]
    return length > 7 and (len(head) == length or (len(after) == 2 and after[0] == 0xFF and after[1] & 0xF6 == 0xF0))
