"""The MP3 files and their frames in a recording.

An MP3 has no header but those of its frames. How long it is, only counting them tells: what encoders write into the
first frame may be missing, or wrong after files were cut or joined.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from voxaffect.audio.content import Content, View, remembered
from voxaffect.audio.decoder import Chunk, Header
from voxaffect.audio.formats import tag_length
from voxaffect.audio.libsndfile import Libsndfile
from voxaffect.audio.mpeg_frames import Frame, frame

_BLOCK = 1 << 20
_MARGIN = 4096  # bytes, more than a frame and the next header
_EVERY = 64  # frames between two that are noted, and from which on a decoder has all that a frame may refer to
_DELAY = 529  # samples that a decoder adds to the encoder's delay
_ENDLESS = 1 << 46  # bytes: the decoder reads to the end, whatever it estimates from a file's size


@dataclass
class Stream:
    """An MP3 file, by itself or with others in a row.

    Attributes:
        kind: Samples, sample rate, layer and version of its frames.
        channels: How many.
        parts: (start, end) of frames that stand without a gap.
        places: Offset of every 64th frame.
        frames: How many there are.
        promised: Frames, as the encoder has counted them; None: it has not.
        delay: Samples that the encoder and the decoder have added at the beginning.
        padding: Likewise at the end.
    """

    kind: tuple[int, int, int, int]
    channels: int
    parts: list[tuple[int, int]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    frames: int = 0
    promised: int | None = None
    delay: int = 0
    padding: int = 0

    @property
    def samples(self) -> int:
        """Of each channel, without what encoder and decoder have added."""
        return max(0, self.frames * self.kind[0] - self.delay - self.padding)

    def add(self, place: int, length: int) -> None:
        """A frame at an offset."""
        if self.frames % _EVERY == 0:
            self.places.append(place)
        self.frames += 1
        if self.parts and self.parts[-1][1] == place:
            self.parts[-1] = (self.parts[-1][0], place + length)
        else:
            self.parts.append((place, place + length))


@remembered
def find_streams(content: Content) -> tuple[list[Stream], bool]:
    """Find the streams of a recording; see `scan`."""
    return scan(content, 0, content.size)


def scan(content: Content, start: int, end: int) -> tuple[list[Stream], bool]:
    """Find the streams between two offsets of a recording.

    Returns:
        The streams, and whether the last frame is cut off.
    """
    streams: list[Stream] = []
    place, base, data, steady, cut = start, start, b"", False, False
    while place + 4 <= end:
        at = place - base
        if at + _MARGIN > len(data) and (base + len(data) < end or not data):
            data, base, at = content.read(place, min(_BLOCK, end - place)), place, 0
            if len(data) < 4:
                break
        one = frame(data[at + 1], data[at + 2]) if data[at] == 0xFF else None
        now = streams[-1] if streams else None
        if one is not None and (place + one.length <= end):
            channels = _channels(data[at + 3])
            if (steady and now and now.kind == one[1:] and now.channels == channels) or _confirmed(data, at, one):
                steady = True
                _take(streams, data, at, place, one, channels)
                place += one.length
                continue
        elif one is not None and steady:
            cut = True
        steady = False
        place += _skipped(data, at)
    return [stream for stream in streams if stream.frames], cut


def _confirmed(data: bytes, at: int, one: Frame) -> bool:
    """Whether a frame of the same kind follows, or the end."""
    after = data[at + one.length : at + one.length + 4]
    if len(after) < 4:
        return True
    other = frame(after[1], after[2]) if after[0] == 0xFF else None
    same = other is not None and other[1:] == one[1:] and _channels(after[3]) == _channels(data[at + 3])
    return same or after[:3] in (b"TAG", b"ID3", b"APE")


def _channels(fourth: int) -> int:
    """By the fourth byte of a header."""
    return 1 if fourth >> 6 == 3 else 2


def _skipped(data: bytes, at: int) -> int:
    """Bytes to where a frame may begin, behind a tag or junk."""
    if length := tag_length(data[at : at + 10]):
        return length
    if data[at : at + 8] == b"APETAGEX":
        return 32 + int.from_bytes(data[at + 12 : at + 16], "little")
    after = data.find(b"\xff", at + 1)
    return (len(data) if after < 0 else after) - at


def _take(streams: list[Stream], data: bytes, at: int, place: int, one: Frame, channels: int) -> None:
    """A frame: of sound, or with what an encoder tells of the stream that it begins."""
    now = streams[-1] if streams else None
    if one.layer == 3:
        side = (17 if channels == 1 else 32) if one.version == 1 else (9 if channels == 1 else 17)
        if data[at + 4 + side : at + 8 + side] in (b"Xing", b"Info") or data[at + 36 : at + 40] == b"VBRI":
            streams.append(_described(data[at + 4 + side : at + one.length], one, channels))
            return
    if now is None or now.kind != one[1:] or now.channels != channels:
        now = Stream(one[1:], channels)
        streams.append(now)
    now.add(place, one.length)


def _described(data: bytes, one: Frame, channels: int) -> Stream:
    """The stream that begins with a frame of Xing, LAME or Fraunhofer."""
    stream = Stream(one[1:], channels)
    if data[:4] not in (b"Xing", b"Info"):
        return stream
    flags, length = data[7], 8
    if flags & 1:
        stream.promised = int.from_bytes(data[8:12])
    length += sum(size for bit, size in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & bit)
    delays = data[length + 21 : length + 24]
    if data[length : length + 1].isalnum() and len(delays) == 3:
        stream.delay = (delays[0] << 4 | delays[1] >> 4) + _DELAY
        stream.padding = max(0, ((delays[1] & 15) << 8 | delays[2]) - _DELAY)
    return stream


class Mpeg:
    """A stream that is being decoded.

    Args:
        content: Of the recording.
        stream: Of it.
    """

    def __init__(self, content: Content, stream: Stream) -> None:
        self._content, self._stream = content, stream
        self.header = Header(stream.samples, stream.kind[1], stream.channels)
        self.warning: str | None = None
        self._decoder: Libsndfile | None = None

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on."""
        stream, length = self._stream, self._stream.kind[0]
        left, skip = self.header.samples or 0, start + stream.delay
        left -= start
        if left <= 0:
            return
        before = max(0, skip // length // _EVERY - 1)
        parts = stream.parts
        if before:
            first = stream.places[before]
            parts = [(max(begin, first), end) for begin, end in parts if end > first]
            skip -= before * _EVERY * length
        self._decoder = Libsndfile(
            self._content, lambda: View(self._content, parts, _ENDLESS), samples=None, silent=True
        )
        for chunk in self._decoder.chunks(0):
            kept = chunk[skip : skip + left] if skip else chunk[:left]
            skip = max(0, skip - len(chunk))
            left -= len(kept)
            if len(kept):
                yield kept
            if not left:
                return
        self.warning = self.warning or self._decoder.warning

    def close(self) -> None:
        """Close what it has opened."""
        if self._decoder:
            self._decoder.close()
