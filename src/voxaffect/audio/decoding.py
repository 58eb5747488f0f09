"""Read recordings, chunk by chunk: paths, bytes and open files, in whatever format libsndfile reads."""

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from voxaffect.audio.waveforms import Waveform, downmix
from voxaffect.errors import AudioError

Source = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the bytes of an audio file, or an open binary file object that can seek."""

CHUNK = 1 << 16
"""Samples decoded at a time, per channel."""

_SAMPLE_RATES = (1_000, 768_000)  # Hz: no speech fits below, and above a header is wrong
_UNKNOWN_LENGTH = 1 << 40  # samples: a header written to a pipe does not know its length and says such a number
_TOLERANCE = 0.05  # seconds that a header may promise too much: some programs count their headers in


@dataclass(frozen=True)
class Header:
    """What a recording's header says.

    Args:
        samples: Length, in samples of one channel; of MP3 an estimate.
        sample_rate: Hz.
        channels: How many.
    """

    samples: int
    sample_rate: int
    channels: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.samples / self.sample_rate


class NamedBytes(io.BytesIO):
    """The bytes of an audio file with a name for messages, for example of what came through a pipe.

    Args:
        name: What errors call it.
        content: The bytes of the file.
    """

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Seek, or stay where that is impossible: libsndfile follows broken headers and expects no exception."""
        try:
            return super().seek(offset, whence)
        except ValueError:
            return self.tell()


def name_of(source: Source) -> str:
    """Name a source for messages: its path as given, or the kind of object it is.

    Examples:
        >>> name_of("call.wav"), name_of(bytes(44))
        ('call.wav', '<44 bytes>')
    """
    if isinstance(source, bytes):
        return f"<{len(source)} bytes>"
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)  # a number, of files that have none
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def header(source: Source) -> Header:
    """Read length, sample rate and channels, without decoding.

    Args:
        source: A path, the bytes of an audio file, or an open binary file.

    Returns:
        The header.

    Raises:
        AudioError: The source is missing, a folder, empty, truncated or not audio.
    """
    with _open(source) as file:
        return Header(file.frames, file.samplerate, file.channels)


def load(source: Source, sample_rate: int | None = 16_000, *, max_duration: float | None = None) -> Waveform:
    """Decode a recording, downmix it to mono and resample it.

    Args:
        source: A path, the bytes of an audio file, or an open binary file.
        sample_rate: Hz; None: the recording's own.
        max_duration: Refuse a longer recording, in seconds, before it fills the memory; None: any length.

    Returns:
        (samples,) float32, at least one sample.

    Raises:
        AudioError: The source is missing, a folder, empty, truncated, not audio, without samples or too long, or holds
            samples that are not numbers.
    """
    parts = list(chunks(source, sample_rate, max_duration=max_duration))
    waveform = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if waveform.size == 0:
        raise AudioError(f"{name_of(source)}: holds no samples; record it again")
    return waveform


def chunks(
    source: Source, sample_rate: int | None = 16_000, *, max_duration: float | None = None
) -> Iterator[Waveform]:
    """Decode a recording chunk by chunk, mono and resampled; memory does not grow with its length.

    Args:
        source: A path, the bytes of an audio file, or an open binary file.
        sample_rate: Hz; None: the recording's own.
        max_duration: Refuse a longer recording, in seconds; None: any length.

    Yields:
        (samples,) float32, not empty; joined, they are what `load` gives.

    Raises:
        AudioError: As `load` raises it, as soon as the reason is known.
    """
    name = name_of(source)
    about, decoded = decode(source, max_duration=max_duration)
    resampler = None
    if sample_rate is not None and sample_rate != about.sample_rate:
        resampler = soxr.ResampleStream(about.sample_rate, sample_rate, 1, dtype="float32")
    for chunk in decoded:
        mono = downmix(chunk, name)
        if resampler is not None:
            mono = resampler.resample_chunk(mono)
        if mono.size:
            yield mono
    if resampler is not None and (rest := resampler.resample_chunk(np.zeros(0, np.float32), last=True)).size:
        yield rest


def decode(
    source: Source, *, max_duration: float | None = None, start: int = 0
) -> tuple[Header, Iterator[npt.NDArray[np.float32]]]:
    """Decode a recording chunk by chunk, with its own sample rate and channels.

    Args:
        source: A path, the bytes of an audio file, or an open binary file.
        max_duration: Refuse a longer recording, in seconds; None: any length.
        start: Second from which on.

    Returns:
        The header, and an iterator over chunks, (samples, channels) float32. The samples are not checked.

    Raises:
        AudioError: The source is missing, a folder, empty, not audio or too long. The iterator raises it where the
            recording turns out to be truncated, damaged or too long.
    """
    file, name = _open(source), name_of(source)
    about = Header(file.frames, file.samplerate, file.channels)

    def decoded() -> Iterator[npt.NDArray[np.float32]]:
        with file:
            count = file.seek(start * about.sample_rate) if start else 0
            while len(chunk := _read(file, name, count)):
                count += len(chunk)
                check_duration(name, count / about.sample_rate, max_duration)  # a header may have promised less
                yield chunk
            if count < about.samples and file.format != "MP3":  # whose length is an estimate
                raise _truncated(name, about.duration, count / about.sample_rate)

    try:
        check_duration(name, about.duration, max_duration)
    except AudioError:
        file.close()
        raise
    return about, decoded()


def check_duration(name: str, duration: float, max_duration: float | None) -> None:
    """Check that a recording is not too long for one emotion.

    Args:
        name: What the error calls the recording.
        duration: Seconds.
        max_duration: Seconds; None: any.

    Raises:
        AudioError: It is longer.
    """
    if max_duration is not None and duration > max_duration:
        raise AudioError(
            f"{name}: lasts {_duration_text(duration)}, and one emotion cannot stand for more than "
            f"{_duration_text(max_duration)}; cut it into utterances"
        )


def check_sample_rate(name: str, sample_rate: int) -> None:
    """Check that a sample rate is between 1 and 768 kHz.

    Args:
        name: What the error calls the recording.
        sample_rate: Hz.

    Raises:
        AudioError: It is not.
    """
    if not _SAMPLE_RATES[0] <= sample_rate <= _SAMPLE_RATES[1]:
        raise AudioError(f"{name}: a sample rate of {sample_rate} Hz is not believable; export it at 8000 to 48000 Hz")


def _open(source: Source) -> soundfile.SoundFile:
    name = name_of(source)
    if isinstance(source, bytes):
        source = NamedBytes(name, source)
    if isinstance(source, io.TextIOBase) or not (isinstance(source, str | os.PathLike) or hasattr(source, "read")):
        raise AudioError(f"{name}: is {type(source).__name__}; give a path, bytes, or a file opened in binary mode")
    if isinstance(source, NamedBytes) and not source.getbuffer().nbytes:
        raise AudioError(f"{name}: is empty (0 bytes); copy or record it again")
    try:
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            if path.is_dir():
                raise AudioError(f"{name}: is a folder; name the recordings in it")
            if path.exists() and not path.is_file():  # a pipe, which cannot seek, as libsndfile must
                return _open(NamedBytes(name, path.read_bytes()))
            if path.stat().st_size == 0:
                raise AudioError(f"{name}: is empty (0 bytes); copy or record it again")
            # On POSIX as bytes, since a name need not be valid in the file system's encoding.
            native = os.fsencode(path) if os.name == "posix" else os.fspath(path)
            file = soundfile.SoundFile(native)  # type: ignore[arg-type]
        else:
            file = soundfile.SoundFile(source)
    except FileNotFoundError:
        raise AudioError(f"{name}: does not exist; check the path") from None
    except OSError as error:
        raise AudioError(
            f"{name}: cannot be read ({error.strerror or error}); check the path and its permissions"
        ) from None
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        reason = str(getattr(error, "error_string", error)).strip().rstrip(".")
        if isinstance(source, str | os.PathLike) and not os.access(source, os.R_OK):
            reason = "no permission to read it"
        raise AudioError(
            f"{name}: is not audio that can be decoded ({reason}); give WAV, FLAC, OGG, Opus or MP3: ffmpeg "
            "converts most other formats"
        ) from None
    try:
        check_sample_rate(name, file.samplerate)
        if file.frames >= _UNKNOWN_LENGTH:
            raise AudioError(f"{name}: does not tell its length, as it was written to a pipe; write it to a file again")
        _check_truncated(name, file)
    except AudioError:
        file.close()
        raise
    return file


def _read(file: soundfile.SoundFile, name: str, count: int) -> npt.NDArray[np.float32]:
    try:
        return np.asarray(file.read(CHUNK, dtype="float32", always_2d=True), np.float32)
    except (soundfile.SoundFileError, RuntimeError) as error:
        seconds = count / file.samplerate
        raise AudioError(f"{name}: is damaged after {seconds:.1f} s ({error}); copy or record it again") from None


# libsndfile repairs a header that promises more samples than the file holds, and notes so in its log. Programs that
# write to a pipe do not know the length and write these values by convention; such a file is not damaged.
_PROMISE = re.compile(r"^\s*data\s*:\s*(\d+)\s*\(should be (\d+)\)", re.MULTILINE)
_UNKNOWN_LENGTHS = (0, 0x7FFFFFFF, 0x80000000)


def _check_truncated(name: str, file: soundfile.SoundFile) -> None:
    match = _PROMISE.search(file.extra_info)
    if match is None:
        return
    promised, present = int(match[1]), int(match[2])
    if promised in _UNKNOWN_LENGTHS or promised >= 0xFFFF0000 or present >= promised or file.frames == 0:
        return
    duration = file.frames / file.samplerate
    whole = duration * promised / present
    if whole - duration > _TOLERANCE:
        raise _truncated(name, whole, duration)


def _truncated(name: str, promised: float, present: float) -> AudioError:
    return AudioError(f"{name}: is cut off (promises {promised:.1f} s, holds {present:.1f} s); copy it again")


def _duration_text(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
