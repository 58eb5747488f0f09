"""What moments say, as segments: who felt what from when to when."""

import numpy as np

from voxaffect.calibration import UNCERTAIN
from voxaffect.inference.results import Moment, Segment
from voxaffect.inference.smoothing import Shares


class Grouping:
    """Moments of one channel, in their order -> segments: moments of one emotion that follow each other."""

    def __init__(self, classes: tuple[str, ...], threshold: float, channel: int) -> None:
        self._classes, self._threshold, self._channel = classes, threshold, channel
        self._emotion = ""
        self._start = self._end = 0.0
        self._sum: Shares = np.zeros(len(classes))

    def push(self, moment: Moment) -> list[Segment]:
        """The next moment -> the segments that end before it or with it."""
        best = int(moment.shares.argmax())
        emotion = self._classes[best] if moment.shares[best] >= self._threshold else UNCERTAIN
        ended = [self._segment()] if self._emotion not in ("", emotion) else []
        if emotion != self._emotion:
            self._emotion, self._start, self._sum = emotion, moment.start, np.zeros(len(self._classes))
        self._end = moment.end
        self._sum = self._sum + moment.shares * (moment.end - moment.start)
        if moment.last:
            ended.append(self._segment())
            self._emotion = ""
        return ended

    def _segment(self) -> Segment:
        shares = self._sum / self._sum.sum()
        probabilities = {name: float(share) for name, share in zip(self._classes, shares, strict=True)}
        confidence = max(probabilities.values()) if self._emotion == UNCERTAIN else probabilities[self._emotion]
        return Segment(self._start, self._end, self._channel, self._emotion, confidence, probabilities)
