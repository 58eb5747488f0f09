"""How well the parts of two pictures agree on where the first lies on the second.

What a program made from a recording lies on it everywhere alike. A second take of the same words by the same voice
varies from moment to moment, by some hundredths of a second and of a semitone, even where it is sung. Other words
behind the same carrier sentence may agree as well as a copy does, but for one part of the speech.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from voxaffect.auditing.fingerprint import RATE, Matrix, mean_around
from voxaffect.auditing.placement import PER_OCTAVE, PICTURE_HOP_LENGTH, Placement, overlap

_PART, _PART_REACH, _PART_PITCH = 25, 6, 5  # parts of 0.5 s, each sought within 0.12 s and 1.25 semitones
_QUICK, _SLOW = 4, 16  # frames to both sides: what moves within 0.08 s, and within 0.32 s
_LOST = 50, 0.06  # cents and seconds from which on a part is lost, and counts no further

_WORD, _WORD_REACH, _WORD_PITCH = 10, 2, 1  # stretches of 0.2 s, as a syllable's, each within 0.04 s and a quarter tone
_QUIET = 0.25  # of the energy of a typical stretch, below which one may be noise
_LEAST_WORST, _LEAST_TYPICAL = 1e-4, 0.003  # unlikeness below which two are equal but for rounding


@dataclass(frozen=True)
class Agreement:
    """Where exactly the first picture lies on the second, and how well its parts agree on that.

    Args:
        likeness: Correlation where the two overlap, at most 1.
        semitones: How much higher the second is.
        seconds: How much later.
        circular: Whether by a circular shift.
        parts: How many parts are loud.
        cents: Mean distance of the parts from their median pitch, weighted by loudness.
        milliseconds: Likewise in time.
        quick: Likeness of what moves within moments. A program that stretches blurs it.
        slow: Likeness of what moves within syllables. A program that stretches preserves it.
        drift: Seconds by which parts come later, for each second.
        worst: Unlikeness, 1 less correlation, of the stretch of 0.2 s that is least alike; of a quiet one, less.
        typical: Unlikeness that only a quarter of the stretches is below.
    """

    likeness: float
    semitones: float
    seconds: float
    circular: bool
    parts: int
    cents: float
    milliseconds: float
    quick: float
    slow: float
    drift: float
    worst: float
    typical: float

    @property
    def score(self) -> float:
        """Log-odds that one was made from the other: a logistic regression, rounded.

        It was fitted on actors 1 to 8 of RAVDESS, speech and song, and 1001 to 1045 of CREMA-D.
        """
        distance = math.log((self.cents + 0.5) * (self.milliseconds + 2))
        return 9 * self.likeness + 40 * self.slow - 20 * self.quick - 4 * distance - 10

    @property
    def evenness(self) -> float:
        """Log-odds that all of the speech is the same, by how far the worst stretch is from a typical one.

        A logistic regression too, fitted besides on carrier sentences of synthetic voices and on glued ones.
        """
        return 1.9 * math.log(self.typical) - 3.5 * math.log(self.worst) - 4.8


def agree(first: Matrix, second: Matrix, placement: Placement) -> Agreement:
    """Search the first picture, and each part of it, around its place on the second.

    Args:
        first: (bands, frames).
        second: (bands, frames), as many bands.
        placement: Where the first lies about on the second.

    Returns:
        Where the whole lies exactly, and how far its parts lie from that.
    """
    wholes = first, second
    first, second = overlap(first, second, placement)
    bands, frames = first.shape
    part = min(_PART, frames)
    begins = np.arange(0, frames - part + 1, max(part // 2, 1))

    def sums(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        total = np.cumsum(np.pad(values, [(0, 0)] * (values.ndim - 1) + [(1, 0)]), axis=-1, dtype=np.float64)
        return total[..., begins + part] - total[..., begins]

    around = np.pad(second, ((_PART_PITCH, _PART_PITCH), (_PART_REACH, _PART_REACH)))
    columns = np.empty((2 * _PART_PITCH + 1, 2 * _PART_REACH + 1, frames), np.float32)
    for up in range(columns.shape[0]):
        for later in range(columns.shape[1]):
            columns[up, later] = np.einsum("bf,bf->f", around[up : up + bands, later : later + frames], first)
    products = sums(columns)
    loudness = np.sqrt(sums(np.square(first).sum(axis=0)) * sums(np.square(second).sum(axis=0)))
    whole = columns.sum(axis=2, dtype=np.float64)
    whole_up, whole_later = (int(index) for index in np.unravel_index(int(whole.argmax()), whole.shape))
    bands_up, frames_later = placement.bands + whole_up - _PART_PITCH, placement.frames + whole_later - _PART_REACH
    exact = overlap(*wholes, replace(placement, bands=bands_up, frames=frames_later))
    best = products.reshape(-1, len(begins)).argmax(axis=0)
    up, later = np.unravel_index(best, products.shape[:2])
    cents = (up - _PART_PITCH + _peak_offset(products, up, later, axis=0)) * 1200 / PER_OCTAVE
    seconds = (later - _PART_REACH + _peak_offset(products, up, later, axis=1)) * PICTURE_HOP_LENGTH / RATE
    weight = loudness / max(loudness.sum(), 1e-12)
    time = begins * PICTURE_HOP_LENGTH / RATE
    time = time - (weight * time).sum()
    spread = float((weight * time**2).sum())
    median, (lost_cents, lost_seconds) = _weighted_median(seconds, weight), _LOST
    worst, typical = _unlikeness(*exact)
    away = np.clip(seconds - median, -lost_seconds, lost_seconds)
    return Agreement(
        likeness=_correlation(*exact),
        semitones=bands_up * 12 / PER_OCTAVE,
        seconds=round(frames_later * PICTURE_HOP_LENGTH / RATE, 2),
        circular=placement.circular,
        parts=int((loudness > 0.2 * loudness.max()).sum()),
        cents=float((weight * np.minimum(np.abs(cents - _weighted_median(cents, weight)), lost_cents)).sum()),
        milliseconds=1000 * float((weight * np.minimum(np.abs(seconds - median), lost_seconds)).sum()),
        quick=_correlation(*(picture - mean_around(picture, _QUICK, axis=1) for picture in exact)),
        slow=_correlation(*(picture - mean_around(picture, _SLOW, axis=1) for picture in exact)),
        drift=float((weight * time * away).sum()) / spread if spread > 0 else 0.0,
        worst=worst,
        typical=typical,
    )


def _unlikeness(first: Matrix, second: Matrix) -> tuple[float, float]:
    """`Agreement.worst` and `typical` of two pictures of one shape that lie on each other."""
    bands, frames = first.shape
    length = min(_WORD, frames)

    def sums(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        total = np.cumsum(np.pad(values, (1, 0)), dtype=np.float64)
        return total[length:] - total[:-length]

    around = np.pad(second, ((_WORD_PITCH, _WORD_PITCH), (_WORD_REACH, _WORD_REACH)))
    energy, other = sums(np.square(first).sum(axis=0)), sums(np.square(second).sum(axis=0))
    likeness = np.zeros_like(energy)
    for later in range(2 * _WORD_REACH + 1):
        moved = around[:, later : later + frames]
        norms = np.sqrt(energy * sums(np.square(moved).sum(axis=0))) + 1e-9
        for up in range(2 * _WORD_PITCH + 1):
            likeness = np.maximum(likeness, sums(np.einsum("bf,bf->f", moved[up : up + bands], first)) / norms)
    louder = np.maximum(energy, other * energy.sum() / max(other.sum(), 1e-9))
    loud = louder[louder > 0.2 * louder.max()]
    louder = louder / max(float(np.median(loud)) if loud.size else 0.0, 1e-9)
    unlike = 1 - np.minimum(likeness, 1)
    worst = float((unlike * np.minimum(louder, 1)).max())
    typical = float(np.quantile(unlike[louder > _QUIET], 0.25)) if (louder > _QUIET).any() else 0.0
    return max(worst, _LEAST_WORST), max(typical, _LEAST_TYPICAL)


def _correlation(first: Matrix, second: Matrix) -> float:
    """Correlation of two pictures of one shape, at most 1."""
    return min(float(np.vdot(first, second)) / (float(np.linalg.norm(first) * np.linalg.norm(second)) + 1e-12), 1.0)


def _peak_offset(
    products: npt.NDArray[np.float64], up: npt.NDArray[np.intp], later: npt.NDArray[np.intp], axis: int
) -> npt.NDArray[np.float64]:
    """Where between its neighbours along an axis a maximum lies, by a parabola: -0.5 to 0.5."""
    part, last = np.arange(products.shape[2]), products.shape[axis] - 1
    place = [up, later]

    def neighbour(step: int) -> npt.NDArray[np.float64]:
        moved = [np.clip(index + step, 0, last) if n == axis else index for n, index in enumerate(place)]
        return products[moved[0], moved[1], part]

    before, here, after = neighbour(-1), neighbour(0), neighbour(1)
    bend = before - 2 * here + after
    flat = bend >= -1e-12
    return np.where(flat, 0, np.clip(0.5 * (before - after) / np.where(flat, 1, bend), -0.5, 0.5))


def _weighted_median(values: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
