"""The headers of frames of MPEG audio (ISO 11172-3, 13818-3): MP3 and its elder brothers."""

from functools import cache
from typing import NamedTuple

_RATES = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}  # by bits of the version
_KILOBITS = {  # by version 1 or not, and layer
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


class Frame(NamedTuple):
    """What a frame's header says, without what may change from frame to frame.

    Attributes:
        length: Bytes, the header included.
        samples: Of each channel.
        sample_rate: Hz.
        layer: 1, 2 or 3.
        version: 1 for MPEG-1, 2 for MPEG-2 and 2.5.
    """

    length: int
    samples: int
    sample_rate: int
    layer: int
    version: int


@cache
def frame(second: int, third: int) -> Frame | None:
    """The frame of a header by its second and third byte; the first is 255.

    Returns:
        The frame; None: no header has these bytes, or its length is not in it ("free format").

    Examples:
        >>> frame(0xFB, 0x90)
        Frame(length=417, samples=1152, sample_rate=44100, layer=3, version=1)
    """
    version, layer, kilobits, rate = second >> 3 & 3, 4 - (second >> 1 & 3), third >> 4, third >> 2 & 3
    if second < 0xE0 or version == 1 or layer == 4 or kilobits in (0, 15) or rate == 3:
        return None
    hertz, padding = _RATES[version][rate], third >> 1 & 1
    bits = 1000 * _KILOBITS[version == 3, layer][kilobits - 1]
    samples = 384 if layer == 1 else 576 if layer == 3 and version != 3 else 1152
    slot = 4 if layer == 1 else 1
    return Frame(
        (samples // 8 // slot * bits // hertz + padding) * slot, samples, hertz, layer, 1 if version == 3 else 2
    )


def begins(head: bytes, *, anywhere: bool = True) -> bool:
    """Whether three frames stand in a row in these bytes, at their beginning or anywhere, or frames up to their end."""
    if not anywhere:
        return _follow(head, 0)
    place = head.find(0xFF)
    while 0 <= place < len(head) - 3:
        if _follow(head, place):
            return True
        place = head.find(0xFF, place + 1)
    return False


def _follow(head: bytes, place: int) -> bool:
    first = None
    for count in range(3):
        if place + 4 > len(head):
            return count > 1 or (count == 1 and place <= len(head))
        one = frame(head[place + 1], head[place + 2]) if head[place] == 0xFF else None
        if one is None or (first and one[2:] != first[2:]):
            return False
        first, place = one, place + one.length
    return True
