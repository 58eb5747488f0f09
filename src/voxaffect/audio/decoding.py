"""Read recordings, chunk by chunk: paths, bytes and open files.

What a recording is, its first bytes tell. libsndfile decodes what it reads right, FFmpeg the rest. All sound that is
there is used; what is missing or damaged is said.
"""

import warnings
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import numpy as np
import soxr

from voxaffect.audio.channels import Levels
from voxaffect.audio.choosing import decoder_of
from voxaffect.audio.content import Content, Source, open_content
from voxaffect.audio.decoder import Chunk, Decoder, DecodingError, Header
from voxaffect.audio.raw import Raw
from voxaffect.audio.waveforms import Waveform, downmix
from voxaffect.errors import AudioError, VoxaffectWarning, check

_SAMPLE_RATES = (1_000, 768_000)  # Hz: no speech fits below, and above a header is wrong


class Decoded:
    """A recording that is being decoded: iterate over it once, for chunks (samples, channels) float32.

    Args:
        content: Of the recording.
        decoder: Of it.
        start: Second from which on.
        end: Second up to which; None: to the end.
        max_duration: Refuse a longer one, in seconds; None: any length.

    Attributes:
        header: What it says of itself.
        name: What messages call it.
    """

    def __init__(
        self, content: Content, decoder: Decoder, start: float, end: float | None, max_duration: float | None
    ) -> None:
        self._content, self._decoder = content, decoder
        self.header, self.name = decoder.header, content.name
        rate = self.header.sample_rate
        self._first, self._last = round(start * rate), None if end is None else round(end * rate)
        self._max_duration = max_duration
        if (duration := self.header.duration) is not None:
            check_duration(self.name, (duration if end is None else min(end, duration)) - start, max_duration)

    @property
    def warning(self) -> str | None:
        """What is wrong with a recording that is used anyway, as far as it is known; whole after the last chunk."""
        return self._decoder.warning

    def __iter__(self) -> Iterator[Chunk]:
        """The chunks.

        Raises:
            AudioError: The recording is damaged, or lasts longer than it may. Its samples are not checked.
        """
        count, rate = self._first, self.header.sample_rate
        try:
            for decoded in self._decoder.chunks(self._first):
                chunk = decoded if self._last is None else decoded[: self._last - count]
                count += len(chunk)
                check_duration(self.name, (count - self._first) / rate, self._max_duration)
                if len(chunk):
                    yield chunk
                if count == self._last:
                    break
        except DecodingError as error:
            raise AudioError(f"{self.name}: is damaged ({error}); copy or record it again") from None
        finally:
            self.close()

    def mono(
        self, sample_rate: int | None, *, channel: int | None = None, levels: Levels | None = None
    ) -> Iterator[Waveform]:
        """Chunks (samples,) of the mean of all channels or of one, resampled unless the rate is None.

        Args:
            sample_rate: Hz.
            channel: Counted from 0; None: the mean of all.
            levels: Take the channels' levels on the way.

        Raises:
            AudioError: As iterating raises it, or samples are not numbers.
        """
        resampler, rate = None, self.header.sample_rate
        if sample_rate is not None and sample_rate != rate:
            resampler = soxr.ResampleStream(rate, sample_rate, 1, dtype="float32")
        for chunk in self:
            if levels is not None:
                levels.push(chunk)
            mono = downmix(chunk if channel is None else chunk[:, channel], self.name)
            if resampler is not None:
                mono = resampler.resample_chunk(mono)
            if mono.size:
                yield mono
        if resampler is not None and (rest := resampler.resample_chunk(np.zeros(0, np.float32), last=True)).size:
            yield rest

    def waveform(
        self, sample_rate: int | None, *, channel: int | None = None, levels: Levels | None = None
    ) -> Waveform:
        """All of it, (samples,) float32, at least one sample; parameters as of `mono`.

        Raises:
            AudioError: As `mono` raises it, or there are no samples.
        """
        parts = list(self.mono(sample_rate, channel=channel, levels=levels))
        waveform = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        if waveform.size == 0:
            if self._first:
                raise AudioError(f"{self.name}: ends before {self._first / self.header.sample_rate:.1f} s")
            raise AudioError(f"{self.name}: holds no samples; record it again")
        return waveform

    def warn(self) -> None:
        """Issue the warning, if there is one."""
        if self.warning:
            warnings.warn(f"{self.name}: {self.warning}", VoxaffectWarning, stacklevel=3)

    def close(self) -> None:
        """Close what is open."""
        self._decoder.close()
        self._content.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def header(source: Source, *, raw: Raw | None = None) -> Header:
    """Read length, sample rate and channels; of MP3 and Ogg, by a look at every frame.

    Args:
        source: A path, the bytes of an audio file, or an open binary file; one that cannot seek is read to its end.
        raw: What a headerless recording is.

    Returns:
        The header.

    Raises:
        AudioError: The source is missing, a folder, empty or not audio.
    """
    with decode(source, raw=raw) as decoded:
        return decoded.header


def load(
    source: Source,
    sample_rate: int | None = 16_000,
    *,
    start: float = 0.0,
    end: float | None = None,
    max_duration: float | None = None,
    raw: Raw | None = None,
) -> Waveform:
    """Decode a recording or a part of it, downmix it to mono and resample it.

    Args:
        source: A path, the bytes of an audio file, or an open binary file; one that cannot seek is read to its end.
        sample_rate: Hz; None: the recording's own.
        start: Second from which on.
        end: Second up to which; None: to the end.
        max_duration: Refuse a longer recording or part, in seconds, before it fills the memory; None: any length.
        raw: What a headerless recording is.

    Returns:
        (samples,) float32, at least one sample.

    Raises:
        AudioError: The source is missing, a folder, empty, not audio, without samples or too long, or holds samples
            that are not numbers.

    Warns:
        VoxaffectWarning: It is cut off or damaged, and was used as far as it goes.
    """
    decoded = decode(source, start=start, end=end, max_duration=max_duration, raw=raw)
    waveform = decoded.waveform(sample_rate)
    decoded.warn()
    return waveform


def chunks(
    source: Source, sample_rate: int | None = 16_000, *, max_duration: float | None = None
) -> Iterator[Waveform]:
    """Decode a recording chunk by chunk, mono and resampled; memory does not grow with its length.

    Args:
        source: As `load` takes it.
        sample_rate: Hz; None: the recording's own.
        max_duration: Refuse a longer recording, in seconds; None: any length.

    Yields:
        (samples,) float32, not empty; joined, they are what `load` gives.

    Raises:
        AudioError: As `load` raises it, as soon as the reason is known.

    Warns:
        VoxaffectWarning: As `load` warns, after the last chunk.
    """
    decoded = decode(source, max_duration=max_duration)
    yield from decoded.mono(sample_rate)
    decoded.warn()


def decode(
    source: Source,
    *,
    start: float = 0.0,
    end: float | None = None,
    max_duration: float | None = None,
    raw: Raw | None = None,
) -> Decoded:
    """Open a recording to decode it chunk by chunk, with its own sample rate and channels.

    Args:
        source: As `load` takes it.
        start: Second from which on.
        end: Second up to which; None: to the end.
        max_duration: Refuse a longer recording or part, in seconds; None: any length.
        raw: What a headerless recording is.

    Returns:
        The recording, of which nothing is decoded yet. What is wrong with it is its `warning`.

    Raises:
        AudioError: The source is missing, a folder, empty, not audio or too long.
        SettingsError: `start` and `end` are no part of a recording.
    """
    check(0 <= start <= (np.inf if end is None else end), f"`start`={start}, `end`={end}: choose 0 <= start <= end")
    content = open_content(source, headerless=raw is not None)
    decoder: Decoder | None = None
    try:
        decoder = decoder_of(content, raw)
        check_sample_rate(content.name, decoder.header.sample_rate)
        return Decoded(content, decoder, start, end, max_duration)
    except BaseException:
        if decoder is not None:
            decoder.close()
        content.close()
        raise


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
            f"{_duration_text(max_duration)}; cut it into utterances, or give it to timeline"
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


def _duration_text(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
