"""The baseline that a call gives itself: what is normal for a channel, by its own earlier speech."""

from voxaffect.baseline_head import Statistics, Sums
from voxaffect.inference.encoding import Vector
from voxaffect.inference.network import Network

EVERY = 6
"""Steps of speech, three seconds of it, of which one embedding is learnt, as of a recording of a baseline."""


class OwnBaseline:
    """Grows with the speech of a channel, by whose statistics it is normalised from then on.

    It is the voice at the end of the chain: training mean, line, voice, of which the latter two may be given.

    Args:
        model: With a baseline head.
        sums: Of what was learnt before an interruption; None: of nothing.
        steps: That came after it.

    Attributes:
        sums, steps: The same now.
        statistics: What the next step is normalised by; None: by nothing but the graph's own.
    """

    def __init__(self, model: Network, sums: Sums | None = None, steps: int = 0) -> None:
        self._model, self.sums, self.steps = model, sums, steps
        self.statistics: Statistics | None = model.statistics(sums)

    def push(self, embedding: Vector) -> None:
        """Take the embedding (dim,) of a step, after it has been answered."""
        self.steps += 1
        if self.steps < EVERY:
            return
        new = self._model.sums(embedding)
        self.sums, self.steps = new if self.sums is None else self.sums + new, 0
        self.statistics = self._model.statistics(self.sums)
