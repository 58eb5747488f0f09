"""Sound that is decoded as it arrives, on a stream that cannot seek: samples without a header, or a recording."""

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

import soundfile

from voxaffect.audio.choosing import (
    TOLERANCE,
    check_headerless,
    check_other,
    decoder_of,
    never_finished,
    undecodable,
)
from voxaffect.audio.chunked import find_samples
from voxaffect.audio.content import Content, NamedBytes, check_head, collect
from voxaffect.audio.decoder import Chunk, Decoder, DecodingError, Header, shortfall
from voxaffect.audio.formats import HEAD, Format, sniff
from voxaffect.audio.pyav import PyAV
from voxaffect.audio.raw import Encoding, Raw
from voxaffect.errors import AudioError

_AHEAD = 8  # chunks that are decoded before they are asked for

_ENCODINGS: dict[str, Encoding] = {
    "PCM_16": "s16",
    "PCM_24": "s24",
    "PCM_32": "s32",
    "FLOAT": "f32",
    "PCM_U8": "u8",
    "ULAW": "mulaw",
    "ALAW": "alaw",
}
"""Of libsndfile."""


class Arriving(Protocol):
    """A stream of bytes, as `sys.stdin.buffer.raw` is one."""

    def read(self, size: int, /) -> bytes | None:
        """What has arrived, at least a byte and at most so many; nothing at the end."""


class Live:
    """Sound as it arrives: iterate over it once, for chunks (samples, channels) float32.

    Its first bytes tell whether it is a recording, as WebM, MP3 or WAV, which brings its rate and channels. WAV of
    plain samples is decoded by this; other recordings by PyAV, or, where that is missing, when they have ended.

    It is read in a thread of its own. Ctrl-C would be lost in a library that has called back for more bytes, and so
    comes while somebody waits for a chunk.

    Args:
        stream: Of bytes.
        name: What messages call it.
        otherwise: What it is if it is no recording.
        headerless: It is that, unless it is a recording without doubt, which is an error.

    Attributes:
        name: What messages call it.
        sample_rate: Hz.
        channels: How many.
        warning: What is wrong with a recording; whole after the last chunk.

    Raises:
        AudioError: It cannot be decoded, is empty or no sound, or has a header though it is said to have none.
        SettingsError: Samples of that encoding cannot come live.
    """

    def __init__(self, stream: Arriving, name: str, otherwise: Raw, *, headerless: bool = False) -> None:
        assert otherwise.frame  # or it cannot come live
        self.name = name
        self.warning: str | None = None
        self._queue: queue.Queue[Header | Chunk | Exception | None] = queue.Queue(_AHEAD)
        arguments = (stream, otherwise, headerless)
        threading.Thread(target=self._work, args=arguments, daemon=True).start()
        header = self._next()
        assert isinstance(header, Header)
        self.sample_rate, self.channels = header.sample_rate, header.channels

    def __iter__(self) -> Iterator[Chunk]:
        """The chunks.

        Raises:
            AudioError: A recording is damaged.
        """
        while (chunk := self._next()) is not None:
            assert not isinstance(chunk, Header)
            yield chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing: the thread may wait for bytes that never come, and ends with the process."""

    def _next(self) -> Header | Chunk | None:
        item = self._queue.get()
        if isinstance(item, DecodingError):
            raise AudioError(f"{self.name}: is damaged ({item}); record it again")
        if isinstance(item, Exception):
            raise item
        return item

    def _work(self, stream: Arriving, otherwise: Raw, headerless: bool) -> None:
        try:
            begun = _Begun(stream, HEAD)
            form = self._form(begun.head, headerless)
            decoder = _decoder(begun, self.name, form) if form else _Samples(begun, otherwise)
            self._queue.put(decoder.header)
            for chunk in decoder.chunks(0):
                self._queue.put(chunk)
            self.warning = decoder.warning
            self._queue.put(None)
        except Exception as error:  # for whoever waits
            self._queue.put(error)

    def _form(self, head: bytes, headerless: bool) -> Format | None:
        """The format of a recording; None: it is none."""
        if headerless:
            check_headerless(self.name, head)
            return None
        check_head(self.name, head)
        form = sniff(head)
        if form is None:
            try:
                check_other(head)
            except DecodingError as error:
                raise undecodable(self.name, error) from None
        return form


class _Begun:
    """A stream whose first bytes have been looked at, and that can be read from its beginning again while it is kept.

    Attributes:
        head: Its first bytes, or all there are.
        kept: Whether what is read is kept.
    """

    def __init__(self, stream: Arriving, head: int) -> None:
        self._stream, self.head, self.kept = stream, b"", True
        while len(self.head) < head and (part := stream.read(head - len(self.head))):
            self.head += part
        self._bytes, self._given = bytearray(self.head), 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many."""
        size = 1 << 16 if size < 0 else size
        if self._given < len(self._bytes):
            part = bytes(self._bytes[self._given : self._given + size])
        else:
            part = self._stream.read(size) or b""
            if not self.kept:
                self._bytes, self._given = bytearray(), 0
                return part
            self._bytes += part
        self._given += len(part)
        return part

    def again(self) -> None:
        """Go back to the beginning."""
        self._given = 0


class _Samples:
    """Samples without a header.

    Args:
        begun: The stream, where the samples begin.
        raw: What they are.
        limit: Bytes that are samples; None: all.
        unfinished: Their header is as it was before the recorder ended.
    """

    def __init__(self, begun: _Begun, raw: Raw, limit: int | None = None, *, unfinished: bool = False) -> None:
        self._begun, self._raw, self._limit, self._unfinished = begun, raw, limit, unfinished
        self._frame, begun.kept = raw.frame, False
        self.header = Header(None, raw.sample_rate, raw.channels)
        self.warning: str | None = None

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples as they come."""
        rest, count, second = b"", 0, self._frame * self._raw.sample_rate
        while data := self._begun.read(second if self._limit is None else min(second, self._limit - count)):
            count += len(data)
            rest += data
            end = len(rest) // self._frame * self._frame
            if end:
                yield self._raw.samples(rest[:end])
            rest = rest[end:]
        if self._unfinished:
            self.warning = never_finished(count / second)
        elif self._limit is not None and (self._limit - count) / second > TOLERANCE:
            self.warning = shortfall(self._limit / second, count / second)

    def close(self) -> None:
        """The stream is the caller's."""


def _decoder(begun: _Begun, name: str, form: Format) -> Decoder:
    """The decoder of a recording."""
    if form == "wav" and (decoder := _plain(begun, name)):
        return decoder
    try:
        decoder = PyAV(begun, form)
    except (ImportError, DecodingError):  # as MP4 whose index is at the end
        begun.again()
        return decoder_of(collect(begun, name), None)
    begun.kept = False
    return decoder


def _plain(begun: _Begun, name: str) -> Decoder | None:
    """The decoder of WAV that holds samples as they are, which may be without an end."""
    content = Content(NamedBytes(name, begun.head), name)
    samples = find_samples(content, "wav")
    if samples is None:
        return None
    try:
        with soundfile.SoundFile(samples.view(content)) as file:  # type: ignore[arg-type]  # it reads and seeks
            rate, channels, encoding = file.samplerate, file.channels, _ENCODINGS.get(file.subtype)
    except soundfile.SoundFileError:
        return None
    if encoding is None or file.format not in ("WAV", "WAVEX"):
        return None
    left = samples.start
    while left:
        left -= len(begun.read(left))
    whole = None if samples.patch else samples.end - samples.start
    return _Samples(begun, Raw(rate, encoding, channels), samples.promised or whole, unfinished=samples.unfinished)
