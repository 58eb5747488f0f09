"""How an emotion differs from others within a voice, on average over voices, with 95 % intervals over speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from voxaffect.exploring.survey import Survey
from voxaffect.metrics import RESAMPLES, Estimate

Values = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

BESIDE_LEVEL = ("pitch", "pitch_range", "voiced", "centre", "rate")
"""What else of a voice is measured that need not follow from its loudness."""


@dataclass(frozen=True)
class Contrast:
    """How a measure differs between an emotion and others within a voice, on average over voices.

    difference: in the measure's unit of differences. standardised: the same in standard deviations of one voice's clips
    of one emotion. equal_level: what is left of the difference, and of it standardised, at equal level; None if not
    asked.
    """

    measure: str
    sex: str
    emotion: str
    against: tuple[str, ...]
    speakers: int
    difference: Estimate
    standardised: float
    equal_level: tuple[Estimate, float] | None


def compared(name: str, values: Values) -> Values:
    """A measure as differences are taken in it: pitch in semitones re 100 Hz, all others as they are."""
    return 12 * np.log2(values / 100) if name == "pitch" else values


def contrast(
    survey: Survey, name: str, emotion: str, against: tuple[str, ...], sex: str, beyond_level: bool = False
) -> Contrast | None:
    """An emotion's clips less those of the others, within each speaker of a sex; then the mean over speakers.

    None where fewer than two speakers have both. Missing measures are left out.
    """
    emotions, values, level = survey.labels("emotion"), compared(name, survey.values(name)), survey.values("level")
    theirs = np.isin(emotions, against) if against else emotions != emotion
    chosen = (survey.labels("sex") == sex) & np.isfinite(values) & ((emotions == emotion) | theirs)
    owner = survey.labels("speaker")
    groups = [rows for rows in _each(owner, chosen) if len(set(emotions[rows] == emotion)) == 2]
    if len(groups) < 2:
        return None
    differences = [
        values[rows][emotions[rows] == emotion].mean() - values[rows][emotions[rows] != emotion].mean()
        for rows in groups
    ]
    spread = _spread_within(values, groups, emotions)
    difference = over_speakers(np.array(differences))
    left = None
    if beyond_level and name != "level":
        estimate = _at_equal_level(values, level, emotions == emotion, groups)
        left = (estimate, estimate.value / spread)
    return Contrast(name, sex, emotion, against, len(groups), difference, difference.value / spread, left)


def over_speakers(each: Values) -> Estimate:
    """Mean of one figure a speaker and its 95 % interval, speakers resampled: (speakers,) -> Estimate."""
    return _estimate(each.mean(), _times(len(each)) @ each / len(each))


def separability(survey: Survey, emotion: str, sex: str) -> dict[str, Estimate] | None:
    """How well an emotion is told from all others by level, by the rest of the voice, and by all of it.

    Area under the ROC curve: how often a clip of the emotion ranks above another of the same speaker, 0.5 by chance.
    A logistic regression learns from the other speakers of the sex and ranks the clips of the one left out; each
    speaker's own mean is removed first, without labels. None where fewer than three speakers have the emotion.
    """
    names = ("level", *BESIDE_LEVEL)
    truth, owner = survey.labels("emotion") == emotion, survey.labels("speaker")
    groups = [rows for rows in _each(owner, survey.labels("sex") == sex) if len(set(truth[rows])) == 2]
    if len(groups) < 3:
        return None
    table = np.column_stack([compared(name, survey.values(name)) for name in names])
    voices = [np.nan_to_num(table[rows] - np.nanmean(table[rows], axis=0)) for rows in groups]
    sets = {"level": [0], "the rest": list(range(1, len(names))), "all": list(range(len(names)))}
    areas: dict[str, list[float]] = {title: [] for title in sets}
    for out, held in enumerate(groups):
        known = np.concatenate([each for number, each in enumerate(voices) if number != out])
        answers = np.concatenate([truth[rows] for number, rows in enumerate(groups) if number != out])
        scale = np.maximum(known.std(axis=0), 1e-9)
        for title, columns in sets.items():
            model = LogisticRegression(class_weight="balanced").fit((known / scale)[:, columns], answers)
            ranks = model.decision_function((voices[out] / scale)[:, columns])
            areas[title].append(roc_auc_score(truth[held], ranks))
    return {title: over_speakers(np.array(each)) for title, each in areas.items()}


def women_less_men(survey: Survey, name: str) -> Estimate | None:
    """How women's voices differ from men's: means over speakers of their means; None with fewer than two of a sex."""
    values, owner, sexes = compared(name, survey.values(name)), survey.labels("speaker"), survey.labels("sex")
    women, men = (
        np.array([values[rows].mean() for rows in _each(owner, (sexes == sex) & np.isfinite(values))])
        for sex in ("female", "male")
    )
    if min(len(women), len(men)) < 2:
        return None
    spread = _times(len(women)) @ women / len(women) - _times(len(men), 1) @ men / len(men)
    return _estimate(women.mean() - men.mean(), spread)


def cut_off(survey: Survey, window: tuple[float, float]) -> dict[str, Estimate] | None:
    """Shares of clips that have sound before and after a window: None with fewer than two speakers.

    window: start and end in seconds. Sound is what `measures.sound` takes for it.
    """
    start, end = survey.values("leading"), survey.values("duration") - survey.values("trailing")
    groups = _each(survey.labels("speaker"), np.isfinite(start))
    if len(groups) < 2:
        return None
    lost = {f"sound before {window[0]} s": start < window[0], f"sound after {window[1]} s": end > window[1]}
    return {what: over_speakers(np.array([mask[rows].mean() for rows in groups])) for what, mask in lost.items()}


def _each(owner: npt.NDArray[np.str_], chosen: Mask) -> list[Rows]:
    """The chosen rows, speaker by speaker."""
    return [np.flatnonzero(chosen & (owner == name)) for name in np.unique(owner[chosen])]


def _spread_within(values: Values, groups: Sequence[Rows], emotions: npt.NDArray[np.str_]) -> float:
    """Standard deviation of the clips of one voice and one emotion, pooled over all."""
    squares, freedom = 0.0, 0
    for rows in groups:
        for emotion in np.unique(emotions[rows]):
            cell = values[rows][emotions[rows] == emotion]
            squares += float(((cell - cell.mean()) ** 2).sum())
            freedom += len(cell) - 1
    return float(np.sqrt(squares / freedom)) if squares > 0 else np.nan


def _at_equal_level(values: Values, level: Values, ours: Mask, groups: Sequence[Rows]) -> Estimate:
    """The difference that is left in values = speaker + slope * level + difference * ours, by least squares."""
    sums = []
    for rows in groups:
        # Centred by speaker, so that a voice's own mean cancels; then one speaker's sums are all that is needed of him.
        design = np.stack([level[rows], ours[rows].astype(float)])
        design -= design.mean(axis=1, keepdims=True)
        centred = values[rows] - values[rows].mean()
        sums.append(np.column_stack([design @ design.T, design @ centred]))
    by_speaker = np.stack(sums)
    resampled = np.tensordot(_times(len(groups)), by_speaker, axes=1)
    left = [np.linalg.lstsq(each[:, :2], each[:, 2], rcond=None)[0][1] for each in (by_speaker.sum(axis=0), *resampled)]
    return _estimate(left[0], np.array(left[1:]))


def _times(speakers: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """How often each speaker is drawn in each resample -> (resamples, speakers).

    Speakers are resampled, not clips: the clips of one voice are not independent.
    """
    rng = np.random.default_rng(seed)
    return rng.multinomial(speakers, np.full(speakers, 1 / speakers), size=RESAMPLES)


def _estimate(value: float, resampled: Values) -> Estimate:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Estimate(float(value), float(low), float(high))
