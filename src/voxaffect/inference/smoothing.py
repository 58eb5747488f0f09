"""From what single windows say to what a voice says over time: a hidden Markov model with a fixed lag.

An emotion lasts: from one cell of time to the next it stays what it is with probability `stay`, and else is any of
them, so that (1 - stay) / classes goes to each. Windows overlap, and what they say is raised to the power `trust`,
since ten of them are not ten witnesses. A cell is decided when `lag` further ones have been heard (Rabiner 1989, the
forward-backward algorithm, cut off there).
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect.errors import SettingsError

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Smoothing:
    """Settings of the model. stay: in [0, 1). trust: above 0. lag: cells that a decision waits for.

    The defaults are what `make bench-calls` found on calls of speakers of corpora that were not trained on.
    """

    stay: float = 0.7
    trust: float = 0.25
    lag: int = 2

    def __post_init__(self) -> None:
        if not 0 <= self.stay < 1:
            raise SettingsError(f"stay={self.stay}: is a probability; choose 0 to below 1")
        if not self.trust > 0:
            raise SettingsError(f"trust={self.trust}: choose above 0")
        if self.lag < 0:
            raise SettingsError(f"lag={self.lag} cells: choose 0 or more")


class Smoother:
    """The shares of one line, cell after cell -> those of the cells that are decided by it."""

    def __init__(self, settings: Smoothing, n_classes: int) -> None:
        self._settings = settings
        self.memory: Shares = np.full(n_classes, 1 / n_classes)
        """What the cells so far make probable: (classes,), sums to 1."""
        self._waiting: deque[tuple[Shares, Shares]] = deque()

    def pause(self, cells: float) -> None:
        """So many cells without speech pass: what was heard before says less. Call it when nothing waits."""
        kept = self._settings.stay**cells
        self.memory = kept * self.memory + (1 - kept) / len(self.memory)

    def push(self, shares: Shares) -> list[Shares]:
        """The next cell's shares (classes,) -> those decided now, the oldest first: none or one."""
        likelihood = np.maximum(shares, 1e-6) ** self._settings.trust
        forward = likelihood * self._step(self.memory)
        self.memory = forward / forward.sum()
        self._waiting.append((likelihood, self.memory))
        return [self._decide()] if len(self._waiting) > self._settings.lag else []

    def flush(self) -> list[Shares]:
        """The speech has ended: those that wait are decided by what there is."""
        return [self._decide() for _ in range(len(self._waiting))]

    def _decide(self) -> Shares:
        backward = np.ones(len(self.memory))
        for likelihood, _ in reversed(list(self._waiting)[1:]):
            backward = self._step(likelihood * backward)
        _, forward = self._waiting.popleft()
        both = forward * backward
        return both / both.sum()

    def _step(self, values: Shares) -> Shares:
        stay = self._settings.stay
        return stay * values + (1 - stay) * values.mean()
