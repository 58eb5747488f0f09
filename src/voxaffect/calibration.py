"""Probabilities that can be believed, and the confidence below which the answer is "not sure"."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from voxaffect.errors import SettingsError

UNCERTAIN = "uncertain"
"""What is answered in place of an emotion where the confidence is below the threshold."""

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(20))

_PRIOR = 10.0  # the inverse of the variance that the temperature's logarithm is thought to have
_FEWEST = 20


def temperature(truth: npt.NDArray[np.integer], logits: npt.NDArray[np.floating]) -> float:
    """What logits are divided by for the lowest cross-entropy (Guo et al. 2017): (n,), (n, classes) -> 0.05 to 20.

    To within a hundredth of it, and drawn towards 1 where recordings are few: of ten that are all right, nobody knows
    that the next will be.
    """
    found = np.exp(np.linspace(np.log(0.05), np.log(20), 601))
    losses = [-_log_softmax(logits / each)[np.arange(len(truth)), truth].sum() for each in found]
    return float(found[np.argmin(losses + _PRIOR / 2 * np.log(found) ** 2)])


def certainty(truth: npt.NDArray[np.integer], probabilities: npt.NDArray[np.floating]) -> list[dict[str, Any]]:
    """The risk-coverage curve (El-Yaniv & Wiener 2010), by thresholds of confidence: (n,), (n, classes).

    threshold: of confidence. answered: share of recordings at or above it. accuracy: among these; None where fewer
    than 20 are.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    curve = []
    for threshold in THRESHOLDS:
        answered = confidence >= threshold
        accuracy = round(float(right[answered].mean()), 4) if answered.sum() >= _FEWEST else None
        curve.append({"threshold": threshold, "answered": round(float(answered.mean()), 4), "accuracy": accuracy})
    return curve


def threshold(curve: Sequence[dict[str, Any]], accuracy: float) -> float:
    """The lowest threshold from which on answers are right at least so often, by what `certainty` gave.

    Raises SettingsError where accuracy is not a share, or none is high enough.
    """
    if not 0 < accuracy < 1:
        raise SettingsError(f"accuracy={accuracy}: is the share of answers that shall be right; choose for example 0.8")
    known = [point for point in curve if point["accuracy"] is not None]
    enough = [point["accuracy"] >= accuracy for point in known]
    first = next((place for place in range(len(known)) if all(enough[place:])), None)
    if first is None:
        best = max((point["accuracy"] for point in known), default=0.0)
        raise SettingsError(f"accuracy={accuracy}: no threshold of this bundle gives it; the best gives {best:.2f}")
    return float(known[first]["threshold"])


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(..., classes) -> probabilities (..., classes) that sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _log_softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
