"""The length of a FLAC stream (RFC 9639) by its last frame, for files whose header does not tell it."""

from functools import cache

from voxaffect.audio.content import Content, View, remembered
from voxaffect.audio.formats import tag_length

_TAIL = 1 << 16  # bytes at the end that are searched first
_BLOCKS = {1: 192, **{code: 576 << (code - 2) for code in range(2, 6)}, **{c: 256 << (c - 8) for c in range(8, 16)}}


@cache
def _table(polynomial: int, bits: int) -> list[int]:
    values, top = [], 1 << (bits - 1)
    for value in range(256):
        value <<= bits - 8
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value & top else 0)
        values.append(value & ((1 << bits) - 1))
    return values


def promised_samples(content: Content) -> int:
    """Samples by the header; 0: it does not tell."""
    head = content.read(tag_length(content.head), 26)
    return (head[21] & 15) << 32 | int.from_bytes(head[22:26]) if len(head) == 26 else 0


def present_samples(content: Content) -> tuple[int, bool]:
    """Samples to the end of the last frame that is whole, and whether the file ends with it; 0: there is none."""
    start = tag_length(content.head)
    head, end = content.read(start, 26), content.size
    if content.read(end - 128, 3) == b"TAG":
        end -= 128
    block, tail = int.from_bytes(head[8:10]), _TAIL
    while True:
        first = max(start + 42, end - tail)
        data = content.read(first, end - first)
        frames = [(place, *frame) for place in _syncs(data) if (frame := _frame(data, place, block))]
        ends = {0, *(sample + count for _, sample, count in frames)}
        for place, sample, count in reversed(frames):
            if sample in ends:  # as of all frames but those that only seem to be some
                whole = not _crc(0x8005, 16, data[place:])
                return (sample + count if whole else sample), whole
        if first == start + 42:
            return 0, False
        tail *= 4


def with_length(content: Content, samples: int) -> View:
    """The stream with a header that tells how many samples there are."""
    at = tag_length(content.head) + 21
    before = content.read(at, 1)[0] & 0xF0
    right = bytes([before | samples >> 32 & 15]) + (samples & 0xFFFFFFFF).to_bytes(4)
    return View(content, [(at - 21, at), right, (at + 5, content.size)])


@remembered
def find_links(content: Content) -> list[tuple[int, int]]:
    """(start, end) in the file of the streams that follow one another."""
    starts, place = [0], tag_length(content.head) + 42
    while (place := content.find(b"fLaC\x00\x00\x00\x22", place)) >= 0:
        starts.append(place)
        place += 42
    return list(zip(starts, [*starts[1:], content.size], strict=True))


def _syncs(data: bytes) -> list[int]:
    places, place = [], data.find(b"\xff")
    while place >= 0:
        if data[place + 1 : place + 2] in (b"\xf8", b"\xf9"):
            places.append(place)
        place = data.find(b"\xff", place + 1)
    return places


def _frame(data: bytes, place: int, block: int) -> tuple[int, int] | None:
    """First sample and count of the samples of a frame; None: there is none, its header's checksum says."""
    header = data[place : place + 17]
    if len(header) < 6 or header[3] & 1 or header[2] >> 4 == 0 or header[2] & 15 == 15:
        return None
    number, size = _number(header[4:])
    if size == 0:
        return None
    length, code, rate = 4 + size, header[2] >> 4, header[2] & 15
    count = _BLOCKS.get(code, 0)
    if code in (6, 7):
        count = int.from_bytes(header[length : length + code - 5]) + 1
        length += code - 5
    length += {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if len(header) <= length or _crc(0x07, 8, header[: length + 1]):
        return None
    return (number if header[1] & 1 else number * block), count


def _number(data: bytes) -> tuple[int, int]:
    """A number as UTF-8 writes it, and its length in bytes; 0: it is none."""
    first = data[0]
    size = 8 - (first ^ 0xFF).bit_length() or 1
    if (first >= 0x80 and size == 1) or size > 7 or len(data) < size:
        return 0, 0
    value = first if size == 1 else first & (0x7F >> size)
    for byte in data[1:size]:
        value = value << 6 | byte & 0x3F
    return value, size


def _crc(polynomial: int, bits: int, data: bytes) -> int:
    table, value, mask = _table(polynomial, bits), 0, (1 << bits) - 1
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> (bits - 8) ^ byte]
    return value
