"""How an emotion differs from others within a speaker, averaged over speakers, with 95 % intervals over speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from voxaffect.exploring.survey import Survey
from voxaffect.metrics import Estimate, estimate, speaker_weights

_Values = npt.NDArray[np.float64]
_Mask = npt.NDArray[np.bool_]
_Rows = npt.NDArray[np.intp]

VOICE_MEASURES = ("pitch", "pitch_range", "voiced", "centre", "rate")
"""Measures of a voice that need not follow from its level."""


@dataclass(frozen=True)
class Contrast:
    """How a measure differs between an emotion and others, within a speaker and averaged over speakers.

    Args:
        measure: Name in `MEASURES`.
        sex: Of the speakers.
        emotion: Which emotion.
        against: The other emotions; empty: all.
        speakers: How many have both.
        difference: In the measure's unit of differences.
        standardised: The difference in standard deviations of one speaker's clips of one emotion.
        equal_level: What is left of the difference, and of it standardised, at equal level; None: not asked.
    """

    measure: str
    sex: str
    emotion: str
    against: tuple[str, ...]
    speakers: int
    difference: Estimate
    standardised: float
    equal_level: tuple[Estimate, float] | None


def in_difference_unit(name: str, values: _Values) -> _Values:
    """Convert a measure to what its differences are taken in: pitch to semitones re 100 Hz, others as they are."""
    return 12 * np.log2(values / 100) if name == "pitch" else values


def contrast(
    survey: Survey,
    name: str,
    emotion: str,
    *,
    sex: str,
    against: tuple[str, ...] = (),
    at_equal_level: bool = False,
) -> Contrast | None:
    """Compare an emotion with others in a measure.

    Args:
        survey: Clips and their measures; missing measures are left out.
        name: Of the measure, in `MEASURES`.
        emotion: Which emotion.
        sex: Of the speakers.
        against: The other emotions; empty: all.
        at_equal_level: Also compute what is left of the difference at equal level.

    Returns:
        The contrast; None where fewer than two speakers have both.
    """
    emotions, level = survey.labels("emotion"), survey.values("level")
    values = in_difference_unit(name, survey.values(name))
    other = np.isin(emotions, against) if against else emotions != emotion
    chosen = (survey.labels("sex") == sex) & np.isfinite(values) & ((emotions == emotion) | other)
    owner = survey.labels("speaker")
    groups = [rows for rows in _rows_by_speaker(owner, chosen) if len(set(emotions[rows] == emotion)) == 2]
    if len(groups) < 2:
        return None
    differences = [
        values[rows][emotions[rows] == emotion].mean() - values[rows][emotions[rows] != emotion].mean()
        for rows in groups
    ]
    spread = _spread_within(values, groups, emotions)
    difference = mean_over_speakers(np.array(differences))
    left = None
    if at_equal_level and name != "level":
        rest = _at_equal_level(values, level, emotions == emotion, groups)
        left = (rest, rest.value / spread)
    return Contrast(name, sex, emotion, against, len(groups), difference, difference.value / spread, left)


def mean_over_speakers(values: _Values) -> Estimate:
    """Estimate the mean of one value for each speaker, with a 95 % interval: (speakers,) -> Estimate."""
    return estimate(values.mean(), speaker_weights(len(values)) @ values / len(values), len(values))


def separability(survey: Survey, emotion: str, sex: str) -> dict[str, Estimate] | None:
    """Measure how well an emotion is separated from all others by level, by the rest of the voice, and by all of it.

    A logistic regression is fitted to the other speakers of the sex and ranks the clips of the one left out. Measures
    are centred by speaker, and a missing one counts as the speaker's mean.

    Args:
        survey: Clips and their measures.
        emotion: Which emotion.
        sex: Of the speakers.

    Returns:
        "level", "the rest" and "all" -> area under the ROC curve: how often a clip of the emotion ranks above another
        of the same speaker, 0.5 by chance. None where fewer than three speakers have both.
    """
    names = ("level", *VOICE_MEASURES)
    truth, owner = survey.labels("emotion") == emotion, survey.labels("speaker")
    groups = [rows for rows in _rows_by_speaker(owner, survey.labels("sex") == sex) if len(set(truth[rows])) == 2]
    if len(groups) < 3:
        return None
    table = np.column_stack([in_difference_unit(name, survey.values(name)) for name in names])
    voices = [np.nan_to_num(table[rows] - np.nanmean(table[rows], axis=0)) for rows in groups]
    sets = {"level": [0], "the rest": list(range(1, len(names))), "all": list(range(len(names)))}
    areas: dict[str, list[float]] = {title: [] for title in sets}
    for left_out, test_rows in enumerate(groups):
        train = np.concatenate([voice for number, voice in enumerate(voices) if number != left_out])
        targets = np.concatenate([truth[rows] for number, rows in enumerate(groups) if number != left_out])
        scale = np.maximum(train.std(axis=0), 1e-9)
        for title, columns in sets.items():
            model = LogisticRegression(class_weight="balanced").fit((train / scale)[:, columns], targets)
            ranks = model.decision_function((voices[left_out] / scale)[:, columns])
            areas[title].append(roc_auc_score(truth[test_rows], ranks))
    return {title: mean_over_speakers(np.array(values)) for title, values in areas.items()}


def women_less_men(survey: Survey, name: str) -> Estimate | None:
    """Estimate how women's voices differ from men's in a measure, as means over speakers of their means.

    Args:
        survey: Clips and their measures.
        name: Of the measure, in `MEASURES`.

    Returns:
        Women minus men, in the measure's unit of differences; None with fewer than two speakers of a sex.
    """
    values, owner, sexes = in_difference_unit(name, survey.values(name)), survey.labels("speaker"), survey.labels("sex")
    women, men = (
        np.array([values[rows].mean() for rows in _rows_by_speaker(owner, (sexes == sex) & np.isfinite(values))])
        for sex in ("female", "male")
    )
    if min(len(women), len(men)) < 2:
        return None
    spread = speaker_weights(len(women)) @ women / len(women) - speaker_weights(len(men), 1) @ men / len(men)
    return estimate(women.mean() - men.mean(), spread, min(len(women), len(men)))


def cut_off(survey: Survey, window: tuple[float, float]) -> dict[str, Estimate] | None:
    """Estimate the share of clips that have sound outside a window.

    Args:
        survey: Clips and their measures.
        window: Start and end, in seconds.

    Returns:
        "sound before ..." and "sound after ..." -> share of clips; None with fewer than two speakers.
    """
    start, end = survey.values("leading"), survey.values("duration") - survey.values("trailing")
    groups = _rows_by_speaker(survey.labels("speaker"), np.isfinite(start))
    if len(groups) < 2:
        return None
    lost = {f"sound before {window[0]} s": start < window[0], f"sound after {window[1]} s": end > window[1]}
    return {what: mean_over_speakers(np.array([mask[rows].mean() for rows in groups])) for what, mask in lost.items()}


def _rows_by_speaker(owner: npt.NDArray[np.str_], chosen: _Mask) -> list[_Rows]:
    """The chosen rows of each speaker."""
    return [np.flatnonzero(chosen & (owner == name)) for name in np.unique(owner[chosen])]


def _spread_within(values: _Values, groups: Sequence[_Rows], emotions: npt.NDArray[np.str_]) -> float:
    """Standard deviation of the clips of one speaker and one emotion, pooled over all."""
    squares, freedom = 0.0, 0
    for rows in groups:
        for emotion in np.unique(emotions[rows]):
            cell = values[rows][emotions[rows] == emotion]
            squares += float(((cell - cell.mean()) ** 2).sum())
            freedom += len(cell) - 1
    return float(np.sqrt(squares / freedom)) if squares > 0 else np.nan


def _at_equal_level(values: _Values, level: _Values, of_emotion: _Mask, groups: Sequence[_Rows]) -> Estimate:
    """The difference that is left in values = speaker + slope * level + difference * of_emotion, by least squares."""
    sums = []
    for rows in groups:
        # Centred by speaker, so that a speaker's own mean cancels; then a speaker's sums are all that is needed.
        design = np.stack([level[rows], of_emotion[rows].astype(float)])
        design -= design.mean(axis=1, keepdims=True)
        centred = values[rows] - values[rows].mean()
        sums.append(np.column_stack([design @ design.T, design @ centred]))
    by_speaker = np.stack(sums)
    resampled = np.tensordot(speaker_weights(len(groups)), by_speaker, axes=1)
    left = [
        np.linalg.lstsq(total[:, :2], total[:, 2], rcond=None)[0][1] for total in (by_speaker.sum(axis=0), *resampled)
    ]
    return estimate(left[0], np.array(left[1:]), len(groups))
