"""Formats that keep samples in a chunk after a header: WAV, RF64, W64, AIFF, AU, CAF.

A recorder writes the length of that chunk at the end. Where it died, or wrote into a pipe, the length is another.
"""

import struct
from typing import NamedTuple

from voxaffect.audio.content import Content, View

_UNKNOWN = ((0x7FFF0000, 0x80010000), (0xFFFF0000, 0xFFFFFFFF), (1 << 40, 1 << 64))
"""Bytes between which lie what sox, ffmpeg and Windows write where they know no length."""

_WRAPPED = 1 << 32  # WAV counts bytes modulo this, and so does a recorder that writes more
_EXTENSIBLE = 0xFFFE  # codec of a WAV that names it further on
_BEHIND = 1 << 20  # bytes behind the samples that are looked at
_FEW = 64  # bytes that are not taken for samples


class Samples(NamedTuple):
    """Where a recording's samples lie, and what its header says of them.

    Attributes:
        first: Offset of the header.
        start: Offset of the samples.
        end: Offset after the last that is there.
        promised: Bytes, by the header; None: it does not tell, or tells what is there.
        unfinished: The header is as it was before the recorder ended.
        patch: Offset in the header, and the bytes that are right there; None: it is right.
        codec: Number by which WAV names the encoding; 0 in other formats.
        following: Offset of another recording behind this one; None: there is none.
    """

    first: int
    start: int
    end: int
    promised: int | None
    unfinished: bool
    patch: tuple[int, bytes] | None
    codec: int
    following: int | None

    def view(self, content: Content) -> View:
        """The recording with a header that is right."""
        if self.patch is None:
            return View(content, [(self.first, self.end)])
        offset, right = self.patch
        return View(content, [(self.first, offset), right, (offset + len(right), self.end)])


def find_samples(content: Content, form: str, offset: int = 0) -> Samples | None:
    """Find the samples of a recording.

    Args:
        content: Its bytes.
        form: Its format, as `sniff` names it.
        offset: Of its header.

    Returns:
        Where they are; None: the header is damaged.
    """
    try:
        return _FINDERS[form](content, offset)
    except struct.error:
        return None


def _wav(content: Content, offset: int) -> Samples | None:
    magic = content.read(offset, 4)
    order, long, codec, place = ">" if magic == b"RIFX" else "<", None, 0, offset + 12
    while (found := _chunk(content, place, f"{order}4sI")) is not None:
        name, length, start = found
        if name == b"data":
            at, layout = place + 4, f"{order}I"
            if long is not None and magic != b"RIFF":
                at, layout = long, "<Q"
                length = struct.unpack(layout, content.read(at, 8))[0]
            samples = _judged(content, offset, start, length, (at, layout), codec)
            return _continued(content, samples, length, order) if magic == b"RIFF" else samples
        if name == b"ds64":
            long = start + 8
        elif name == b"fmt ":
            fields = content.read(start, 26)
            codec = struct.unpack_from(f"{order}H", fields)[0]
            if codec == _EXTENSIBLE:
                codec = struct.unpack_from(f"{order}H", fields, 24)[0]
        place = start + length + length % 2
    return None


def _continued(content: Content, samples: Samples, length: int, order: str) -> Samples:
    """With what comes behind the samples: chunks, another recording, or samples that the header does not count."""
    place, end = samples.end + length % 2, samples.end
    if not length or end >= content.size:
        return samples
    if content.size - end >= _WRAPPED:
        return samples._replace(end=content.size, patch=None)  # libsndfile takes what is there
    behind = content.read(end, _BEHIND)
    name = behind[length % 2 :][:4]
    text = name.isascii() and name.decode("ascii").isprintable()
    if len(behind) >= _FEW and not text and behind[:3] != b"TAG" and behind.strip(b"\0"):
        patch = (samples.start - 4, struct.pack(f"{order}I", content.size - samples.start))
        return samples._replace(end=content.size, promised=length, patch=patch)
    while (found := _chunk(content, place, f"{order}4sI")) is not None:
        name, length, start = found
        if name == b"RIFF":
            return samples._replace(following=place)
        place = start + length + length % 2
    return samples


def _w64(content: Content, offset: int) -> Samples | None:
    place = offset + 40
    while len(head := content.read(place, 24)) == 24:
        length = struct.unpack_from("<Q", head, 16)[0]
        if head[:4] == b"data":
            return _judged(content, offset, place + 24, length, (place + 16, "<Q"), header=24)
        if length < 24:
            return None
        place += (length + 7) & ~7
    return None


def _aiff(content: Content, offset: int) -> Samples | None:
    place = offset + 12
    while (found := _chunk(content, place, ">4sI")) is not None:
        name, length, start = found
        if name == b"SSND":
            return _judged(content, offset, start + 8, length, (place + 4, ">I"), header=8)
        place = start + length + length % 2
    return None


def _au(content: Content, offset: int) -> Samples | None:
    order = ">" if content.read(offset, 4) == b".snd" else "<"
    start, length = struct.unpack(f"{order}II", content.read(offset + 4, 8))
    return _judged(content, offset, offset + start, length, (offset + 8, f"{order}I"))


def _caf(content: Content, offset: int) -> Samples | None:
    place = offset + 8
    while (found := _chunk(content, place, ">4sQ")) is not None:
        name, length, start = found
        if name == b"data":
            return _judged(content, offset, start + 4, length, (place + 4, ">Q"), header=4)
        place = start + length
    return None


_FINDERS = {"wav": _wav, "w64": _w64, "aiff": _aiff, "au": _au, "caf": _caf}


def _chunk(content: Content, place: int, layout: str) -> tuple[bytes, int, int] | None:
    """Name, length and offset of the content of a chunk; None: there is none."""
    size = struct.calcsize(layout)
    head = content.head[place : place + size] if place + size <= len(content.head) else content.read(place, size)
    if len(head) < size:
        return None
    name, length = struct.unpack(layout, head)
    return name, length, place + size


def _judged(
    content: Content, first: int, start: int, length: int, field: tuple[int, str], codec: int = 0, *, header: int = 0
) -> Samples:
    """The samples by the length that the header says, which counts `header` bytes that are none, and by the file's."""
    there, promised = max(0, content.size - start), length - header
    if 0 < promised <= there or not there or (promised <= 0 and _chunks_follow(content, first, start)):
        end = start + min(max(0, promised), there)
        return Samples(first, start, end, promised if promised > there else None, False, None, codec, None)
    unknown = any(low <= length <= high for low, high in _UNKNOWN)
    at, layout = field
    patch = (at, struct.pack(layout, there + header))
    unfinished = promised <= 0
    return Samples(
        first, start, content.size, None if unknown or unfinished else promised, unfinished, patch, codec, None
    )


def _chunks_follow(content: Content, first: int, place: int) -> bool:
    """Whether other chunks of a WAV fill it to its end, so that it was finished without a sample."""
    if content.read(first, 4) != b"RIFF":
        return False
    while (found := _chunk(content, place, "<4sI")) is not None and found[0].isalnum():
        place = found[2] + found[1] + found[1] % 2
    return content.size <= place <= content.size + 1
