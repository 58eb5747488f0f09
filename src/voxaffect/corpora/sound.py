"""Where a sound lies: a recording, or a span of one. Whatever works on the sound of an utterance loads it here."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voxaffect import audio
from voxaffect.audio import Waveform
from voxaffect.errors import AudioError


@dataclass(frozen=True)
class Sound:
    """A recording, or a span of it.

    Attributes:
        path: The file.
        start: Seconds from its beginning; None: from there.
        end: Likewise; None, or after its end: to its end.
        channel: Counted from 0; None: all channels mixed.

    Examples:
        >>> len(Sound(Path("examples/synthetic-voice.flac"), 0.5, 1.75).load(16_000))
        20000
    """

    path: Path
    start: float | None = None
    end: float | None = None
    channel: int | None = None

    @property
    def whole(self) -> bool:
        """Whether it is all of the recording, with all of its channels mixed."""
        return self.start is None and self.end is None and self.channel is None

    def load(self, sample_rate: int) -> Waveform:
        """Decode it, mono and resampled: (samples,) float32.

        Raises:
            AudioError: The recording cannot be read, ends before the span begins, or has not that channel.
        """
        if self.whole:
            return audio.load(self.path, sample_rate)
        about, chunks = self._cut()
        waveform = np.concatenate([np.zeros(0, np.float32), *chunks])
        if waveform.size == 0:
            raise AudioError(f"{self.path}: holds no samples {self.span}; correct the times")
        return audio.resample(waveform, about.sample_rate, sample_rate)

    def chunks(self) -> Iterator[Waveform]:
        """Decode it chunk by chunk, mono and at its own sample rate; errors as of `load`."""
        return audio.chunks(self.path, None) if self.whole else self._cut()[1]

    @property
    def span(self) -> str:
        """The span in words, as `from 1.5 to 3.25 s`."""
        return f"from {self.start or 0:g} s on" if self.end is None else f"from {self.start or 0:g} to {self.end:g} s"

    @property
    def fragment(self) -> str:
        """The span at the end of a name: `#1.5-3.25`, `#channel1:1.5-3.25`, `#channel1`, or empty where it is whole."""
        channel = "" if self.channel is None else f"channel{self.channel}"
        start, end = ("" if time is None else f"{round(time, 6)}" for time in (self.start, self.end))
        span = f"{start or 0}-{end}" if start or end else ""
        place = ":".join(part for part in (channel, span) if part)
        return f"#{place}" if place else ""

    def _cut(self) -> tuple[audio.Header, Iterator[Waveform]]:
        start = self.start or 0.0
        if start == self.end:
            raise AudioError(f"{self.path}: holds no samples {self.span}; correct the times")
        decoded = audio.decode(self.path, start=start, end=self.end)
        about, reason = decoded.header, ""
        if self.channel is not None and self.channel >= about.channels:
            count = "1 channel" if about.channels == 1 else f"{about.channels} channels"
            reason = f"has {count}, and none is number {self.channel}; they count from 0"
        elif about.duration is not None and start >= about.duration:
            reason = f"lasts {about.duration:.1f} s, not {self.span}; correct the times"
        if reason:
            decoded.close()
            raise AudioError(f"{self.path}: {reason}")

        def parts() -> Iterator[Waveform]:
            count, rate = 0, about.sample_rate
            for chunk in decoded:
                count += len(chunk)
                yield audio.downmix(chunk if self.channel is None else chunk[:, self.channel], str(self.path))
            if self.end is None or count < round(self.end * rate) - round(start * rate):
                decoded.warn()  # what is wrong with other parts of the recording does not matter here

        return about, parts()
