"""Two recordings held against each other: either one is made from the other, or they are two takes.

Both are drawn as time against logarithmic frequency. One is stretched in time and moved in time and pitch until it lies
on the other as well as it can. What a program made from a recording then lies on it everywhere alike; a second take of
the same words by the same voice wanders, by some hundredths of a second and of a semitone from moment to moment, even
where it is sung. So the whole must be alike, and the parts must agree where it lies.
"""

import functools
import math
import os
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from voxaffect.auditing.fingerprint import RATE, Matrix, listen, log_spectrum, mean_around

PER_OCTAVE = 48
HOP = 160  # 20 ms

PITCH = 18
"""Bands that pitch may have moved: 4.5 semitones, so that speed and pitch together are found too."""

STEP, SLIP, AROUND = 0.02, 0.06, 0.03
"""Tempi tried around the one that the search found: by steps of a share, or so that ends slip by as many seconds at
most; the parts then tell it exactly."""

HOPELESS = 0.65
"""Likeness of the whole below which the parts are not looked at."""

LEAST = 0.72
"""Likeness below which nothing is believed."""

SAME = 0.96
"""Likeness from which on two recordings in the same tempo and pitch are copies."""

SHARED = 6
"""Frames of halved pictures that must lie on each other: 0.24 s."""

PART, PART_REACH, PART_PITCH = 25, 6, 5
"""Parts: 0.5 s, each sought within 0.12 s and 1.25 semitones of where the whole lies."""

FEWEST_PARTS = 5
"""Parts without which agreement between them proves little; belief must then be as great as between close ones."""

QUICK, SLOW = 4, 16
"""What moves within 0.08 s to both sides, and within 0.32 s: frames."""

BELIEVED, BELIEVED_CLOSE, BELIEVED_SAME = 1.5, 3.0, 4.2
"""Belief (see `Agreement`) from which on an altered recording is taken for one; the second for less than 6 % of tempo
and a quarter of a semitone, by which singers' takes differ too, the third where neither differs.

Belief is a logistic regression, rounded; it and all numbers here were chosen on actors 1 to 8 of RAVDESS, speech and
song, and 1001 to 1045 of CREMA-D.
"""

CLOSE_TEMPO, SAME_TEMPO, CLOSE_PITCH = 0.06, 0.01, 0.25


@dataclass(frozen=True)
class Twin:
    """How the second recording comes from the first.

    likeness: correlation of the two pictures where they overlap, at most 1.
    pitch: semitones; tempo: how many times as fast; shift: seconds later, of a circular shift if `circular`.
    """

    likeness: float
    pitch: float = 0.0
    tempo: float = 1.0
    shift: float = 0.0
    circular: bool = False

    @property
    def altered(self) -> bool:
        """Whether pitch or tempo is another; if not, it is a copy: level, noise, shift, rate, codec."""
        return self.pitch != 0 or abs(self.tempo - 1) >= 0.005


@dataclass(frozen=True)
class Placement:
    """Where one picture lies best on another: bands up, frames later, around the end or not, and the likeness there."""

    likeness: float
    bands: int
    frames: int
    circular: bool


@functools.lru_cache(maxsize=512)  # some 100 MB of clips of four seconds
def picture(path: str | os.PathLike[str]) -> Matrix:
    """A recording's picture: (bands, frames) float32.

    Raises AudioError where it cannot be read.
    """
    return log_spectrum(listen(path).waveform, PER_OCTAVE, HOP)


def compare(first: Matrix, second: Matrix, scale: float) -> Twin | None:
    """How the second picture comes from the first, or None where it does not.

    scale: about how many times as long the second lasts, to 3 %.
    """
    step = min(STEP, 2 * SLIP / (second.shape[1] * HOP / RATE))
    most = round(AROUND / step)
    rough, ground = halve(first), Ground(halve(second))
    places = {each: ground.place(stretch(rough, each)) for each in scale * (1 + step * np.arange(-most, most + 1))}
    if 1.0 in places and places[1.0].likeness >= HOPELESS:
        found = agree(first, second, places[1.0])
        if found.likeness >= SAME and abs(found.semitones) < CLOSE_PITCH:
            return Twin(found.likeness, shift=found.seconds, circular=found.circular)
    scale = max(places, key=lambda each: places[each].likeness + (0.02 if each == 1 else 0))  # in doubt, none
    if places[scale].likeness < HOPELESS:
        return None
    found = agree(stretch(first, scale), second, places[scale])
    if scale != 1 and abs(found.drift) <= 2 * step and found.belief > BELIEVED - 6:
        # Parts that come ever later tell the tempo better than the whole does.
        finer = scale * (1 + found.drift)
        anew = agree(stretch(first, finer), second, ground.place(stretch(rough, finer)))
        if anew.belief > found.belief:
            scale, found = finer, anew
    needed = BELIEVED
    if abs(found.semitones) <= CLOSE_PITCH and abs(math.log(scale)) < CLOSE_TEMPO:
        needed = BELIEVED_SAME if abs(math.log(scale)) < SAME_TEMPO else BELIEVED_CLOSE
    elif found.parts < FEWEST_PARTS:
        needed = BELIEVED_CLOSE
    if found.likeness < LEAST or found.belief < needed:
        return None
    return Twin(found.likeness, found.semitones, round(float(1 / scale), 3), found.seconds, found.circular)


def halve(values: Matrix) -> Matrix:
    """Half as many bands and frames, each the sum of four: where the whole lies can be seen from further away."""
    bands, frames = (each + each % 2 for each in values.shape)
    even = np.pad(values, ((0, bands - values.shape[0]), (0, frames - values.shape[1])))
    return even.reshape(bands // 2, 2, frames // 2, 2).sum(axis=(1, 3))


def stretch(values: Matrix, scale: float) -> Matrix:
    """Stretch in time by linear interpolation: (bands, frames) -> (bands, frames * scale)."""
    frames = values.shape[1]
    count = max(1, round(frames * scale))
    if count == frames:
        return values
    position = np.clip((np.arange(count) + 0.5) * frames / count - 0.5, 0, frames - 1)
    low = np.minimum(position.astype(int), max(frames - 2, 0))
    share = (position - low).astype(np.float32)
    return values[:, low] * (1 - share) + values[:, np.minimum(low + 1, frames - 1)] * share


class Ground:
    """A halved picture that others are laid on; its Fourier transforms are kept for the next one."""

    def __init__(self, picture: Matrix) -> None:
        """picture: (bands, frames)."""
        self.picture = picture
        self._spectra: dict[tuple[int, int], npt.NDArray[np.complexfloating]] = {}

    def place(self, first: Matrix) -> Placement:
        """Where another halved picture lies best on this one, by Fourier transform; the placement in whole bands."""
        (bands, frames), most = self.picture.shape, PITCH // 2
        size = _quick(bands + most), _quick(first.shape[1] + frames)
        if size not in self._spectra:
            self._spectra[size] = np.fft.rfft2(self.picture, size)
        norm = float(np.linalg.norm(first) * np.linalg.norm(self.picture)) + 1e-12
        product = self._spectra[size] * np.conj(np.fft.rfft2(first, size))
        likeness = np.fft.irfft2(product, size)[np.r_[-most : most + 1]] / norm
        period = max(first.shape[1], frames)
        around = likeness[:, :period] + likeness[:, -period:]
        lag = np.arange(size[1])
        lag = np.where(lag < frames, lag, lag - size[1])
        shared = np.minimum(first.shape[1] + lag, frames) - np.maximum(lag, 0)
        likeness = np.where(shared >= SHARED, likeness, 0)
        band, frame = np.unravel_index(int(likeness.argmax()), likeness.shape)
        turned_band, turned_frame = np.unravel_index(int(around.argmax()), around.shape)
        plain, turned = float(likeness[band, frame]), float(around[turned_band, turned_frame])
        if turned > plain + 0.03:
            return Placement(turned, 2 * (int(turned_band) - most), 2 * int(turned_frame), True)
        return Placement(plain, 2 * (int(band) - most), 2 * int(lag[frame]), False)


def overlap(first: Matrix, second: Matrix, found: Placement) -> tuple[Matrix, Matrix]:
    """The parts of both that lie on each other, so placed: two of (bands, frames)."""
    if found.circular:
        period = max(first.shape[1], second.shape[1])
        first, second = (np.pad(each, ((0, 0), (0, period - each.shape[1]))) for each in (first, second))
        first = np.roll(first, found.frames, axis=1)
    elif found.frames > 0:
        second = second[:, found.frames :]
    else:
        first = first[:, -found.frames :]
    frames, bands = min(first.shape[1], second.shape[1]), first.shape[0] - abs(found.bands)
    up, down = max(found.bands, 0), max(-found.bands, 0)
    return first[down : down + bands, :frames], second[up : up + bands, :frames]


def _quick(length: int) -> int:
    """The next length that a Fourier transform is quick at."""
    power = 1 << (length - 1).bit_length()
    return next(size for size in (power * 5 // 8, power * 3 // 4, power) if size >= length)


@dataclass(frozen=True)
class Agreement:
    """Where exactly the whole lies, and how well its parts agree on that.

    likeness: correlation where the two overlap. semitones, seconds, circular: how much higher and later the second is.
    cents, milliseconds: mean distance of the parts from their middle, weighted by loudness; parts: how many are loud.
    quick, slow: likeness of what moves, within moments and within syllables. Programs that stretch blur the quick and
    keep the slow; two takes are alike in both, if at all.
    drift: seconds by which parts come later, for each second.
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

    @property
    def belief(self) -> float:
        """How far to believe that one was made from the other."""
        apart = math.log((self.cents + 0.5) * (self.milliseconds + 2))
        return 9 * self.likeness + 40 * self.slow - 20 * self.quick - 4 * apart - 10


def agree(first: Matrix, second: Matrix, placement: Placement) -> Agreement:
    """Seek the first, and each part of it by itself, around where it should lie on the second; both (bands, frames)."""
    wholes = first, second
    first, second = overlap(first, second, placement)
    bands, frames = first.shape
    part = min(PART, frames)
    begins = np.arange(0, frames - part + 1, max(part // 2, 1))

    def sums(each: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        total = np.cumsum(np.pad(each, [(0, 0)] * (each.ndim - 1) + [(1, 0)]), axis=-1, dtype=np.float64)
        return total[..., begins + part] - total[..., begins]

    around = np.pad(second, ((PART_PITCH, PART_PITCH), (PART_REACH, PART_REACH)))
    columns = np.empty((2 * PART_PITCH + 1, 2 * PART_REACH + 1, frames), np.float32)
    for up in range(columns.shape[0]):
        for later in range(columns.shape[1]):
            columns[up, later] = np.einsum("bf,bf->f", around[up : up + bands, later : later + frames], first)
    products = sums(columns)
    loudness = np.sqrt(sums(np.square(first).sum(axis=0)) * sums(np.square(second).sum(axis=0)))
    whole = columns.sum(axis=2, dtype=np.float64)
    above, after = (int(each) for each in np.unravel_index(int(whole.argmax()), whole.shape))
    bands_up, frames_on = placement.bands + above - PART_PITCH, placement.frames + after - PART_REACH
    exactly = overlap(*wholes, replace(placement, bands=bands_up, frames=frames_on))
    best = products.reshape(-1, len(begins)).argmax(axis=0)
    up, later = np.unravel_index(best, products.shape[:2])
    cents = (up - PART_PITCH + _summit(products, up, later, 0)) * 1200 / PER_OCTAVE
    seconds = (later - PART_REACH + _summit(products, up, later, 1)) * HOP / RATE
    weight = loudness / max(loudness.sum(), 1e-12)
    time = begins * HOP / RATE
    time = time - (weight * time).sum()
    spread = float((weight * time**2).sum())
    middle = _median(seconds, weight)
    drift = float((weight * time * np.clip(seconds - middle, -0.06, 0.06)).sum()) / spread if spread > 0 else 0.0
    return Agreement(
        _alike(*exactly),
        bands_up * 12 / PER_OCTAVE,
        round(frames_on * HOP / RATE, 2),
        placement.circular,
        int((loudness > 0.2 * loudness.max()).sum()),
        # A part that is lost tells no more than that it is: beyond these it counts no further.
        float((weight * np.minimum(np.abs(cents - _median(cents, weight)), 50)).sum()),
        1000 * float((weight * np.minimum(np.abs(seconds - middle), 0.06)).sum()),
        _alike(*(each - mean_around(each, QUICK, axis=1) for each in exactly)),
        _alike(*(each - mean_around(each, SLOW, axis=1) for each in exactly)),
        drift,
    )


def _alike(first: Matrix, second: Matrix) -> float:
    """Correlation of two pictures of one shape, at most 1."""
    return min(float(np.vdot(first, second)) / (float(np.linalg.norm(first) * np.linalg.norm(second)) + 1e-12), 1.0)


def _summit(
    products: npt.NDArray[np.float64], up: npt.NDArray[np.intp], later: npt.NDArray[np.intp], axis: int
) -> npt.NDArray[np.float64]:
    """Where between its neighbours along an axis a maximum lies, by a parabola: -0.5 to 0.5."""
    part, last = np.arange(products.shape[2]), products.shape[axis] - 1
    at = [up, later]

    def beside(step: int) -> npt.NDArray[np.float64]:
        moved = [np.clip(each + step, 0, last) if number == axis else each for number, each in enumerate(at)]
        return products[moved[0], moved[1], part]

    before, here, after = beside(-1), beside(0), beside(1)
    bend = before - 2 * here + after
    flat = bend >= -1e-12
    return np.where(flat, 0, np.clip(0.5 * (before - after) / np.where(flat, 1, bend), -0.5, 0.5))


def _median(values: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
