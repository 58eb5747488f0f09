"""What decoders have in common, and several of them in a row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import soxr

Chunk = npt.NDArray[np.float32]
"""(samples, channels)."""

CHUNK = 1 << 16
"""Samples decoded at a time, per channel."""


@dataclass(frozen=True)
class Header:
    """What a recording's header says.

    Args:
        samples: Length, in samples of one channel; None: the header does not tell.
        sample_rate: Hz.
        channels: How many.
    """

    samples: int | None
    sample_rate: int
    channels: int

    @property
    def duration(self) -> float | None:
        """Length in seconds; None: the header does not tell."""
        return None if self.samples is None else self.samples / self.sample_rate


class DecodingError(Exception):
    """What a decoder cannot open, or damage in it.

    Args:
        reason: Of that.
        remedy: What to do about a recording that cannot be opened.
    """

    def __init__(
        self, reason: str, remedy: str = "copy it again, or export it as WAV, FLAC, OGG, Opus, MP3 or M4A"
    ) -> None:
        super().__init__(reason)
        self.remedy = remedy


_PLAIN = {
    "Invalid data found": "its bytes make no sense",
    "End of file": "it ends too early",
    "No 'data' chunk marker": "its samples are missing",
    "'fmt ' chunk": "its header is damaged",
    "lost sync": "some of its bytes are lost or wrong",
    "Format not recognised": "its header is damaged",
    "unknown format": "its encoding is not known",
    "nspecified internal error": "its bytes make no sense",
    "System error": "its bytes make no sense",
    "Operation not permitted": "its bytes make no sense",
    "malformed": "its bytes make no sense",
}
"""A part of what libsndfile and FFmpeg say -> plain words."""


def plain(reason: str) -> str:
    """A library's reason in plain words, where there are any.

    Examples:
        >>> plain("Invalid data found when processing input")
        'its bytes make no sense'
    """
    return next((words for part, words in _PLAIN.items() if part in reason), reason)


class Decoder(Protocol):
    """A recording, or part of one, that is being decoded.

    Attributes:
        header: Of it.
        warning: What is wrong with it, as far as it is known; whole after the last chunk.
    """

    header: Header
    warning: str | None

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on.

        Raises:
            DecodingError: It is damaged.
        """

    def close(self) -> None:
        """Close what it has opened."""


class Chain:
    """Decoders one after another, with the sample rate and the channels of the first.

    Args:
        openers: Give the decoders; each is opened when it is needed. Those that cannot be opened are left out.

    Raises:
        DecodingError: None of them can be opened.
    """

    def __init__(self, openers: Sequence[Callable[[], Decoder]]) -> None:
        self.warning: str | None = None
        self._openers, headers = [], []
        for opener in openers:
            try:
                decoder = opener()
            except DecodingError as error:
                self._leave_out(error)
                continue
            self._openers.append(opener)
            headers.append(decoder.header)
            decoder.close()
        if not headers:
            raise DecodingError("no part of it can be opened")
        self._headers = headers
        rate = headers[0].sample_rate
        lengths = [None if one.samples is None else round(one.samples * rate / one.sample_rate) for one in headers]
        known = [length for length in lengths if length is not None]
        samples = sum(known) if len(known) == len(lengths) else None
        self._lengths = lengths
        self.header = Header(samples, rate, headers[0].channels)

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on."""
        for opener, header, length in zip(self._openers, self._headers, self._lengths, strict=True):
            if length is not None and start >= length > 0:
                start -= length
                continue
            decoder = opener()
            try:
                first = round(start * header.sample_rate / self.header.sample_rate)
                yield from self._conformed(decoder.chunks(first), header)
                self.warning = self.warning or decoder.warning
            except DecodingError as error:
                self._leave_out(error)
            finally:
                decoder.close()
            start = 0

    def _leave_out(self, error: DecodingError) -> None:
        self.warning = self.warning or f"part of it cannot be decoded ({error})"

    def _conformed(self, chunks: Iterator[Chunk], header: Header) -> Iterator[Chunk]:
        rate, channels = self.header.sample_rate, self.header.channels
        resampler = None
        if header.sample_rate != rate:
            resampler = soxr.ResampleStream(header.sample_rate, rate, header.channels, dtype="float32")
        end = np.zeros((0, header.channels), np.float32)
        for chunk in chunks:
            yield _with_channels(resampler.resample_chunk(chunk) if resampler else chunk, channels)
        if resampler:
            yield _with_channels(resampler.resample_chunk(end, last=True), channels)

    def close(self) -> None:
        """Nothing is open between two chunks."""


def _with_channels(chunk: Chunk, channels: int) -> Chunk:
    """All channels where there are as many; else their mean on each."""
    if chunk.shape[1] == channels:
        return chunk
    return np.repeat(chunk.mean(axis=1, keepdims=True, dtype=np.float32), channels, axis=1)


def shortfall(promised: float, present: float) -> str:
    """The warning of a recording that is shorter than its header says, in seconds.

    Examples:
        >>> shortfall(97.0, 6.23)
        'the header promises 97.0 s, the file holds 6.2 s'
    """
    digits = 1 if abs(promised - present) >= 0.1 else 2
    return f"the header promises {promised:.{digits}f} s, the file holds {present:.{digits}f} s"
