"""What a timeline is made of while a recording is processed: segments, steps, and the loudness of the waveform."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.inference.results import Segment, Snapshot, Step, Timeline, by_start

PEAKS = 10
"""Peaks a second."""


class Record:
    """Grows while a recording is processed, by some numbers a second.

    Args:
        file: The recording's name as it was given; None: it has none.
        sample_rate: Of its blocks.
        channels: Of its blocks.
        classes: Of the bundle.
    """

    def __init__(self, file: str | None, sample_rate: int, channels: int, classes: tuple[str, ...]) -> None:
        self.file, self.channels, self.classes = file, channels, classes
        self.segments: list[Segment] = []
        self._rate, self._samples = sample_rate, 0
        self._peaks: list[npt.NDArray[np.float32]] = []
        self._tenths = 0
        self._rest = np.zeros((0, channels), np.float32)
        self._times = [array("d") for _ in range(channels)]
        self._probabilities = [array("f") for _ in range(channels)]

    @property
    def duration(self) -> float:
        """Seconds so far."""
        return self._samples / self._rate

    @property
    def timeline(self) -> Timeline:
        """The segments so far, sorted."""
        return Timeline(self.file, self.duration, self.channels, self.classes, by_start(self.segments))

    @property
    def peaks(self) -> npt.NDArray[np.float32]:
        """The loudest amplitude of every tenth of a second: (tenths, channels), in [0, 1] or a little more."""
        return np.concatenate([np.zeros((0, self.channels), np.float32), *self._peaks])

    def steps(self, channel: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """Of every step of a channel: start and end (steps, 2) in seconds, probabilities (steps, classes)."""
        times, values = np.array(self._times[channel]), np.array(self._probabilities[channel])
        return times.reshape(-1, 2), values.reshape(-1, len(self.classes))

    def watch(self, channel: int, step: Step) -> None:
        """Take a step that has been decided; of other sounds than speech nothing is recorded."""
        if not step.speech:
            return
        self._times[channel].extend((step.start, step.end))
        self._probabilities[channel].extend(step.probabilities)

    def push(self, block: npt.NDArray[np.float32], segments: Sequence[Segment]) -> None:
        """Take a block (samples, channels) and the segments that are known by it; the last block is empty."""
        self.segments += segments
        self._samples += len(block)
        part, joined = self._rate / PEAKS, np.concatenate([self._rest, block])
        first = round(self._tenths * part)
        edges = [round(tenth * part) - first for tenth in range(self._tenths, int(self._samples / part) + 1)]
        if len(edges) > 1:
            self._peaks.append(np.maximum.reduceat(np.abs(joined[: edges[-1]]), edges[:-1]))
            self._tenths += len(edges) - 1
        self._rest = joined[edges[-1] :] if edges else joined

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All of it but the segments, for `restore`."""
        arrays: dict[str, npt.NDArray[Any]] = {"peaks": self.peaks}
        for channel in range(self.channels):
            arrays[f"times{channel}"], arrays[f"probabilities{channel}"] = self.steps(channel)
        return arrays

    def restore(
        self,
        arrays: Mapping[str, npt.NDArray[Any]],
        segments: Sequence[Segment],
        *,
        start: int,
        snapshots: Sequence[Snapshot],
    ) -> None:
        """Take over what `arrays` returned and the segments, up to the snapshots; blocks go on at `start` seconds."""
        self.segments = [segment for segment in segments if segment.end <= snapshots[segment.channel or 0].seconds]
        for channel, snapshot in enumerate(snapshots):
            times = arrays[f"times{channel}"]
            known = times[:, 1] <= snapshot.seconds
            self._times[channel] = array("d", times[known].ravel())
            self._probabilities[channel] = array("f", arrays[f"probabilities{channel}"][known].ravel())
        self._peaks = [arrays["peaks"][: start * PEAKS]]
        self._tenths = len(self._peaks[0])
        self._samples = start * self._rate
