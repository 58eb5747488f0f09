"""Figures of merit from truth and probabilities, with intervals that resample speakers.

Speakers are resampled, not clips: the clips of one voice are not independent, and the question is how the model would
do on other voices.

UAR and F1 are means over one fixed set of classes: the tested ones, that is those with clips in the truth. Of fewer
than two there is no UAR and no F1. A resample without any clip of a tested class is left out: a mean over the other
classes is the figure of another task, with another chance, and the interval would jump with the classes that a resample
happens to hold. This concerns classes of very few speakers, and of these no resampling knows how others would do.

Examples:
    >>> uar(confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)).tolist()
    0.75
"""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.integer]
Counts = npt.NDArray[np.number]
Mask = npt.NDArray[np.bool_]

RESAMPLES = 2000


class Estimate(NamedTuple):
    """A figure and its 95 % percentile interval; not a number where there is none, as an interval of one speaker."""

    value: float
    low: float
    high: float


NONE = Estimate(float("nan"), float("nan"), float("nan"))
"""What fewer than two classes have of a mean over classes."""


class Figures(NamedTuple):
    """Figures with intervals, in [0, 1].

    Attributes:
        uar: Unweighted average recall of the tested classes; not a number where fewer than two are tested.
        wa: Accuracy.
        f1: Macro F1 of the tested classes; not a number where fewer than two are tested.
        recalls: Of each class; not a number where it is not tested.
    """

    uar: Estimate
    wa: Estimate
    f1: Estimate
    recalls: tuple[Estimate, ...]


def confusion(truth: Labels, prediction: Labels, n_classes: int) -> npt.NDArray[np.int64]:
    """Counts, truth in rows and prediction in columns: (n,), (n,) -> (classes, classes).

    Examples:
        >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    return np.bincount(truth * n_classes + prediction, minlength=n_classes**2).reshape(n_classes, n_classes)


def recalls(counts: Counts) -> npt.NDArray[np.float64]:
    """Recall of each class: (..., classes, classes) -> (..., classes), not a number where it has no truth."""
    return _ratio(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-1) > 0)


def uar(counts: Counts, tested: Mask | None = None) -> npt.NDArray[np.float64]:
    """Unweighted average recall: (..., classes, classes) -> (...).

    Args:
        counts: Truth in rows.
        tested: (classes,) those to average over, not a number where one of them has no truth; None: those with truth.

    Examples:
        >>> float(uar(np.array([[1, 1], [0, 1]])))
        0.75
    """
    return _mean(recalls(counts), tested)


def wa(counts: Counts) -> npt.NDArray[np.float64]:
    """Weighted average recall, that is accuracy: (..., classes, classes) -> (...)."""
    return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))


def f1(counts: Counts, tested: Mask | None = None) -> npt.NDArray[np.float64]:
    """Macro F1: (..., classes, classes) -> (...), averaged over the same classes as `uar`.

    A class that is predicted and never true is none of them; it lowers the recall of those whose clips it took.
    """
    truth = counts.sum(axis=-1)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    return _mean(_ratio(2 * right, truth + counts.sum(axis=-2), truth > 0), tested)


def classes_tested(counts: Counts) -> Mask:
    """Which classes have clips in the truth: (..., classes, classes) -> (classes,), over all matrices."""
    return counts.sum(axis=-1).reshape(-1, counts.shape[-1]).sum(axis=0) > 0


def ece(truth: Labels, probabilities: npt.NDArray[np.floating], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017): (n,), (n, classes) -> mean gap of confidence and accuracy."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(place, confidence - right, minlength=bins)
    return float(np.abs(gap).sum() / len(truth))


def figures(
    truth: Labels, prediction: Labels, speakers: npt.NDArray[np.str_], n_classes: int, *, seed: int = 0
) -> Figures:
    """UAR, WA, F1 and recalls with intervals.

    Args:
        truth: (n,) class indices.
        prediction: (n,) class indices.
        speakers: (n,) names.
        n_classes: How many there are.
        seed: Of the resampling.
    """
    separate = by_speaker(truth, prediction, speakers, n_classes)
    counts, resampled = separate.sum(axis=0), _resampled(separate, seed)
    tested, speakers_of = classes_tested(separate), _speakers_of(separate)
    each, spread = recalls(counts), recalls(resampled)
    of_classes = tuple(estimate(each[i], spread[:, i], int(speakers_of[i])) for i in range(n_classes))
    accuracy = estimate(wa(counts), wa(resampled), len(separate))
    if not _several(tested):
        return Figures(NONE, accuracy, NONE, of_classes)
    fewest = _fewest(separate, tested)
    return Figures(
        estimate(_mean(each, tested), _mean(spread, tested), fewest),
        accuracy,
        estimate(f1(counts, tested), f1(resampled, tested), fewest),
        of_classes,
    )


def mean_uar(groups: Sequence[Counts], *, seed: int = 0) -> Estimate:
    """The mean of several groups' UAR, as of corpora, each of its tested classes; its speakers are resampled apart.

    It is not a number where a group has fewer than two tested classes.

    Args:
        groups: (speakers, classes, classes) of `by_speaker` each.
        seed: Of the resampling.
    """
    return _mean_of([(group,) for group in groups], lambda resampled, tested: uar(resampled[0], tested), seed)


def mean_uar_difference(ours: Sequence[Counts], theirs: Sequence[Counts], *, seed: int = 0) -> Estimate:
    """`mean_uar` of one model less that of another on the same speakers, whose resampling both share.

    Args:
        ours: As of `mean_uar`.
        theirs: The same groups, speakers and clips, in the same order.
        seed: Of the resampling.
    """
    return _mean_of(
        list(zip(ours, theirs, strict=True)),
        lambda resampled, tested: uar(resampled[0], tested) - uar(resampled[1], tested),
        seed,
    )


def uar_gap(ours: Counts, theirs: Counts, *, seed: int = 0) -> Estimate:
    """UAR on some speakers less that on others, of one model and of the classes that both have.

    Each group is resampled by itself. It is not a number where both have fewer than two classes in common.

    Args:
        ours: (speakers, classes, classes) of `by_speaker`.
        theirs: The same of the others.
        seed: Of the resampling.
    """
    shared = classes_tested(ours) & classes_tested(theirs)
    if not _several(shared):
        return NONE
    gap = uar(ours.sum(axis=0), shared) - uar(theirs.sum(axis=0), shared)
    spread = uar(_resampled(ours, seed), shared) - uar(_resampled(theirs, seed + 1), shared)
    return estimate(gap, spread, min(_fewest(ours, shared), _fewest(theirs, shared)))


def by_speaker(
    truth: Labels, prediction: Labels, speakers: npt.NDArray[np.str_], n_classes: int
) -> npt.NDArray[np.int64]:
    """Confusion matrices by speaker, in the order of their names: (n,), (n,), (n,) -> (speakers, classes, classes)."""
    names, owner = np.unique(speakers, return_inverse=True)
    return np.stack([confusion(truth[owner == i], prediction[owner == i], n_classes) for i in range(len(names))])


@functools.lru_cache(maxsize=8)  # drawing them takes longer than all that is computed with them
def speaker_weights(n_speakers: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """How often each speaker is drawn in each resample: (RESAMPLES, speakers), whole numbers, not to be written to."""
    chances = np.full(n_speakers, 1 / n_speakers)
    weights = np.random.default_rng(seed).multinomial(n_speakers, chances, size=RESAMPLES).astype(np.float64)
    weights.flags.writeable = False
    return weights


def estimate(
    value: npt.NDArray[np.float64] | np.floating, spread: npt.NDArray[np.float64], n_speakers: int
) -> Estimate:
    """A figure with the interval of its resampled values.

    Args:
        value: The figure.
        spread: (RESAMPLES,), not a number where a resample does not have the figure.
        n_speakers: Behind the figure; one speaker has no interval.
    """
    spread = spread[np.isfinite(spread)]
    low, high = np.percentile(spread, [2.5, 97.5]) if n_speakers > 1 and len(spread) else (np.nan, np.nan)
    return Estimate(float(value), float(low), float(high))


def _mean_of(
    groups: Sequence[tuple[Counts, ...]],
    figure: Callable[[tuple[Counts, ...], Mask], npt.NDArray[np.float64]],
    seed: int,
) -> Estimate:
    """The mean of a figure of several groups, whose matrices of the same speakers are resampled together."""
    tested = [classes_tested(group[0]) for group in groups]
    if not all(map(_several, tested)):
        return NONE
    values, spreads = [], []
    for place, (group, classes) in enumerate(zip(groups, tested, strict=True)):
        values.append(figure(tuple(each.sum(axis=0) for each in group), classes))
        spreads.append(figure(tuple(_resampled(each, seed + place) for each in group), classes))
    fewest = min(_fewest(group[0], classes) for group, classes in zip(groups, tested, strict=True))
    return estimate(np.mean(values), np.mean(spreads, axis=0), fewest)


def _several(tested: Mask) -> bool:
    return int(tested.sum()) > 1


def _speakers_of(separate: Counts) -> npt.NDArray[np.int64]:
    """How many speakers have clips of each class: (speakers, classes, classes) -> (classes,)."""
    return (separate.sum(axis=-1) > 0).sum(axis=0)


def _fewest(separate: Counts, tested: Mask) -> int:
    """Speakers of the class that has the fewest: a mean over classes is known no better than that class's part."""
    return int(_speakers_of(separate)[tested].min())


def _resampled(separate: Counts, seed: int) -> npt.NDArray[np.float64]:
    """Counts over speakers drawn with replacement: (speakers, classes, classes) -> (RESAMPLES, classes, classes)."""
    return np.tensordot(speaker_weights(len(separate), seed), separate.astype(np.float64), axes=1)


def _ratio(part: Counts, whole: Counts, true: Mask) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=true)


def _mean(of_classes: npt.NDArray[np.float64], tested: Mask | None) -> npt.NDArray[np.float64]:
    """(..., classes) -> (...), over the tested classes, or over those that have a value."""
    if tested is not None:
        return of_classes[..., tested].mean(axis=-1)
    valued = np.isfinite(of_classes)
    return np.where(valued, of_classes, 0).sum(axis=-1) / np.maximum(valued.sum(axis=-1), 1)
