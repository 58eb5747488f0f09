"""What is kept of a recording while it is heard: segments, what every moment said, and how loud it was."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.inference.line import Moment, Snapshot
from voxaffect.inference.timeline import Segment
from voxaffect.output.formats import Timeline

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
        self._rest = np.zeros((0, channels), np.float32)
        self._times: list[list[float]] = [[] for _ in range(channels)]
        self._shares: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(channels)]

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
        shares = np.array(self._shares[channel], np.float32).reshape(-1, len(self.classes))
        return np.array(self._times[channel]).reshape(-1, 2), shares

    def watch(self, channel: int, moment: Moment) -> None:
        """A moment has been decided."""
        self._times[channel] += [moment.start, moment.end]
        self._shares[channel].append(moment.shares.astype(np.float32))

    def push(self, block: npt.NDArray[np.float32], segments: Sequence[Segment]) -> None:
        """A block (samples, channels) has been heard, and these segments are known by it; the last one is empty."""
        self.segments += segments
        self._samples += len(block)
        part = self._rate / PEAKS
        joined = np.concatenate([self._rest, block])
        first = round(sum(map(len, self._peaks)) * part)
        edges = [round(k * part) - first for k in range(sum(map(len, self._peaks)), int(self._samples / part) + 1)]
        if len(edges) > 1:
            self._peaks.append(np.maximum.reduceat(np.abs(joined[: edges[-1]]), edges[:-1]))
        self._rest = joined[edges[-1] :] if edges else joined

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file to go on from."""
        return {
            "segments": [vars(each) for each in self.segments],
            "times": self._times,
            "shares": [[each.tolist() for each in channel] for channel in self._shares],
            "peaks": self.peaks.tolist(),
        }

    def restore(self, found: Mapping[str, Any], start: int, snapshots: Sequence[Snapshot]) -> None:
        """What `as_dict` gave, as far as it was known at the snapshots; blocks go on at `start` seconds."""
        self.segments = [
            Segment(**each) for each in found["segments"] if each["end"] <= snapshots[each["channel"]].seconds
        ]
        for channel, snapshot in enumerate(snapshots):
            times = found["times"][channel]
            known = sum(end <= snapshot.seconds for end in times[1::2])
            self._times[channel] = times[: 2 * known]
            self._shares[channel] = [np.array(each, np.float32) for each in found["shares"][channel][:known]]
        self._peaks = [np.array(found["peaks"][: start * PEAKS], np.float32).reshape(-1, self.channels)]
        self._samples = start * self._rate
