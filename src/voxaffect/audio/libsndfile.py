"""Decode with libsndfile."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import soundfile

from voxaffect.audio.content import Content, View
from voxaffect.audio.decoder import CHUNK, Chunk, DecodingError, Header, plain, shortfall
from voxaffect.audio.quiet import quiet
from voxaffect.errors import AudioError

_FORMATS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "NIST", "FLAC", "OGG", "MP3", "RAW")
_EXACT = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW", "OPUS")
"""Encodings in which libsndfile finds a sample; in Vorbis it finds another, and in some none."""

_SMALL = 1 << 6  # samples that are read at a time, where a larger chunk is damaged
_GAPS = [1 << power for power in range(12, 21)]  # samples that may be damaged at a time
_UNKNOWN = 1 << 40  # samples: no recording is so long


class _Forward(soundfile.SoundFile):
    """A file that is read to the end.

    A SoundFile that can seek does so after every block, to where it is. MP3 is then decoded without what comes before.
    """

    def seekable(self) -> bool:
        return False


class Libsndfile:
    """A recording, or part of one, that libsndfile decodes.

    Args:
        content: Of the recording.
        view: The part, or the recording with a repaired header; None: all of it, as it is.
        samples: Its length; None: nobody knows; -1: what libsndfile makes of the header.
        silent: Keep it from printing, as it does while it decodes MP3.
        raw: How headerless samples are encoded, as `soundfile.SoundFile` takes it.

    Raises:
        DecodingError: libsndfile cannot open it.
    """

    def __init__(
        self,
        content: Content,
        view: Callable[[], View] | None = None,
        *,
        samples: int | None = -1,
        silent: bool = False,
        raw: dict[str, Any] | None = None,
    ) -> None:
        self._quiet = quiet if silent else nullcontext
        self._content, self._view, self._raw = content, view, raw or {}
        self.warning: str | None = None
        self._file = self._opened()
        if samples == -1:
            samples = self._file.frames if self._file.frames < _UNKNOWN else None
        self.header = Header(samples, self._file.samplerate, self._file.channels)

    def _opened(self) -> soundfile.SoundFile:
        path = self._content.path
        if path is not None and self._view is None:
            # On POSIX as bytes, since a name need not be valid in the file system's encoding.
            source: Any = os.fsencode(path) if os.name == "posix" else os.fspath(path)
        else:
            source = self._view() if self._view else View(self._content)
        self._source = source
        try:
            with self._quiet():
                file = _Forward(source, **self._raw)
        except (soundfile.SoundFileError, TypeError, ValueError) as error:
            raise self._source_error() or DecodingError(_reason(error)) from None
        if file.format not in _FORMATS:  # of others, libsndfile prints what it reads
            file.close()
            raise DecodingError(f"{file.format} is not supported")
        return file

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on; of a damaged FLAC, silence for those that cannot be decoded."""
        samples = self.header.samples
        if samples is not None and start >= samples > 0:
            return
        count, size, damage, lost = self._seek(start), CHUNK, "", 0
        while True:
            chunk, error = self._read(size)
            if error:
                damage = damage or error
                if size == CHUNK and self._reopen(count):
                    size = _SMALL
                    continue
                chunk, size = np.zeros((self._gap(count), self.header.channels), np.float32), CHUNK
                lost += len(chunk)
            if not len(chunk):
                break
            skipped = max(0, start - count)
            count += len(chunk)
            if skipped < len(chunk):
                yield chunk[skipped:]
        if failure := self._source_error():
            raise failure
        self._note(count, lost, damage)

    def _source_error(self) -> AudioError | None:
        """Why the bytes could not be read; None: they could."""
        return self._source.error if isinstance(self._source, View) else None

    def _read(self, size: int) -> tuple[Chunk, str]:
        """The next samples, and why they cannot be decoded, or nothing."""
        try:
            with self._quiet():
                return np.asarray(self._file.read(size, dtype="float32", always_2d=True), np.float32), ""
        except (soundfile.SoundFileError, RuntimeError) as error:
            return np.zeros((0, self.header.channels), np.float32), _reason(error)

    def _seek(self, place: int) -> int:
        """Go to a sample where that is exact; where it has gone, from which on all has to be decoded."""
        if place and self._file.subtype in _EXACT:
            try:
                return int(self._file.seek(place))
            except (soundfile.SoundFileError, RuntimeError):  # damage is on the way
                self._reopen(0)
        return 0

    def _reopen(self, place: int) -> bool:
        """Open it once more, at a sample, as it gives nothing after an error; whether that is possible."""
        with self._quiet():
            self._file.close()
        try:
            self._file = self._opened()
            if self._file.subtype in _EXACT:
                return not place or self._file.seek(place) == place
            passed = 0
            while passed < place and len(block := self._file.read(min(CHUNK, place - passed))):
                passed += len(block)
            return passed == place
        except (DecodingError, soundfile.SoundFileError, RuntimeError):
            return False

    def _gap(self, place: int) -> int:
        """Go on behind what is damaged at a sample; how many samples are left out, or 0: nothing follows."""
        end = self.header.samples if self._file.format == "FLAC" else 0
        for gap in _GAPS:
            if place + gap >= (end or 0):
                break
            if self._reopen(place + gap) and not self._read(_SMALL)[1] and self._reopen(place + gap):
                return gap
        return 0

    def _note(self, count: int, lost: int, damage: str) -> None:
        """Take down what is wrong, after all has been read."""
        rate, promised = self.header.sample_rate, self.header.samples
        if damage and not count:
            raise DecodingError(damage)
        if lost:
            self.warning = f"is damaged: {lost / rate:.1f} s of it cannot be decoded and are silence"
        elif promised is not None and count < promised:
            self.warning = self.warning or shortfall(promised / rate, count / rate)
        elif damage:
            self.warning = self.warning or f"is damaged after {count / rate:.1f} s ({damage})"

    def close(self) -> None:
        """Close the file."""
        with self._quiet():
            self._file.close()


def _reason(error: Exception) -> str:
    return plain(str(getattr(error, "error_string", error)).strip().rstrip("."))
