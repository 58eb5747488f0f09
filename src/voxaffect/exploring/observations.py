"""What a corpus answers: how emotions differ within a speaker, with intervals over speakers.

The questions are of the kind that the article asks of RAVDESS, clip by clip and by eye and ear; here the answers are
measured.

Source:
    Reza Chu (2019), "Speech Emotion Recognition with Convolutional Neural Network".
"""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from voxaffect.auditing import shortcuts
from voxaffect.exploring.contrasts import Contrast, contrast, cut_off, separability, women_less_men
from voxaffect.exploring.measures import MEASURES
from voxaffect.exploring.survey import Survey
from voxaffect.metrics import Estimate

PLURALS = {"male": "men", "female": "women"}
SINGULARS = {"male": "a man", "female": "a woman"}

ARTICLE_WINDOW = (0.5, 3.5)
"""Seconds of a clip that the article's networks use."""

_NEUTRAL = ("neutral",)


class Question(NamedTuple):
    """A question, and the contrasts that answer it.

    Attributes:
        key: Its name in files.
        title: The question itself.
        sexes: Of the speakers.
        emotions: Emotions that are compared with `against`.
        measures: Names in `MEASURES`.
        against: The other emotions; empty: all.
        at_equal_level: Also ask what is left at equal level.
    """

    key: str
    title: str
    sexes: tuple[str, ...]
    emotions: tuple[str, ...]
    measures: tuple[str, ...]
    against: tuple[str, ...] = ()
    at_equal_level: bool = False


def _read_questions() -> tuple[Question, ...]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))
    for table in tables.values():
        table.update({name: tuple(value) for name, value in table.items() if isinstance(value, list)})
    return tuple(Question(key, **table) for key, table in tables.items())


QUESTIONS = _read_questions()


def answer(survey: Survey) -> dict[str, Any]:
    """Answer every question, as far as the clips allow.

    Args:
        survey: Clips and their measures.

    Returns:
        A dictionary for JSON; `docs/reference/files.md` describes it.
    """
    differences = ((name, women_less_men(survey, name)) for name in MEASURES)
    lost = cut_off(survey, ARTICLE_WINDOW)
    return {
        "clips": len(survey.clips),
        "speakers": {PLURALS[sex]: len(set(survey.labels("speaker")[survey.labels("sex") == sex])) for sex in PLURALS},
        "questions": [_answer(survey, question) for question in QUESTIONS],
        "level_by_emotion": [
            _contrast_to_dict(level)
            for sex in ("female", "male")
            for emotion in survey.present("emotion")
            if emotion not in _NEUTRAL and (level := contrast(survey, "level", emotion, sex=sex, against=_NEUTRAL))
        ],
        "women_less_men": [
            {"measure": name, "unit": MEASURES[name].difference, **_numbers(difference, name)}
            for name, difference in differences
            if difference
        ],
        "cut_off": {what: _estimate_to_dict(share) for what, share in lost.items()} if lost else {},
        **({"shortcuts": _shortcuts(survey)} if survey.properties else {}),
    }


def _shortcuts(survey: Survey) -> dict[str, Any]:
    labels, speakers, sentences = (survey.labels(name).tolist() for name in ("emotion", "speaker", "text"))
    return shortcuts.find(survey.properties, labels, speakers, sentences).to_dict()


def _answer(survey: Survey, question: Question) -> dict[str, Any]:
    contrasts = [
        contrast(survey, name, emotion, sex=sex, against=question.against, at_equal_level=question.at_equal_level)
        for sex in question.sexes
        for emotion in question.emotions
        for name in question.measures
    ]
    areas = {}
    if question.at_equal_level:
        for sex in question.sexes:
            separated = separability(survey, question.emotions[0], sex)
            if separated:
                areas[PLURALS[sex]] = {title: _estimate_to_dict(area) for title, area in separated.items()}
    return {
        "key": question.key,
        "title": question.title,
        "contrasts": [_contrast_to_dict(contrast) for contrast in contrasts if contrast],
        **({"told_apart": areas} if areas else {}),
    }


def _contrast_to_dict(result: Contrast) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "measure": result.measure,
        "unit": MEASURES[result.measure].difference,
        "who": PLURALS[result.sex],
        "emotion": result.emotion,
        "against": ", ".join(result.against) or "all others",
        "speakers": result.speakers,
        **_numbers(result.difference, result.measure, result.standardised),
    }
    if result.equal_level:
        plain["equal_level"] = _numbers(result.equal_level[0], result.measure, result.equal_level[1])
    return plain


def _numbers(estimate: Estimate, name: str, standardised: float | None = None) -> dict[str, Any]:
    digits = max(MEASURES[name].decimals, 1) + 1
    numbers: dict[str, Any] = {
        "difference": round(estimate.value, digits),
        "interval": [round(estimate.low, digits), round(estimate.high, digits)],
    }
    if standardised is not None and np.isfinite(standardised):
        numbers["standardised"] = round(standardised, 2)
    return numbers


def _estimate_to_dict(estimate: Estimate) -> dict[str, Any]:
    return {"value": round(estimate.value, 4), "interval": [round(estimate.low, 4), round(estimate.high, 4)]}
