"""Steps to segments: who speaks in which emotion, from when to when."""

import numpy as np

from voxaffect.calibration import UNCERTAIN
from voxaffect.inference.results import Segment, Step
from voxaffect.inference.smoothing import Probabilities


class Grouping:
    """Joins the steps of one channel that follow each other in one emotion.

    Args:
        classes: Of the model.
        threshold: Of confidence, below which a step is "uncertain".
        channel: Of the segments; None: all channels mixed.
        file: Of the segments; None: the recording has no name.
    """

    def __init__(
        self, classes: tuple[str, ...], *, threshold: float, channel: int | None = 0, file: str | None = None
    ) -> None:
        self._classes, self._threshold, self._channel, self._file = classes, threshold, channel, file
        self._emotion = ""
        self._start = self._end = 0.0
        self._sum: Probabilities = np.zeros(len(classes))

    def push(self, step: Step) -> list[Segment]:
        """Take the next step; returns the segments that end before it or with it."""
        if not step.speech:
            ended = [self._segment()] if self._emotion else []
            self._emotion = ""
            return ended
        probabilities = np.array(step.probabilities)
        best = int(probabilities.argmax())
        emotion = self._classes[best] if probabilities[best] >= self._threshold else UNCERTAIN
        ended = [self._segment()] if self._emotion not in ("", emotion) else []
        if emotion != self._emotion:
            self._emotion, self._start, self._sum = emotion, step.start, np.zeros(len(self._classes))
        self._end = step.end
        self._sum = self._sum + probabilities * (step.end - step.start)
        if step.last:
            ended.append(self._segment())
            self._emotion = ""
        return ended

    def _segment(self) -> Segment:
        means = (self._sum / self._sum.sum()).tolist()
        probabilities = dict(zip(self._classes, means, strict=True))
        confidence = max(means) if self._emotion == UNCERTAIN else probabilities[self._emotion]
        return Segment(self._start, self._end, self._channel, self._emotion, confidence, probabilities, self._file)
