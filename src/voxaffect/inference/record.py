"""What is kept of a recording while it is heard: segments, what every moment said, and how loud it was."""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.inference.results import Moment, Segment, Snapshot, Timeline

PEAKS = 10
"""A second: of so many parts of it the loudest sample is kept."""


class Record:
    """Grows while a recording is heard: some numbers a second, however long it is.

    file: its name. sample_rate: of its blocks. channels: lines that are heard. classes: of the bundle.
    """

    def __init__(self, file: str, sample_rate: int, channels: int, classes: tuple[str, ...]) -> None:
        self.file, self.channels, self.classes = file, channels, classes
        self.segments: list[Segment] = []
        self._rate, self._samples = sample_rate, 0
        self._peaks: list[npt.NDArray[np.float32]] = []
        self._tenths = 0
        self._rest = np.zeros((0, channels), np.float32)
        self._times = [array("d") for _ in range(channels)]
        self._shares = [array("f") for _ in range(channels)]

    @property
    def duration(self) -> float:
        """Seconds heard so far."""
        return self._samples / self._rate

    @property
    def timeline(self) -> Timeline:
        """The segments so far, sorted."""
        ordered = sorted(self.segments, key=lambda each: (each.start, each.channel))
        return Timeline(self.file, self.duration, self.channels, self.classes, ordered)

    @property
    def peaks(self) -> npt.NDArray[np.float32]:
        """The loudest amplitude of every tenth of a second: (tenths, channels), in [0, 1] or a little more."""
        return np.concatenate([np.zeros((0, self.channels), np.float32), *self._peaks])

    def moments(self, channel: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]:
        """Of every half second of speech: start and end (moments, 2) in seconds, probabilities (moments, classes)."""
        times, shares = np.array(self._times[channel]), np.array(self._shares[channel])
        return times.reshape(-1, 2), shares.reshape(-1, len(self.classes))

    def watch(self, channel: int, moment: Moment) -> None:
        """A moment has been decided."""
        self._times[channel].extend((moment.start, moment.end))
        self._shares[channel].extend(moment.shares.tolist())

    def push(self, block: npt.NDArray[np.float32], segments: Sequence[Segment]) -> None:
        """A block (samples, channels) has been heard, and these segments are known by it; the last one is empty."""
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
        """All of it but the segments, for a file to go on from."""
        found: dict[str, npt.NDArray[Any]] = {"peaks": self.peaks}
        for channel in range(self.channels):
            found[f"times{channel}"], found[f"shares{channel}"] = self.moments(channel)
        return found

    def restore(
        self,
        found: Mapping[str, npt.NDArray[Any]],
        segments: Sequence[Segment],
        start: int,
        snapshots: Sequence[Snapshot],
    ) -> None:
        """What `arrays` gave and the segments, as far as known at the snapshots; blocks go on at `start` seconds."""
        self.segments = [each for each in segments if each.end <= snapshots[each.channel].seconds]
        for channel, snapshot in enumerate(snapshots):
            known = found[f"times{channel}"][:, 1] <= snapshot.seconds
            self._times[channel] = array("d", found[f"times{channel}"][known].ravel())
            self._shares[channel] = array("f", found[f"shares{channel}"][known].ravel())
        self._peaks = [found["peaks"][: start * PEAKS]]
        self._tenths = len(self._peaks[0])
        self._samples = start * self._rate
