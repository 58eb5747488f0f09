"""Decode with FFmpeg's libraries, by PyAV: the extra `formats`."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from voxaffect.audio.content import View
from voxaffect.audio.decoder import Chunk, DecodingError, Header, plain, shortfall
from voxaffect.audio.formats import Format

DEMUXERS: dict[Format, str] = {
    "mpeg": "mp3",
    "nist": "nistsphere",
    "mpegps": "mpeg",
    **{name: name for name in ("wav", "w64", "aiff", "au", "caf", "flac", "ogg")},
    **{name: name for name in ("mov", "matroska", "asf", "avi", "flv", "mpegts", "amr", "ac3", "aac", "wv")},
}
"""What FFmpeg calls a format. It is told, and guesses nothing: a playlist would make it open other files."""

INDEXED: tuple[Format, ...] = ("mov", "matroska", "asf", "avi", "flv")
"""Formats that tell their length."""

SEEKABLE: tuple[Format, ...] = ("mov", "matroska")
"""Formats that tell where each time is; of others, what comes before is decoded."""

_BEFORE = 1.0  # seconds that a codec needs before what it decodes is right
_TOLERANCE = 0.5  # seconds by which a container's length and its sound may differ
_GATHERED = 1 << 14  # samples
SILENT = ("it holds no sound", "give a recording that holds some")
_NO_INDEX = "it is cut off: its index, which stands at the end, is missing"


class PyAV:
    """A recording that PyAV decodes.

    Args:
        file: Open; it may be one that cannot seek.
        form: Its format.

    Raises:
        ImportError: PyAV is not installed.
        DecodingError: FFmpeg cannot open it, or it has no sound.
    """

    def __init__(self, file: View | Any, form: Format) -> None:
        import av

        self._av, self._form, self._file = av, form, file
        self.warning: str | None = None
        try:
            self._container = av.open(file, "r", format=DEMUXERS[form], metadata_errors="ignore")
        except (av.FFmpegError, ValueError) as error:
            raise DecodingError(_NO_INDEX if form == "mov" else _reason(error)) from None
        if not self._container.streams.audio:
            self.close()
            raise DecodingError(*SILENT)
        self._stream = self._container.streams.best("audio") or self._container.streams.audio[0]
        self._damage = ""
        self._frames = self._decoded()
        try:
            self._first = next(self._frames)
        except (StopIteration, DecodingError) as error:
            self.close()
            reason = self._damage or str(error)
            raise (DecodingError(reason) if reason else DecodingError(*SILENT)) from None
        self.header = Header(self._promised(), self._first.sample_rate, self._first.layout.nb_channels)

    def _promised(self) -> int | None:
        """Samples by the container's header; None: it does not tell, or of its pictures."""
        if self._form not in INDEXED:
            return None
        rate, stream = self._first.sample_rate, self._stream
        if stream.duration and stream.time_base:
            return int(stream.duration * stream.time_base * rate)
        if self._container.duration and len(self._container.streams) == 1:
            return int(self._container.duration * rate / self._av.time_base)
        return None

    def _decoded(self) -> Iterator[Any]:
        """Frames; what cannot be decoded is left out."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (self._av.FFmpegError, ValueError) as error:
                self._damage = self._damage or _reason(error)
                return
            try:
                yield from packet.decode()
            except (self._av.FFmpegError, ValueError) as error:
                self._damage = self._damage or _reason(error)

    def chunks(self, start: int) -> Iterator[Chunk]:
        """The samples from a position on."""
        count, rate, channels = 0, self.header.sample_rate, self.header.channels
        if start and self._form in SEEKABLE and self._first.time is not None:
            origin = self._first.time
            self._container.seek(int((origin + max(0.0, start / rate - _BEFORE)) * self._av.time_base))
            self._frames = self._decoded()
            self._first = next(self._frames, None)
            if self._first is None:
                return
            count = max(0, round(((self._first.time or 0.0) - origin) * rate))
        for samples in self._gathered() if isinstance(self._file, View) else self._resampled():
            skipped = min(max(0, start - count), len(samples))
            count += len(samples)
            if skipped < len(samples):
                yield samples[skipped:].reshape(-1, channels)
        if isinstance(self._file, View) and self._file.error:
            raise self._file.error
        promised = self.header.samples
        if promised is not None and count / rate < promised / rate - _TOLERANCE:
            self.warning = shortfall(promised / rate, count / rate)
        elif self._damage:
            self.warning = f"is damaged ({self._damage}); the sound that can be decoded lasts {count / rate:.1f} s"

    def _gathered(self) -> Iterator[Chunk]:
        """Samples of many frames at a time: each chunk costs whoever takes it."""
        parts: list[Chunk] = []
        for part in self._resampled():
            parts.append(part)
            if sum(map(len, parts)) >= _GATHERED:
                yield np.concatenate(parts)
                parts = []
        if parts:
            yield np.concatenate(parts)

    def _resampled(self) -> Iterator[Chunk]:
        """Samples (samples, channels), of the same rate and channels even where a stream changes."""
        rate, layout, kind = self._first.sample_rate, self._first.layout, None
        resampler: Any = None
        while self._first is not None:
            frame = self._first
            if kind != (frame.sample_rate, frame.layout.name, frame.format.name):
                kind = (frame.sample_rate, frame.layout.name, frame.format.name)
                yield from self._passed(resampler, None)
                resampler = self._av.AudioResampler("flt", layout, rate)
            yield from self._passed(resampler, frame)
            self._first = next(self._frames, None)
        yield from self._passed(resampler, None)

    def _passed(self, resampler: Any, frame: Any) -> Iterator[Chunk]:
        """What comes of a frame; of None, what is left at the end."""
        try:
            parts = resampler.resample(frame) if resampler is not None else []
        except (self._av.FFmpegError, ValueError) as error:
            raise DecodingError(_reason(error)) from None
        for part in parts:
            yield np.asarray(part.to_ndarray(), np.float32).reshape(-1, part.layout.nb_channels)

    def close(self) -> None:
        """Close the container."""
        self._container.close()


def _reason(error: Exception) -> str:
    return plain(str(getattr(error, "strerror", None) or error).splitlines()[0])
