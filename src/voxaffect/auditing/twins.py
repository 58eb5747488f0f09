"""Decide whether one recording was made from another, or the two are takes of the same words.

Both are pictures of time against logarithmic frequency. One is stretched in time and moved in time and pitch until it
lies on the other as well as it can. The whole must then be alike, the parts must agree on where it lies, and none may
be much less alike than the rest.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from voxaffect.auditing.agreement import Agreement, agree
from voxaffect.auditing.fingerprint import RATE, Matrix, log_spectrum, read_recording
from voxaffect.auditing.placement import PER_OCTAVE, PICTURE_HOP_LENGTH, PlacementSearch, halve, stretch
from voxaffect.corpora import Sound

# Tempos tried around the one that the fingerprints suggest: by steps of a fraction, or so that the ends slip by so many
# seconds at most; the parts then tell the tempo exactly.
_STEP, _SLIP, _AROUND = 0.02, 0.06, 0.03

_UNLIKE = 0.65  # likeness of the whole below which parts are not compared
_MIN_LIKENESS = 0.72
_SAME_LIKENESS = 0.96  # from which on two recordings of the same tempo and pitch are copies

_FEW_PARTS = 5  # agreement between fewer proves little; the score must then be as high as for close ones

# The least `Agreement.score` of a twin. Takes of singers too differ by less than 6 % of tempo and a quarter of a
# semitone, and there the second is needed; the third where neither differs. All numbers here were chosen on actors 1 to
# 8 of RAVDESS, speech and song, and 1001 to 1045 of CREMA-D.
_MIN_SCORE, _MIN_SCORE_CLOSE, _MIN_SCORE_SAME = 1.5, 3.0, 4.2
_CLOSE_TEMPO, _SAME_TEMPO, _CLOSE_PITCH = 0.06, 0.01, 0.25

# The least `Agreement.evenness` of a twin whose score is the least; one makes up for the other.
_MIN_EVENNESS = -4.0


@dataclass(frozen=True)
class Twin:
    """How the second of two recordings comes from the first.

    Args:
        likeness: Correlation of the two pictures where they overlap, at most 1.
        pitch: Semitones higher.
        tempo: Times as fast.
        shift: Seconds later.
        circular: Whether the shift is circular.
    """

    likeness: float
    pitch: float = 0.0
    tempo: float = 1.0
    shift: float = 0.0
    circular: bool = False

    @property
    def altered(self) -> bool:
        """Whether pitch or tempo differs; if not, it is a copy, of another level, noise, shift, rate or codec."""
        return self.pitch != 0 or abs(self.tempo - 1) >= 0.005


@dataclass(frozen=True)
class Comparison:
    """How two recordings that are alike compare.

    Args:
        twin: How the second comes from the first, if it does.
        surplus: Log-odds that it does, beyond those that a twin needs.
    """

    twin: Twin
    surplus: float


@functools.lru_cache(maxsize=512)  # some 100 MB of clips of four seconds
def load_picture(sound: Sound) -> Matrix:
    """Load a recording's picture, through a cache in memory.

    Args:
        sound: The recording.

    Returns:
        (bands, frames) float32.

    Raises:
        AudioError: The recording cannot be read.
    """
    return log_spectrum(read_recording(sound).waveform, PER_OCTAVE, PICTURE_HOP_LENGTH)


def compare(first: Matrix, second: Matrix, scale: float) -> Comparison | None:
    """Compare two recordings of which one may have been made from the other.

    Args:
        first: The picture of one recording, (bands, frames).
        second: The picture of the other.
        scale: How many times as long the second lasts, to 3 %.

    Returns:
        The comparison; None where they are not alike.
    """
    step = min(_STEP, 2 * _SLIP / (second.shape[1] * PICTURE_HOP_LENGTH / RATE))
    steps = round(_AROUND / step)
    rough, search = halve(first), PlacementSearch(halve(second))
    scales = scale * (1 + step * np.arange(-steps, steps + 1))
    placements = {tried: search.best(stretch(rough, tried)) for tried in scales}
    if 1.0 in placements and placements[1.0].likeness >= _UNLIKE:
        agreement = agree(first, second, placements[1.0])
        if agreement.likeness >= _SAME_LIKENESS and abs(agreement.semitones) < _CLOSE_PITCH:
            return _comparison(agreement, 1.0)
    # In doubt the tempo is the same.
    scale = max(placements, key=lambda tried: placements[tried].likeness + (0.02 if tried == 1 else 0))
    if placements[scale].likeness < _UNLIKE:
        return None
    agreement = agree(stretch(first, scale), second, placements[scale])
    if scale != 1 and abs(agreement.drift) <= 2 * step and agreement.score > _MIN_SCORE - 6:
        # Parts that come ever later tell the tempo better than the whole does.
        finer = scale * (1 + agreement.drift)
        refined = agree(stretch(first, finer), second, search.best(stretch(rough, finer)))
        if refined.score > agreement.score:
            scale, agreement = finer, refined
    return _comparison(agreement, float(scale))


def _comparison(agreement: Agreement, scale: float) -> Comparison | None:
    """A comparison by how the first, stretched so far, agrees with the second."""
    needed = _MIN_SCORE
    if abs(agreement.semitones) <= _CLOSE_PITCH and abs(math.log(scale)) < _CLOSE_TEMPO:
        needed = _MIN_SCORE_SAME if abs(math.log(scale)) < _SAME_TEMPO else _MIN_SCORE_CLOSE
    elif agreement.parts < _FEW_PARTS:
        needed = _MIN_SCORE_CLOSE
    if agreement.likeness < _MIN_LIKENESS:
        return None
    tempo = round(1 / scale, 3)
    twin = Twin(agreement.likeness, agreement.semitones, tempo, agreement.seconds, agreement.circular)
    return Comparison(twin, agreement.score + agreement.evenness - needed - _MIN_EVENNESS)
