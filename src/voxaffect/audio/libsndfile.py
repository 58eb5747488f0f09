"""Decode with libsndfile."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import soundfile

from voxaffect.audio.content import Content, View
from voxaffect.audio.decoder import CHUNK, Chunk, DecodingError, Header, shortfall
from voxaffect.audio.quiet import quiet

_FORMATS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "NIST", "FLAC", "OGG", "MP3", "RAW")
_EXACT = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW", "OPUS")
"""Encodings in which libsndfile finds a sample; in Vorbis it finds another, and in some none."""

_SMALL = 1 << 10  # samples that are read at a time, where a larger chunk is damaged
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
            raise DecodingError(str(getattr(error, "error_string", error)).strip().rstrip(".")) from None
        if file.format not in _FORMATS:  # of others, libsndfile prints what it reads
            file.close()
            raise DecodingError(f"{file.format} is not supported")
        return file

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on."""
        count, size, damage = 0, CHUNK, ""
        if start and self._file.subtype in _EXACT:
            try:
                count = self._file.seek(start)
            except (soundfile.SoundFileError, RuntimeError):  # it is behind the end, or the way there is damaged
                return
        while True:
            try:
                with self._quiet():
                    chunk = np.asarray(self._file.read(size, dtype="float32", always_2d=True), np.float32)
            except (soundfile.SoundFileError, RuntimeError) as error:
                damage = str(getattr(error, "error_string", error)).strip().rstrip(".")
                if size == _SMALL or not self._reopen(count):
                    break
                size = _SMALL
                continue
            if not len(chunk):
                break
            skipped = max(0, start - count)
            count += len(chunk)
            if skipped < len(chunk):
                yield chunk[skipped:]
        if failure := getattr(self._source, "error", None):
            raise DecodingError(f"its bytes cannot be read: {failure}")
        self._note(count, damage)

    def _reopen(self, count: int) -> bool:
        """Open it once more, at a position, as it gives nothing after an error."""
        with self._quiet():
            self._file.close()
        try:
            self._file = self._opened()
            if self._file.subtype in _EXACT:
                return not count or self._file.seek(count) == count
            passed = 0
            while passed < count and len(block := self._file.read(min(CHUNK, count - passed))):
                passed += len(block)
            return passed == count
        except (DecodingError, soundfile.SoundFileError, RuntimeError):
            return False

    def _note(self, count: int, damage: str) -> None:
        """Take down what is wrong, after all has been read."""
        rate, promised = self.header.sample_rate, self.header.samples
        if damage and not count:
            raise DecodingError(damage)
        if promised is not None and count < promised:
            self.warning = self.warning or shortfall(promised / rate, count / rate)
        elif damage:
            self.warning = self.warning or f"is damaged after {count / rate:.1f} s ({damage})"

    def close(self) -> None:
        """Close the file."""
        with self._quiet():
            self._file.close()
