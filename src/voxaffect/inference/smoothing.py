"""Smoothing of probabilities over time: a hidden Markov model with a fixed lag.

From one step to the next an emotion stays with probability `stay`, and else is any class with equal probability.
Windows overlap and are not independent, so that their probabilities are raised to the power `trust`. A step is decided
when `lag` further ones are known (Rabiner 1989, the forward-backward algorithm, cut off there).
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect.errors import SettingsError

Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Smoothing:
    """Settings of the model, chosen by `make bench-calls` on speakers of corpora that were not trained on.

    Attributes:
        stay: Probability that an emotion stays from one step to the next, in [0, 1).
        trust: Exponent of the windows' probabilities, above 0.
        lag: Steps that a decision waits for.

    Raises:
        SettingsError: A value is out of range.
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
            raise SettingsError(f"lag={self.lag} steps: choose 0 or more")


class Smoother:
    """Smooths the probabilities of one channel, step after step."""

    def __init__(self, settings: Smoothing, n_classes: int) -> None:
        self._settings = settings
        self.memory: Probabilities = np.full(n_classes, 1 / n_classes)
        """(classes,) probabilities given all steps so far; they sum to 1."""
        self._waiting: deque[tuple[Probabilities, Probabilities]] = deque()

    def pause(self, steps: float) -> None:
        """Let the memory fade over so many steps without speech. Call it when no step waits."""
        weight = self._settings.stay**steps
        self.memory = weight * self.memory + (1 - weight) / len(self.memory)

    def push(self, probabilities: Probabilities) -> list[Probabilities]:
        """Take the next step's probabilities (classes,).

        Returns:
            The smoothed probabilities of the step that is decided now, if one is.
        """
        likelihood = np.maximum(probabilities, 1e-6) ** self._settings.trust
        forward = likelihood * self._step(self.memory)
        self.memory = forward / forward.sum()
        self._waiting.append((likelihood, self.memory))
        return [self._decide()] if len(self._waiting) > self._settings.lag else []

    def flush(self) -> list[Probabilities]:
        """Decide the steps that wait, as the speech has ended."""
        return [self._decide() for _ in range(len(self._waiting))]

    def _decide(self) -> Probabilities:
        backward = np.ones(len(self.memory))
        for likelihood, _ in reversed(list(self._waiting)[1:]):
            backward = self._step(likelihood * backward)
        _, forward = self._waiting.popleft()
        both = forward * backward
        return both / both.sum()

    def _step(self, values: Probabilities) -> Probabilities:
        stay = self._settings.stay
        return stay * values + (1 - stay) * values.mean()
