"""Recordings to waveforms: decode whatever libsndfile reads, downmix, resample by soxr, block by block.

A waveform is float32, mono, nominally in [-1, 1]. Nothing here knows about emotions; what is refused is what no
later step could make sense of.
"""

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

from voxaffect.errors import AudioError

Source = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the bytes of an audio file, or an open binary file object that can seek."""

Waveform = npt.NDArray[np.float32]

AUDIO_ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".w64", ".rf64", ".caf")
"""Endings by which a folder is searched for recordings; a file that is named outright may have any."""

RATES = (1_000, 768_000)
"""Sample rates that are believed, in Hz: below, no speech fits; above, a header is lying."""

UNKNOWN_LENGTH = 1 << 40
"""Samples from which on a header's length is no length: what is written to a pipe cannot tell its own."""

SLACK = 0.05
"""Seconds that a header may promise too much: some programs count their headers in."""

ABSURD = 1e9
"""Amplitude that no unit explains, and that resampling may carry to infinity: such bytes were no sound."""

SILENCE = 5e-4
"""Amplitude (-66 dB re full scale) that nothing in a silent recording exceeds."""

LOUDEST = 8.0
"""Amplitude that no waveform in [-1, 1] exceeds, however carelessly it was filtered or resampled."""

BLOCK = 1 << 16
"""Samples decoded at a time, per channel."""


@dataclass(frozen=True)
class Header:
    """What a recording says of itself: length in samples per channel, rate in Hz, channels."""

    frames: int
    sample_rate: int
    channels: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


class Named(io.BytesIO):
    """The bytes of an audio file that messages call by a name, as those that came through a pipe."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Seek, or stay where that is impossible: libsndfile follows what broken headers say and takes no exception."""
        try:
            return super().seek(offset, whence)
        except ValueError:
            return self.tell()


def recordings(folder: Path) -> list[Path]:
    """The recordings in a folder and below it, by their endings, sorted."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_ENDINGS)
    return sorted(path for path in found if path.is_file() and not path.name.startswith("._"))  # macOS's notes


def name_of(source: Source) -> str:
    """How messages call a source: the path as given, or what kind of object it is."""
    if isinstance(source, bytes):
        return f"<{len(source)} bytes>"
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)  # a number, of files that have none
    return name if isinstance(name, str) else f"<{type(source).__name__}>"


def header(source: Source) -> Header:
    """Length, rate and channels, without decoding.

    Raises AudioError where the source is missing, a folder, empty, truncated or not audio.
    """
    with _open(source) as file:
        return Header(file.frames, file.samplerate, file.channels)


def load(source: Source, sample_rate: int | None = 16_000, longest: float | None = None) -> Waveform:
    """Decode, downmix to mono and resample -> (samples,) float32 at `sample_rate` Hz (None: the recording's own).

    longest: refuse a recording of more seconds than this, before it fills the memory.

    Raises AudioError where the source is missing, a folder, empty, truncated, not audio, without samples, too long,
    or holds values that are not numbers.
    """
    parts = list(blocks(source, sample_rate, longest))
    waveform = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if waveform.size == 0:
        raise AudioError(f"{name_of(source)}: holds no samples; record it again")
    return waveform


def blocks(source: Source, sample_rate: int | None = 16_000, longest: float | None = None) -> Iterator[Waveform]:
    """Decode block by block, mono and resampled -> arrays of (samples,) float32; memory does not grow with length.

    Joined, the blocks are what `load` gives. Raises what `load` raises, as soon as it is known.
    """
    name = name_of(source)
    about, decoded = channels(source, longest)
    resampler = None
    if sample_rate is not None and sample_rate != about.sample_rate:
        resampler = soxr.ResampleStream(about.sample_rate, sample_rate, 1, dtype="float32")
    for block in decoded:
        mono = downmix(block, name)
        if resampler is not None:
            mono = resampler.resample_chunk(mono)
        if mono.size:
            yield mono
    if resampler is not None and (rest := resampler.resample_chunk(np.zeros(0, np.float32), last=True)).size:
        yield rest


def channels(
    source: Source, longest: float | None = None, start: int = 0
) -> tuple[Header, Iterator[npt.NDArray[np.float32]]]:
    """What a recording says of itself, and its blocks as they are -> arrays of (samples, channels) float32.

    start: seconds from which on.

    Raises what `load` raises but for what is wrong with samples: the recording at once, its blocks when it is known.
    """
    file, name = _open(source), name_of(source)
    about = Header(file.frames, file.samplerate, file.channels)

    def decoded() -> Iterator[npt.NDArray[np.float32]]:
        with file:
            seen = file.seek(start * about.sample_rate) if start else 0
            while len(block := _read(file, name, seen)):
                seen += len(block)
                refuse_length(name, seen / about.sample_rate, longest)  # a header may have promised less
                yield block
            if seen < about.frames and file.format != "MP3":  # whose length is an estimate
                raise _truncated(name, about.duration, seen / about.sample_rate)

    try:
        refuse_length(name, about.duration, longest)
    except AudioError:
        file.close()
        raise
    return about, decoded()


def downmix(samples: npt.NDArray[np.floating], name: str = "the waveform") -> Waveform:
    """Mean over channels: (samples,) or (samples, channels) -> (samples,) float32.

    Raises AudioError where a value is not a number: a decoder or a caller has gone wrong, and every later figure
    would silently be NaN too.
    """
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    mono = np.ascontiguousarray(mono, dtype=np.float32)
    peak = float(np.abs(mono).max(initial=0))
    if not np.isfinite(peak):
        raise AudioError(f"{name}: holds NaN or infinite samples; export it again from its source")
    if peak > ABSURD:
        raise AudioError(f"{name}: holds samples of {peak:.1e}, and full scale is 1; export it again from its source")
    return mono


def resample(waveform: Waveform, rate: int, sample_rate: int) -> Waveform:
    """Resample by soxr, high quality: (samples,) at `rate` Hz -> (samples,) float32 at `sample_rate` Hz."""
    if rate == sample_rate:
        return waveform
    resampler = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
    return resampler.resample_chunk(waveform, last=True)


def trim(waveform: Waveform, sample_rate: int, top_db: float) -> Waveform:
    """Without its beginning and end, as far as they lie `top_db` below the loudest 25 ms: (samples,) -> (any,).

    A waveform of which nothing would be left stays as it is.
    """
    frame = max(1, sample_rate // 40)
    frames = waveform[: len(waveform) // frame * frame].reshape(-1, frame)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    loud = np.flatnonzero(power > (power.max() if len(power) else 0) * 10 ** (-top_db / 10))
    return waveform[loud[0] * frame : (loud[-1] + 1) * frame] if len(loud) else waveform


def pad(waveform: Waveform, samples: int) -> Waveform:
    """Between equal silences, if shorter than so many samples: (any,) -> (at least samples,)."""
    spare = max(0, samples - len(waveform))
    return np.pad(waveform, (spare // 2, spare - spare // 2))


def refuse_length(name: str, duration: float, longest: float | None) -> None:
    """Raise AudioError for a duration of more than `longest` seconds; None: any."""
    if longest is not None and duration > longest:
        raise AudioError(
            f"{name}: lasts {_spoken(duration)}, and one emotion cannot stand for more than {_spoken(longest)}; "
            "cut it into utterances"
        )


def refuse_rate(name: str, rate: int) -> None:
    """Raise AudioError for a rate outside `RATES`."""
    if not RATES[0] <= rate <= RATES[1]:
        raise AudioError(f"{name}: a sample rate of {rate} Hz is not believable; export it at 8000 to 48000 Hz")


def _open(source: Source) -> soundfile.SoundFile:
    name = name_of(source)
    if isinstance(source, bytes):
        source = Named(name, source)
    if isinstance(source, io.TextIOBase) or not (isinstance(source, str | os.PathLike) or hasattr(source, "read")):
        raise AudioError(f"{name}: is {type(source).__name__}; give a path, bytes, or a file opened in binary mode")
    if isinstance(source, Named) and not source.getbuffer().nbytes:
        raise AudioError(f"{name}: is empty (0 bytes); copy or record it again")
    try:
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            if path.is_dir():
                raise AudioError(f"{name}: is a folder; name the recordings in it")
            if path.exists() and not path.is_file():  # a pipe, which cannot seek, as libsndfile must
                return _open(Named(name, path.read_bytes()))
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
            "makes them from most others"
        ) from None
    try:
        refuse_rate(name, file.samplerate)
        if file.frames >= UNKNOWN_LENGTH:
            raise AudioError(f"{name}: does not tell its length, as it was written to a pipe; write it to a file again")
        _refuse_truncated(name, file)
    except AudioError:
        file.close()
        raise
    return file


def _read(file: soundfile.SoundFile, name: str, seen: int) -> npt.NDArray[np.float32]:
    try:
        return np.asarray(file.read(BLOCK, dtype="float32", always_2d=True), np.float32)
    except (soundfile.SoundFileError, RuntimeError) as error:
        at = seen / file.samplerate
        raise AudioError(f"{name}: is damaged after {at:.1f} s ({error}); copy or record it again") from None


# libsndfile repairs a header that promises more sound than the file holds, and notes so in its log. Programs that
# write to a pipe cannot know the length and put these values; that is a convention, not damage.
_PROMISE = re.compile(r"^\s*data\s*:\s*(\d+)\s*\(should be (\d+)\)", re.MULTILINE)
_UNKNOWN_LENGTHS = (0, 0x7FFFFFFF, 0x80000000)


def _refuse_truncated(name: str, file: soundfile.SoundFile) -> None:
    match = _PROMISE.search(file.extra_info)
    if match is None:
        return
    promised, held = int(match[1]), int(match[2])
    if promised in _UNKNOWN_LENGTHS or promised >= 0xFFFF0000 or held >= promised or file.frames == 0:
        return
    there = file.frames / file.samplerate
    whole = there * promised / held
    if whole - there > SLACK:
        raise _truncated(name, whole, there)


def _truncated(name: str, promised: float, held: float) -> AudioError:
    return AudioError(f"{name}: is cut off (promises {promised:.1f} s, holds {held:.1f} s); copy it again")


def _spoken(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
