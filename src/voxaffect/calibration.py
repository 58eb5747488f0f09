"""Calibrated probabilities, and the confidence below which the answer is "uncertain"."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from voxaffect.card.scores import RiskCoverage
from voxaffect.errors import SettingsError

UNCERTAIN = "uncertain"
"""The answer in place of an emotion where the confidence is below the threshold."""

SURE = 2 / 3
"""The share of sure answers that shall be right."""

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(20))

_PRIOR = 10.0  # inverse of the prior variance of the temperature's logarithm
_FEWEST = 20


def temperature(truth: npt.NDArray[np.integer], logits: npt.NDArray[np.floating]) -> float:
    """The number to divide logits by for the lowest cross-entropy (Guo et al. 2017).

    The estimate is drawn towards 1 where recordings are few: ten correct answers do not show that the next is correct.

    Args:
        truth: (n,) indices of classes.
        logits: (n, classes).

    Returns:
        0.05 to 20, to within a hundredth of it.
    """
    candidates = np.exp(np.linspace(np.log(0.05), np.log(20), 601))
    losses = [-_log_softmax(logits / candidate)[np.arange(len(truth)), truth].sum() for candidate in candidates]
    return float(candidates[np.argmin(losses + _PRIOR / 2 * np.log(candidates) ** 2)])


def risk_coverage(
    truth: npt.NDArray[np.integer],
    probabilities: npt.NDArray[np.floating],
    corpora: npt.NDArray[np.str_] | None = None,
) -> tuple[RiskCoverage, ...]:
    """The risk-coverage curve (El-Yaniv & Wiener 2010), by `THRESHOLDS` of confidence.

    Args:
        truth: (n,) indices of classes.
        probabilities: (n, classes).
        corpora: (n,) names. The accuracy is then that of the corpus on which it is lowest, since new recordings may be
            like any of them. None: that of all recordings together.

    Examples:
        >>> risk_coverage(np.array([0, 1]), np.array([[0.9, 0.1], [0.4, 0.6]]))[14]
        RiskCoverage(threshold=0.7, coverage=0.5, accuracy=None)
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    names = np.full(len(truth), "") if corpora is None else corpora
    curve = []
    for threshold in THRESHOLDS:
        answered = confidence >= threshold
        groups = [right[answered & (names == name)] for name in np.unique(names)]
        accuracies = [float(group.mean()) for group in groups if len(group) >= _FEWEST]
        lowest = round(min(accuracies), 4) if accuracies else None
        curve.append(RiskCoverage(threshold, round(float(answered.mean()), 4), lowest))
    return tuple(curve)


def threshold(curve: Sequence[RiskCoverage], accuracy: float) -> float:
    """The lowest threshold from which on at least this share of answers is correct.

    Args:
        curve: As `risk_coverage` returns it.
        accuracy: In (0, 1).

    Raises:
        SettingsError: The accuracy is not a share, or no threshold reaches it.
    """
    if not 0 < accuracy < 1:
        raise SettingsError(f"accuracy={accuracy}: is the share of answers that shall be right; choose for example 0.8")
    known = [(point.threshold, point.accuracy) for point in curve if point.accuracy is not None]
    enough = [reached >= accuracy for _, reached in known]
    first = next((place for place in range(len(known)) if all(enough[place:])), None)
    if first is None:
        best = max((reached for _, reached in known), default=0.0)
        raise SettingsError(f"accuracy={accuracy}: no threshold of this bundle gives it; the best gives {best:.2f}")
    return known[first][0]


def sure(curve: Sequence[RiskCoverage], classes: int) -> float:
    """The confidence from which on an answer is called sure.

    It is more than halfway from chance to certainty; and of the recordings with such a confidence or a higher one, at
    least `SURE` were right, where that was measured.

    Args:
        curve: As `risk_coverage` returns it; empty: it was not measured.
        classes: How many there are.

    Examples:
        >>> sure((), classes=4), sure((), classes=2)
        (0.625, 0.75)
    """
    halfway = (1 + 1 / classes) / 2
    if not curve:
        return halfway
    try:
        return max(halfway, threshold(curve, SURE))
    except SettingsError:
        return 1.0


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(..., classes) -> probabilities (..., classes) that sum to 1."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _log_softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
