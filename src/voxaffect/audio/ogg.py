"""The streams of an Ogg file (RFC 3533) that follow one another, as radio stations and `cat` make them."""

from typing import NamedTuple

from voxaffect.audio.content import Content, remembered

_FIRST, _LAST = 2, 4  # flags of pages
_HEAD = 27 + 255  # bytes of the longest header


class Links(NamedTuple):
    """What an Ogg file consists of.

    Attributes:
        links: (start, end) in the file of what is decoded by itself.
        complete: Whether the last page is whole, and marked as the last.
    """

    links: list[tuple[int, int]]
    complete: bool


@remembered
def find_links(content: Content) -> Links:
    """Find the streams, page by page."""
    starts, opening, complete = [0], True, True
    place = max(0, content.find(b"OggS", 0))
    while place < content.size:
        head = content.read(place, _HEAD)
        if head[:4] != b"OggS" or len(head) < 27:
            place = content.find(b"OggS", place + 1)
            if place < 0:  # something else follows the last page
                break
            continue
        first = bool(head[5] & _FIRST)
        if first and not opening:
            starts.append(place)
        opening, count = first, head[26]
        place += 27 + count + sum(head[27 : 27 + count])
        complete = bool(head[5] & _LAST) and place <= content.size
    return Links(list(zip(starts, [*starts[1:], content.size], strict=True)), complete)
