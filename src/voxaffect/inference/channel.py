"""One line, as it comes: a channel's waveform in chunks of any size to moments of speech and what they say."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform
from voxaffect.calibration import softmax
from voxaffect.inference.results import Moment, Snapshot, WindowModel
from voxaffect.inference.smoothing import Shares, Smoother, Smoothing
from voxaffect.inference.voice_activity import FRAME, SAMPLE_RATE, State, Stretch, Stretches, VoiceActivity

CELL = round(0.5 * SAMPLE_RATE)
"""Samples of a cell of time, for which one answer is given."""

WINDOW = round(2.5 * SAMPLE_RATE)
"""Samples of the window around a cell that is heard for it."""

_EDGE = round(0.1 * SAMPLE_RATE)  # heard before and after a stretch of speech
_KEPT = SAMPLE_RATE  # samples kept before a stretch may begin


@dataclass(frozen=True)
class _Cell:
    """What is to be heard: samples of the cell and of its window; and whether the stretch begins or ends with it."""

    start: int
    end: int
    window: Waveform
    first: bool
    last: bool


class Line:
    """A channel at 16 kHz, of which moments are known as soon as they can be, whatever chunks it comes in.

    resume: what it knew when it was interrupted. first: the sample of the line that comes next, before that.
    """

    def __init__(
        self,
        model: WindowModel,
        activity: VoiceActivity,
        smoothing: Smoothing,
        resume: Snapshot | None = None,
        first: int = 0,
    ) -> None:
        self._model, self._activity = model, activity
        self._state, self._stretches = State(), Stretches()
        self._smoother = Smoother(smoothing, len(model.classes))
        self._shortest = round(model.shortest * SAMPLE_RATE)
        self._audio: Waveform = np.zeros(0, np.float32)
        self._first = first  # the sample of the line that `_audio` begins with
        self._frames = 0  # heard so far
        self._cells = 0  # of the current stretch, planned so far
        self._spoken = 0  # the sample with which the last stretch ended
        self._waiting: list[_Cell] = []
        if resume is not None:
            self._frames, self._spoken = resume.frames, resume.spoken
            self._state.memory, self._state.context = resume.memory, resume.context
            self._smoother.memory = resume.emotions
        self.snapshot = self._snapshot()
        """What it knew when last nobody spoke at the end of what had been pushed."""

    def push(self, waveform: Waveform) -> list[Moment]:
        """The next samples (any,) -> the moments that are known by them."""
        self._audio = np.concatenate([self._audio, waveform])
        begin = min(self._frames * FRAME - self._first, len(self._audio))
        frames = self._audio[begin : begin + (len(self._audio) - begin) // FRAME * FRAME]
        planned: list[_Cell] = []
        for probability in self._activity.hear(frames, self._state):
            ended = self._stretches.push(self._frames, float(probability))
            self._frames += 1
            planned += self._planned(ended, self._frames * FRAME)
        found = list(self._heard(planned))
        self._forget()
        if self._stretches.current is None:
            self.snapshot = self._snapshot()
        return found

    def close(self) -> list[Moment]:
        """The line has ended -> the moments that were not known yet."""
        total = self._first + len(self._audio)
        found = list(self._heard(list(self._planned(self._stretches.close(self._frames), total))))
        self._forget()
        return found

    def now(self) -> Shares | None:
        """Probabilities (classes,) of the speech that goes on, by its latest window; None where nobody speaks.

        None too where it has lasted for less than the bundle needs. Not smoothed.
        """
        current = self._stretches.current
        if current is None or not current.confirmed:
            return None
        known = self._frames * FRAME
        start = max(current.start * FRAME - _EDGE, known - WINDOW, 0)
        return None if known - start < self._shortest else self._shares([self._cut(start, known)])[0]

    def _snapshot(self) -> Snapshot:
        state = self._state
        return Snapshot(self._frames, state.memory, state.context, self._smoother.memory, self._spoken)

    def _planned(self, ended: Stretch | None, known: int) -> Iterator[_Cell]:
        """The cells whose windows are known, now that `known` samples have been heard."""
        current = ended or self._stretches.current
        if current is None or not current.confirmed:
            self._cells = 0
            return
        begin = current.start * FRAME
        if ended is None:
            quiet = self._stretches.quiet
            until, end = (known if quiet is None else quiet * FRAME), None
        else:
            assert ended.end is not None
            until = end = ended.end * FRAME
        while True:
            start = begin + self._cells * CELL
            left, right = start + CELL // 2 - WINDOW // 2, start + CELL // 2 + WINDOW // 2
            last = end is not None and start + CELL + CELL // 2 > end
            if end is None and right > until:
                return
            lowest, highest = max(left, begin - _EDGE, 0), right if end is None else min(right, end + _EDGE, known)
            window = self._window(lowest, highest, known)
            if len(window) >= self._shortest:  # else all of the line is too short to hear an emotion in
                yield _Cell(start, end if last and end is not None else start + CELL, window, self._cells == 0, last)
            self._cells += 1
            if last:
                self._cells = 0
                return

    def _window(self, lowest: int, highest: int, known: int) -> Waveform:
        """These samples of the line, and as many around them as the bundle needs at least."""
        lack = max(0, self._shortest - (highest - lowest))
        lowest = max(lowest - lack // 2, self._first)
        highest = min(max(highest, lowest + self._shortest), known)
        return self._cut(max(min(lowest, highest - self._shortest), self._first), highest)

    def _cut(self, lowest: int, highest: int) -> Waveform:
        return self._audio[lowest - self._first : highest - self._first]

    def _heard(self, planned: list[_Cell]) -> Iterator[Moment]:
        if not planned:
            return
        for cell, shares in zip(planned, self._shares([each.window for each in planned]), strict=True):
            if cell.first:
                self._smoother.pause((cell.start - self._spoken) / CELL)
            self._waiting.append(cell)
            yield from self._decided(self._smoother.push(shares))
            if cell.last:
                yield from self._decided(self._smoother.flush())
                self._spoken = cell.end

    def _decided(self, shares: list[Shares]) -> Iterator[Moment]:
        for each in shares:
            cell = self._waiting.pop(0)
            yield Moment(cell.start / SAMPLE_RATE, cell.end / SAMPLE_RATE, each, cell.last)

    def _shares(self, windows: list[Waveform]) -> npt.NDArray[np.float64]:
        return softmax(self._model.logits(windows))

    def _forget(self) -> None:
        """Let go of what no later window can hold."""
        current, heard = self._stretches.current, self._frames * FRAME
        needed = heard if current is None else current.start * FRAME + self._cells * CELL
        keep = min(max(self._first, needed - _KEPT - WINDOW), self._first + len(self._audio))
        self._audio, self._first = self._audio[keep - self._first :].copy(), keep
