"""Live speech: chunks of any size at any rate in, segments out as soon as they are known.

A file is a stream too, whose blocks arrive as fast as they are decoded: both give the same segments.
"""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import soxr

from voxaffect import audio
from voxaffect.audio import LOUDEST
from voxaffect.errors import AudioError, SettingsError
from voxaffect.inference.channel import ChannelStream
from voxaffect.inference.network import Network
from voxaffect.inference.results import Segment, Snapshot, Step
from voxaffect.inference.segments import Grouping
from voxaffect.inference.smoothing import Smoothing
from voxaffect.inference.voice_activity import SAMPLE_RATE, VoiceActivity

_BEFORE = 2  # seconds processed again, so that the first window is complete and the resampler has settled

CHANNELS = 16
"""Channels that one stream may have at most."""


def beginning(snapshots: Sequence[Snapshot]) -> int:
    """Seconds of a recording at which to resume: a whole number, so that resampling repeats."""
    earliest = min((snapshot.seconds for snapshot in snapshots), default=0.0)
    return max(0, math.floor(earliest) - _BEFORE)


class Stream:
    """Channels side by side, each of them a speaker; not to be shared between threads.

    Args:
        model: A recogniser.
        sample_rate: Hz of the chunks.
        channels: 1 to 16.
        smoothing: Over time; None: the default.
        watch: Called with (channel, step) for every half second of speech, as soon as it is decided.
        name: What messages call it.
        file: Of the segments; None: it has no name.
        mixed: Whether the only channel is a mix of all, so that segments have none.
        resume: What `snapshots` returned before an interruption; the samples from `beginning(resume)` seconds on
            come next.

    Raises:
        SettingsError: The bundle has another rate than 16 kHz.
        AudioError: The rate is not believable, or there are too many channels.

    Examples:
        >>> import numpy as np, voxaffect as va
        >>> with va.load().stream(8000) as stream:
        ...     stream.push(np.zeros(800, np.float32))
        []
    """

    def __init__(
        self,
        model: Network,
        sample_rate: int,
        *,
        channels: int = 1,
        smoothing: Smoothing | None = None,
        watch: Callable[[int, Step], None] | None = None,
        name: str = "the stream",
        file: str | None = None,
        mixed: bool = False,
        resume: Sequence[Snapshot] = (),
    ) -> None:
        if model.sample_rate != SAMPLE_RATE:
            rate = f"input.sample_rate={SAMPLE_RATE}"
            raise SettingsError(f"{model.name}: takes {model.sample_rate} Hz; for a timeline, train it with {rate}")
        audio.check_sample_rate(name, sample_rate)
        if not 1 <= channels <= CHANNELS:
            raise AudioError(f"{name}: has {channels} channels; give 1 to {CHANNELS}")
        self._model, self._rate, self._channels, self._watch = model, sample_rate, channels, watch
        self._resampler = None
        if sample_rate != SAMPLE_RATE:
            self._resampler = soxr.ResampleStream(sample_rate, SAMPLE_RATE, channels, dtype="float32")
        activity, smoothing = VoiceActivity(), smoothing or Smoothing()
        self._begin = beginning(resume)
        first = self._begin * SAMPLE_RATE
        self._streams = [
            ChannelStream(model, activity, smoothing, resume=resume[channel] if resume else None, first=first)
            for channel in range(channels)
        ]
        self._groupings = [
            Grouping(model.classes, threshold=model.threshold, channel=None if mixed else channel, file=file)
            for channel in range(channels)
        ]
        self._samples, self._closed, self._name = 0, False, name
        # One thread a channel: both networks release the interpreter while they compute.
        self._threads = ThreadPoolExecutor(channels) if channels > 1 else None

    def __repr__(self) -> str:
        return f"Stream({self._model.name}, {self._rate} Hz, {self._channels} channels, {self.seconds:.1f} s)"

    @property
    def seconds(self) -> float:
        """How much has arrived, from the beginning of the recording."""
        return self._begin + self._samples / self._rate

    def snapshots(self) -> list[Snapshot]:
        """Of each channel the latest state while nobody spoke, to resume from.

        They match what `push` has returned; if it was interrupted, use those from before.
        """
        return [stream.snapshot for stream in self._streams]

    def push(self, chunk: npt.ArrayLike) -> list[Segment]:
        """Take the next samples.

        Args:
            chunk: (samples,) or (samples, channels), floats in [-1, 1].

        Returns:
            The segments that have ended, those of one channel in their order.

        Raises:
            AudioError: The chunk is something else; nothing of it is processed.
        """
        if self._closed:
            raise AudioError(f"{self._name}: is closed; open another")
        samples = self._checked(np.asarray(chunk))
        self._samples += len(samples)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        return self._segments(lambda channel: self._streams[channel].push(samples[:, channel]))

    def close(self) -> list[Segment]:
        """End the stream; returns the segments that were not known yet."""
        if self._closed:
            return []
        self._closed = True
        rest = np.zeros((0, self._channels), np.float32)
        if self._resampler is not None:
            rest = self._resampler.resample_chunk(rest, last=True)
        return self._segments(
            lambda channel: self._streams[channel].push(rest[:, channel]) + self._streams[channel].close()
        )

    def now(self) -> list[dict[str, float] | None]:
        """Of each channel the probabilities of the last seconds of the speech that goes on; None: nobody speaks."""
        latest = [stream.now() for stream in self._streams]
        names = self._model.classes
        return [None if values is None else dict(zip(names, map(float, values), strict=True)) for values in latest]

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self.close()
        self._closed = True
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def _segments(self, advance: Callable[[int], list[Step]]) -> list[Segment]:
        channels = range(self._channels)
        steps = list(map(advance, channels) if self._threads is None else self._threads.map(advance, channels))
        segments = []
        for channel, grouping in enumerate(self._groupings):
            for step in steps[channel]:
                if self._watch is not None:
                    self._watch(channel, step)
                segments += grouping.push(step)
        return sorted(segments, key=lambda segment: (segment.end, segment.channel or 0))

    def _checked(self, chunk: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
        if not np.issubdtype(chunk.dtype, np.floating):
            remedy = "give floats in [-1, 1] (16-bit integers: divide by 32768)"
            raise AudioError(f"{self._name}: gets samples of type {chunk.dtype}; {remedy}")
        samples = chunk[:, None] if chunk.ndim == 1 else chunk
        if samples.ndim != 2 or samples.shape[1] != self._channels:
            given = f"has {self._channels} channels and gets samples of shape {chunk.shape}"
            raise AudioError(f"{self._name}: {given}; give (samples, channels)")
        if not np.isfinite(samples).all():
            raise AudioError(f"{self._name}: holds NaN or infinite samples; look at where it comes from")
        peak = float(np.abs(samples).max()) if len(samples) else 0.0
        if peak > LOUDEST:
            raise AudioError(
                f"{self._name}: holds values up to {peak:.3g}, and full scale is 1; divide by 32768 (16 bits)"
            )
        return np.ascontiguousarray(samples, np.float32)
