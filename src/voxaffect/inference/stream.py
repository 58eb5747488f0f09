"""Live speech: chunks of any size at any rate in, segments out as soon as they are known.

A file is a stream too, of which the blocks come as fast as they are decoded: both give the same segments.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

import numpy as np
import numpy.typing as npt
import soxr

from voxaffect import audio
from voxaffect.audio import LOUDEST, Source
from voxaffect.errors import AudioError, SettingsError
from voxaffect.inference.channel import Line
from voxaffect.inference.results import Moment, Segment, Snapshot, WindowModel
from voxaffect.inference.segments import Grouping
from voxaffect.inference.smoothing import Smoothing
from voxaffect.inference.voice_activity import SAMPLE_RATE, VoiceActivity

_BEFORE = 2  # seconds heard again, so that the first window is whole and the resampler has found its feet

CHANNELS = 16
"""Lines that one stream may have at most."""


def beginning(snapshots: Sequence[Snapshot]) -> int:
    """Seconds of a recording from which on it must be heard to go on from there: whole, as resampling repeats then."""
    earliest = min((each.seconds for each in snapshots), default=0.0)
    return max(0, math.floor(earliest) - _BEFORE)


class Stream:
    """Lines that are heard side by side, each channel one of them; not to be shared between threads.

    sample_rate: Hz of what comes. smoothing: over time; None: the default one.
    watch: called with (channel, moment) for every half second of speech, as soon as it is decided.
    name: what messages call it. resume: what `snapshots` gave when it was interrupted; the samples from
    `beginning(resume)` seconds on come next.
    """

    def __init__(
        self,
        model: WindowModel,
        sample_rate: int,
        channels: int = 1,
        smoothing: Smoothing | None = None,
        watch: Callable[[int, Moment], None] | None = None,
        name: str = "the stream",
        resume: Sequence[Snapshot] = (),
    ) -> None:
        """Raises SettingsError for a bundle that does not hear at 16 kHz, AudioError for an unbelievable rate."""
        if model.sample_rate != SAMPLE_RATE:
            raise SettingsError(
                f"{model.name}: hears at {model.sample_rate} Hz, and speech is found at "
                f"{SAMPLE_RATE}; train it with --set input.sample_rate={SAMPLE_RATE}"
            )
        audio.check_sample_rate(name, sample_rate)
        if not 1 <= channels <= CHANNELS:
            raise AudioError(f"{name}: has {channels} channels; give 1 to {CHANNELS}")
        self._model, self._rate, self._channels, self._watch = model, sample_rate, channels, watch
        self._resampler = None
        if sample_rate != SAMPLE_RATE:
            self._resampler = soxr.ResampleStream(sample_rate, SAMPLE_RATE, channels, dtype="float32")
        activity, smoothing = VoiceActivity(), smoothing or Smoothing()
        self._begin = beginning(resume)
        self._lines = [
            Line(model, activity, smoothing, resume[each] if resume else None, self._begin * SAMPLE_RATE)
            for each in range(channels)
        ]
        self._groupings = [Grouping(model.classes, model.threshold, each) for each in range(channels)]
        self._samples, self._closed, self._name = 0, False, name
        # One thread a channel: both networks let go of Python while they count.
        self._threads = ThreadPoolExecutor(channels) if channels > 1 else None

    @property
    def seconds(self) -> float:
        """How much has come so far, from the beginning of the recording."""
        return self._begin + self._samples / self._rate

    def snapshots(self) -> list[Snapshot]:
        """From where each line could be gone on with: the latest moment at which nobody spoke on it.

        They hold for what `push` has returned; when it was interrupted, those from before are to be used.
        """
        return [line.snapshot for line in self._lines]

    def push(self, chunk: npt.ArrayLike) -> list[Segment]:
        """The next samples, (samples,) or (samples, channels) of floats in [-1, 1] -> the segments known by them.

        Those of one channel come in their order; a channel may know sooner than another.

        Raises AudioError where they are not that, and nothing of the chunk is heard then.
        """
        if self._closed:
            raise AudioError(f"{self._name}: is closed; open another")
        samples = self._checked(np.asarray(chunk))
        self._samples += len(samples)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        return self._segments(lambda channel: self._lines[channel].push(samples[:, channel]))

    def close(self) -> list[Segment]:
        """Nothing more comes -> the segments that were not known yet."""
        if self._closed:
            return []
        self._closed = True
        rest = np.zeros((0, self._channels), np.float32)
        if self._resampler is not None:
            rest = self._resampler.resample_chunk(rest, last=True)
        return self._segments(
            lambda channel: self._lines[channel].push(rest[:, channel]) + self._lines[channel].close()
        )

    def now(self) -> list[dict[str, float] | None]:
        """Of each channel the probabilities of the speech that goes on, by its last seconds; None: nobody speaks."""
        shares = [line.now() for line in self._lines]
        names = self._model.classes
        return [None if each is None else dict(zip(names, map(float, each), strict=True)) for each in shares]

    def __enter__(self) -> "Stream":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        self._closed = True
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def _segments(self, heard: Callable[[int], list[Moment]]) -> list[Segment]:
        channels = range(self._channels)
        moments = list(map(heard, channels) if self._threads is None else self._threads.map(heard, channels))
        found = []
        for channel, grouping in enumerate(self._groupings):
            for moment in moments[channel]:
                if self._watch is not None:
                    self._watch(channel, moment)
                found += grouping.push(moment)
        return sorted(found, key=lambda segment: (segment.end, segment.channel))

    def _checked(self, chunk: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
        if not np.issubdtype(chunk.dtype, np.floating):
            raise AudioError(
                f"{self._name}: gets samples of type {chunk.dtype}; give floats in [-1, 1] (16-bit integers: divide "
                "by 32768)"
            )
        samples = chunk[:, None] if chunk.ndim == 1 else chunk
        if samples.ndim != 2 or samples.shape[1] != self._channels:
            raise AudioError(
                f"{self._name}: has {self._channels} channels and gets samples of shape {chunk.shape}; give (samples, "
                "channels)"
            )
        if not np.isfinite(samples).all():
            raise AudioError(f"{self._name}: holds NaN or infinite samples; look at where it comes from")
        peak = float(np.abs(samples).max()) if len(samples) else 0.0
        if peak > LOUDEST:
            raise AudioError(
                f"{self._name}: holds values up to {peak:.3g}, and full scale is 1; divide by its full scale"
            )
        return np.ascontiguousarray(samples, np.float32)


class Listening:
    """A recording of any length, heard block by block: iterate over it once.

    duration: seconds that its header promises. channels: lines that are heard.
    mix: hear all channels as one; else each is a line of its own. watch: as `Stream` takes it.
    resume: what `snapshots` gave before an interruption; what lies before is not heard again.

    Raises AudioError where it cannot be read, or is said to be cut off by its own header.
    """

    def __init__(
        self,
        model: WindowModel,
        source: Source,
        mix: bool = False,
        smoothing: Smoothing | None = None,
        watch: Callable[[int, Moment], None] | None = None,
        resume: Sequence[Snapshot] = (),
    ) -> None:
        self.start = beginning(resume)
        about, self._blocks = audio.decode(source, start=self.start)
        self._mix, self._name = mix, audio.name_of(source)
        self.duration, self.channels, self.sample_rate = about.duration, 1 if mix else about.channels, about.sample_rate
        self.stream = Stream(model, about.sample_rate, self.channels, smoothing, watch, self._name, resume)

    def __iter__(self) -> Iterator[tuple[npt.NDArray[np.float32], list[Segment]]]:
        """Blocks of (samples, channels) and the segments that are known by each; the last block is empty.

        Raises AudioError where it turns out to be damaged, cut off or empty: after all segments up to there.
        """
        with self.stream as stream:
            try:
                for block in self._blocks:
                    heard = audio.downmix(block, self._name)[:, None] if self._mix else block
                    yield heard, stream.push(heard)
            except AudioError:
                yield np.zeros((0, self.channels), np.float32), stream.close()
                raise
            yield np.zeros((0, self.channels), np.float32), stream.close()
            if not stream.seconds:
                raise AudioError(f"{self._name}: holds no samples; record it again")


def timeline(
    model: WindowModel, source: Source, mix: bool = False, smoothing: Smoothing | None = None
) -> Iterator[Segment]:
    """The segments of a recording of any length, as they become known; memory does not grow with it.

    mix: hear all channels as one; else each is a line of its own.

    Raises AudioError where it cannot be read; where it turns out to be damaged, after the segments up to there.
    """
    for _, segments in Listening(model, source, mix, smoothing):
        yield from segments
