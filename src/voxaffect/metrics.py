"""Figures of merit from truth and probabilities, with intervals that resample speakers.

Speakers are resampled, not clips: the clips of one voice are not independent, and the question is how the model would
do on other voices.

Examples:
    >>> uar(confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)).tolist()
    0.75
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.integer]
Counts = npt.NDArray[np.number]

RESAMPLES = 2000


class Estimate(NamedTuple):
    """A figure and its 95 % percentile interval, which is not a number where there is one speaker."""

    value: float
    low: float
    high: float


class Figures(NamedTuple):
    """uar: unweighted average recall. wa: accuracy. f1: macro F1. All in [0, 1]."""

    uar: Estimate
    wa: Estimate
    f1: Estimate


def confusion(truth: Labels, prediction: Labels, n_classes: int) -> npt.NDArray[np.int64]:
    """Counts, truth in rows and prediction in columns: (n,), (n,) -> (classes, classes).

    Examples:
        >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    return np.bincount(truth * n_classes + prediction, minlength=n_classes**2).reshape(n_classes, n_classes)


def uar(counts: Counts) -> npt.NDArray[np.float64]:
    """Unweighted average recall: (..., classes, classes) -> (...), over the classes that occur in the truth.

    Examples:
        >>> float(uar(np.array([[1, 1], [0, 1]])))
        0.75
    """
    return _mean_where(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-1) > 0)


def wa(counts: Counts) -> npt.NDArray[np.float64]:
    """Weighted average recall, that is accuracy: (..., classes, classes) -> (...)."""
    return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))


def f1(counts: Counts) -> npt.NDArray[np.float64]:
    """Macro F1: (..., classes, classes) -> (...), over the classes that occur in truth or prediction."""
    either = counts.sum(axis=-1) + counts.sum(axis=-2)
    return _mean_where(2 * np.diagonal(counts, axis1=-2, axis2=-1), either, either > 0)


def ece(truth: Labels, probabilities: npt.NDArray[np.floating], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017): (n,), (n, classes) -> mean gap of confidence and accuracy."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(place, confidence - right, minlength=bins)
    return float(np.abs(gap).sum() / len(truth))


def figures(
    truth: Labels, prediction: Labels, speakers: npt.NDArray[np.str_], n_classes: int, *, seed: int = 0
) -> Figures:
    """UAR, WA and F1 with intervals.

    Args:
        truth: (n,) class indices.
        prediction: (n,) class indices.
        speakers: (n,) names.
        n_classes: How many there are.
        seed: Of the resampling.
    """
    separate = by_speaker(truth, prediction, speakers, n_classes)
    counts, resampled = separate.sum(axis=0), _resampled(separate, seed)
    return Figures(*(estimate(figure(counts), figure(resampled), len(separate)) for figure in (uar, wa, f1)))


def mean_uar(groups: Sequence[Counts], *, seed: int = 0) -> Estimate:
    """The mean of several groups' UAR, as of corpora; each group's speakers are resampled by themselves.

    Args:
        groups: (speakers, classes, classes) of `by_speaker` each.
        seed: Of the resampling.
    """
    value = np.mean([uar(group.sum(axis=0)) for group in groups])
    spread = np.mean([uar(_resampled(group, seed + place)) for place, group in enumerate(groups)], axis=0)
    return estimate(value, spread, min(map(len, groups)))


def mean_uar_difference(ours: Sequence[Counts], theirs: Sequence[Counts], *, seed: int = 0) -> Estimate:
    """`mean_uar` of one model less that of another on the same speakers, whose resampling both share.

    Args:
        ours: As of `mean_uar`.
        theirs: The same groups and speakers, in the same order.
        seed: Of the resampling.
    """
    pairs = list(zip(ours, theirs, strict=True))
    value = np.mean([uar(one.sum(axis=0)) - uar(other.sum(axis=0)) for one, other in pairs])
    spread = np.mean(
        [uar(_resampled(one, seed + i)) - uar(_resampled(other, seed + i)) for i, (one, other) in enumerate(pairs)],
        axis=0,
    )
    return estimate(value, spread, min(len(one) for one, _ in pairs))


def uar_gap(ours: Counts, theirs: Counts, *, seed: int = 0) -> Estimate:
    """UAR on some speakers less that on others, of one model; each group is resampled by itself.

    Args:
        ours: (speakers, classes, classes) of `by_speaker`.
        theirs: The same of the others.
        seed: Of the resampling.
    """
    gap = uar(ours.sum(axis=0)) - uar(theirs.sum(axis=0))
    spread = uar(_resampled(ours, seed)) - uar(_resampled(theirs, seed + 1))
    return estimate(gap, spread, min(len(ours), len(theirs)))


def by_speaker(
    truth: Labels, prediction: Labels, speakers: npt.NDArray[np.str_], n_classes: int
) -> npt.NDArray[np.int64]:
    """Confusion matrices by speaker, in the order of their names: (n,), (n,), (n,) -> (speakers, classes, classes)."""
    names, owner = np.unique(speakers, return_inverse=True)
    return np.stack([confusion(truth[owner == i], prediction[owner == i], n_classes) for i in range(len(names))])


def speaker_weights(n_speakers: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """How often each speaker is drawn in each resample: (RESAMPLES, speakers)."""
    return np.random.default_rng(seed).multinomial(n_speakers, np.full(n_speakers, 1 / n_speakers), size=RESAMPLES)


def estimate(
    value: npt.NDArray[np.float64] | np.floating, spread: npt.NDArray[np.float64], n_speakers: int
) -> Estimate:
    """A figure with the interval of its resampled values, spread: (RESAMPLES,)."""
    low, high = np.percentile(spread, [2.5, 97.5]) if n_speakers > 1 else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))


def _resampled(separate: Counts, seed: int) -> Counts:
    """Counts over speakers drawn with replacement: (speakers, classes, classes) -> (RESAMPLES, classes, classes)."""
    return np.tensordot(speaker_weights(len(separate), seed), separate, axes=1)


def _mean_where(part: Counts, whole: Counts, counted: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    ratio = np.divide(part, whole, out=np.zeros(np.shape(whole)), where=counted)
    return ratio.sum(axis=-1) / np.maximum(counted.sum(axis=-1), 1)
