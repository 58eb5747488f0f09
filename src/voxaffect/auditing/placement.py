"""Where one picture of a recording lies best on another: time against logarithmic frequency."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voxaffect.auditing.fingerprint import Matrix

PER_OCTAVE = 48
"""Bands of a picture, per octave."""

PICTURE_HOP_LENGTH = 160
"""Samples between two frames of a picture: 20 ms."""

_PITCH = 18  # bands by which pitch may differ: 4.5 semitones, so that a change of speed, which moves both, is found too
_MIN_OVERLAP = 6  # frames of halved pictures: 0.24 s
_CIRCULAR_BONUS = 0.03  # of likeness, by which a circular shift must be better than a plain one


@dataclass(frozen=True)
class Placement:
    """Where the first picture lies on the second.

    Args:
        likeness: Correlation of the two there, at most 1.
        bands: How many bands higher.
        frames: How many frames later.
        circular: Whether what leaves at the end enters at the beginning.
    """

    likeness: float
    bands: int
    frames: int
    circular: bool


class PlacementSearch:
    """Find where halved pictures lie best on one halved picture, whose Fourier transforms are cached.

    Args:
        picture: (bands, frames), of `halve`.
    """

    def __init__(self, picture: Matrix) -> None:
        self._picture = picture
        self._spectra: dict[tuple[int, int], npt.NDArray[np.complexfloating]] = {}

    def best(self, first: Matrix) -> Placement:
        """Find where another halved picture lies best on this one.

        Args:
            first: (bands, frames), of `halve`.

        Returns:
            The placement, in bands and frames of whole pictures.
        """
        (bands, frames), reach = self._picture.shape, _PITCH // 2
        size = _fast_length(bands + reach), _fast_length(first.shape[1] + frames)
        if size not in self._spectra:
            self._spectra[size] = np.fft.rfft2(self._picture, size)
        norm = float(np.linalg.norm(first) * np.linalg.norm(self._picture)) + 1e-12
        product = self._spectra[size] * np.conj(np.fft.rfft2(first, size))
        likeness = np.fft.irfft2(product, size)[np.r_[-reach : reach + 1]] / norm
        period = max(first.shape[1], frames)
        around = likeness[:, :period] + likeness[:, -period:]
        lag = np.arange(size[1])
        lag = np.where(lag < frames, lag, lag - size[1])
        shared = np.minimum(first.shape[1] + lag, frames) - np.maximum(lag, 0)
        likeness = np.where(shared >= _MIN_OVERLAP, likeness, 0)
        band, frame = np.unravel_index(int(likeness.argmax()), likeness.shape)
        circular_band, circular_frame = np.unravel_index(int(around.argmax()), around.shape)
        plain, circular = float(likeness[band, frame]), float(around[circular_band, circular_frame])
        if circular > plain + _CIRCULAR_BONUS:
            return Placement(circular, 2 * (int(circular_band) - reach), 2 * int(circular_frame), True)
        return Placement(plain, 2 * (int(band) - reach), 2 * int(lag[frame]), False)


def halve(picture: Matrix) -> Matrix:
    """Sum each 2 x 2 values, for a search at half the resolution: (bands, frames) -> (bands / 2, frames / 2)."""
    bands, frames = (size + size % 2 for size in picture.shape)
    even = np.pad(picture, ((0, bands - picture.shape[0]), (0, frames - picture.shape[1])))
    return even.reshape(bands // 2, 2, frames // 2, 2).sum(axis=(1, 3))


def stretch(picture: Matrix, scale: float) -> Matrix:
    """Stretch in time by linear interpolation: (bands, frames) -> (bands, frames * scale)."""
    frames = picture.shape[1]
    count = max(1, round(frames * scale))
    if count == frames:
        return picture
    position = np.clip((np.arange(count) + 0.5) * frames / count - 0.5, 0, frames - 1)
    low = np.minimum(position.astype(int), max(frames - 2, 0))
    weight = (position - low).astype(np.float32)
    return picture[:, low] * (1 - weight) + picture[:, np.minimum(low + 1, frames - 1)] * weight


def overlap(first: Matrix, second: Matrix, placement: Placement) -> tuple[Matrix, Matrix]:
    """Cut out the parts of two pictures that lie on each other.

    Args:
        first: (bands, frames).
        second: (bands, frames), as many bands.
        placement: Of the first on the second.

    Returns:
        Two pictures of one shape.
    """
    if placement.circular:
        period = max(first.shape[1], second.shape[1])
        first, second = (np.pad(picture, ((0, 0), (0, period - picture.shape[1]))) for picture in (first, second))
        first = np.roll(first, placement.frames, axis=1)
    elif placement.frames > 0:
        second = second[:, placement.frames :]
    else:
        first = first[:, -placement.frames :]
    frames, bands = min(first.shape[1], second.shape[1]), first.shape[0] - abs(placement.bands)
    up, down = max(placement.bands, 0), max(-placement.bands, 0)
    return first[down : down + bands, :frames], second[up : up + bands, :frames]


def _fast_length(length: int) -> int:
    """The next length for which a Fourier transform is fast."""
    power = 1 << (length - 1).bit_length()
    return next(size for size in (power * 5 // 8, power * 3 // 4, power) if size >= length)
