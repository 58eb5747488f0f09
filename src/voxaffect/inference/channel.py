"""One channel as it arrives: chunks of any size in, steps of speech with their probabilities out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from voxaffect.audio import Waveform
from voxaffect.calibration import softmax
from voxaffect.inference.encoding import Vector, encoding
from voxaffect.inference.network import Network
from voxaffect.inference.own_baseline import OwnBaseline
from voxaffect.inference.results import Snapshot, Step
from voxaffect.inference.smoothing import Probabilities, Smoother, Smoothing
from voxaffect.inference.voice_activity import FRAME, SAMPLE_RATE, SpeechRegion, SpeechRegions, State, VoiceActivity

STEP = round(0.5 * SAMPLE_RATE)
"""Samples of a step."""

WINDOW = round(2.5 * SAMPLE_RATE)
"""Samples of the window around a step, which its probabilities are of."""

_EDGE = round(0.1 * SAMPLE_RATE)  # of a window, before and after a speech region
_MARGIN = SAMPLE_RATE  # samples in memory before a speech region may begin
_FOLLOW = FRAME / (2 * SAMPLE_RATE)  # of the way to the mean of the latest frame that the offset goes: in 2 s, about


@dataclass(frozen=True)
class _Planned:
    """A step before its probabilities are known, in samples; whether its speech region ends with it.

    window: As `Encoding.window` gives it.
    """

    start: int
    end: int
    window: Vector
    last: bool


class ChannelStream:
    """A channel at 16 kHz, whose steps do not depend on the chunks that it arrives in.

    Args:
        model: Gives the windows' logits.
        activity: Finds speech.
        smoothing: Over time.
        resume: The state at an interruption.
        first: The sample of the channel that comes next, before that of the interruption.
    """

    def __init__(
        self,
        model: Network,
        activity: VoiceActivity,
        smoothing: Smoothing,
        *,
        resume: Snapshot | None = None,
        first: int = 0,
    ) -> None:
        self._model, self._activity, self._encoding = model, activity, encoding(model)
        self._state, self._regions = State(), SpeechRegions()
        self._smoother = Smoother(smoothing, len(model.classes))
        self._shortest = round(model.shortest * SAMPLE_RATE)
        self._audio: Waveform = np.zeros(0, np.float32)
        self._first = first  # the sample of the channel that `_audio` begins with
        self._frames = 0  # processed so far
        self._steps = 0  # of the current region, planned so far
        self._spoken = 0  # the sample with which the last speech ended
        self._speaking = False  # up to the last step
        self._offset = 0.0  # of the channel, a constant that is no sound
        self._waiting: list[_Planned] = []
        self._own = (
            OwnBaseline(model, *((resume.own, resume.own_steps) if resume else ())) if model.own_baseline else None
        )
        if resume is not None:
            self._frames, self._spoken, self._offset = resume.frames, resume.spoken, resume.offset
            self._state.memory, self._state.context = resume.memory, resume.context
            self._smoother.memory = resume.emotions
        self.snapshot = self._snapshot()
        """The state when last a chunk ended while nobody spoke."""

    def push(self, waveform: Waveform) -> list[Step]:
        """Take the next samples (any,); returns the steps that are decided by them."""
        self._audio = np.concatenate([self._audio, waveform])
        begin = min(self._frames * FRAME - self._first, len(self._audio))
        frames = self._audio[begin : begin + (len(self._audio) - begin) // FRAME * FRAME]
        planned: list[_Planned] = []
        for probability in self._activity.probabilities(self._without_offset(frames), self._state):
            ended = self._regions.push(self._frames, float(probability))
            self._frames += 1
            planned += self._planned(ended, self._frames * FRAME)
        steps = list(self._decided(planned))
        self._forget()
        if self._regions.current is None:
            self.snapshot = self._snapshot()
        return steps

    def close(self) -> list[Step]:
        """End the channel; returns the steps that were not decided yet."""
        total = self._first + len(self._audio)
        steps = list(self._decided(list(self._planned(self._regions.close(self._frames), total))))
        self._forget()
        return steps

    def now(self) -> Probabilities | None:
        """Probabilities (classes,) of the latest window of the speech that goes on, not smoothed.

        Returns:
            None where nobody speaks, or has spoken for less than the bundle needs.
        """
        current = self._regions.current
        if current is None or not current.confirmed:
            return None
        known = self._frames * FRAME
        start = max(current.start * FRAME - _EDGE, known - WINDOW, 0)
        if known - start < self._shortest:
            return None
        logits, embeddings = self._model.outputs([self._cut(start, known)])
        statistics = None if self._own is None else self._own.statistics
        values: Probabilities = softmax(self._model.normalised(logits[0], embeddings[0], statistics)[0])
        return values

    def _snapshot(self) -> Snapshot:
        state = self._state
        own = (None, 0) if self._own is None else (self._own.sums, self._own.steps)
        so_far = (self._smoother.memory, self._spoken, self._offset)
        return Snapshot(self._frames, state.memory, state.context, *so_far, *own)

    def _without_offset(self, frames: Waveform) -> Waveform:
        """Whole frames less the channel's offset: the mean of its first frames, and what it becomes later."""
        offsets = []
        for number, mean in enumerate(frames.reshape(-1, FRAME).mean(axis=1).tolist(), self._frames + 1):
            self._offset += max(1 / number, _FOLLOW) * (mean - self._offset)
            offsets.append(self._offset)
        return frames - np.repeat(np.array(offsets, np.float32), FRAME)

    def _planned(self, ended: SpeechRegion | None, known: int) -> Iterator[_Planned]:
        """The steps whose windows are complete, now that `known` samples have arrived."""
        current = ended or self._regions.current
        if current is None or not current.confirmed:
            self._steps = 0
            return
        begin = current.start * FRAME
        if ended is None:
            quiet = self._regions.quiet
            until, end = (known if quiet is None else quiet * FRAME), None
        else:
            assert ended.end is not None
            until = end = ended.end * FRAME
        lowest, highest = max(begin - _EDGE, 0), None if end is None else min(end + _EDGE, known)
        encoded = self._encoding.encode(lowest, until, highest, lambda first, last: self._around(first, last, known))
        while True:
            start = begin + self._steps * STEP
            left, right = start + STEP // 2 - WINDOW // 2, start + STEP // 2 + WINDOW // 2
            last = end is not None and start + STEP + STEP // 2 > end
            if highest is None and right > encoded:
                return
            window = self._encoding.window(
                max(left, lowest),
                right if highest is None else min(right, highest),
                lambda first, last: self._around(first, last, known),
            )
            if window is not None:
                yield _Planned(start, end if last and end is not None else start + STEP, window, last)
            self._steps += 1
            if last:
                self._steps = 0
                return

    def _around(self, lowest: int, highest: int, known: int) -> tuple[int, Waveform]:
        """These samples of the channel, and as many around them as the bundle needs at least; where they begin."""
        lack = max(0, self._shortest - (highest - lowest))
        lowest = max(lowest - lack // 2, self._first)
        highest = min(max(highest, lowest + self._shortest), known)
        lowest = max(min(lowest, highest - self._shortest), self._first)
        return lowest, self._cut(lowest, highest)

    def _cut(self, lowest: int, highest: int) -> Waveform:
        return self._audio[lowest - self._first : highest - self._first]

    def _decided(self, planned: list[_Planned]) -> Iterator[Step]:
        if not planned:
            return
        logits, embeddings = self._encoding.outputs([step.window for step in planned])
        speech = [self._model.speaks(each) for each in embeddings]
        probabilities = softmax(self._normalised(logits, embeddings, speech))
        for step, values, speaks in zip(planned, probabilities, speech, strict=True):
            if speaks:
                if not self._speaking:
                    self._smoother.pause((step.start - self._spoken) / STEP)
                self._waiting.append(step)
                yield from self._smoothed(self._smoother.push(values))
                self._spoken = step.end
            self._speaking = speaks and not step.last
            if not self._speaking:
                yield from self._smoothed(self._smoother.flush())
            if not speaks:
                yield Step(step.start / SAMPLE_RATE, step.end / SAMPLE_RATE, tuple(values.tolist()), step.last, False)

    def _normalised(self, logits: Vector, embeddings: Vector, speech: list[bool]) -> Vector:
        """Logits (steps, classes), of which an own baseline learns what is speech."""
        if self._own is None:
            return self._model.normalised(logits, embeddings)[0]
        rows = []
        for row, embedding, speaks in zip(logits, embeddings, speech, strict=True):
            rows.append(self._model.normalised(row, embedding, self._own.statistics)[0])
            if speaks:
                self._own.push(embedding)
        return np.stack(rows)

    def _smoothed(self, probabilities: list[Probabilities]) -> Iterator[Step]:
        for values in probabilities:
            step = self._waiting.pop(0)
            yield Step(step.start / SAMPLE_RATE, step.end / SAMPLE_RATE, tuple(values.tolist()), step.last)

    def _forget(self) -> None:
        """Release the samples that no later window contains."""
        current, known = self._regions.current, self._frames * FRAME
        needed = known if current is None else current.start * FRAME + self._steps * STEP
        first = min(max(self._first, needed - _MARGIN - WINDOW), self._first + len(self._audio))
        self._audio, self._first = self._audio[first - self._first :].copy(), first
