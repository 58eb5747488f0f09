"""What a corpus answers: how emotions differ within a voice, with intervals over speakers.

Reza Chu's "Speech Emotion Recognition with Convolutional Neural Network" (2019) looked at RAVDESS clip by clip and
said what struck the eye and the ear. The questions here are of that kind, in our words, and the answers are measured.
"""

from typing import Any, NamedTuple

import numpy as np

from voxaffect.exploring.contrasts import BESIDE_LEVEL, Contrast, contrast, cut_off, separability, women_less_men
from voxaffect.exploring.measures import MEASURES
from voxaffect.exploring.survey import Survey
from voxaffect.metrics import Estimate

WORDS = {"male": "men", "female": "women"}
PERSONS = {"male": "a man", "female": "a woman"}

RESTING = ("neutral",)
"""What an emotion is compared with where it is asked what it does to a voice."""

OTHERS: tuple[str, ...] = ()
"""All other emotions together, where it is asked what sets an emotion apart."""

WINDOW = (0.5, 3.5)
"""Seconds that the article's networks hear of a clip."""


class Question(NamedTuple):
    """A question and the differences that answer it.

    emotions: each compared with `against`, which may be `OTHERS`. beyond_level: ask too what is left at equal level.
    """

    key: str
    title: str
    sexes: tuple[str, ...]
    emotions: tuple[str, ...]
    against: tuple[str, ...]
    measures: tuple[str, ...]
    beyond_level: bool = False


_BOTH = ("male", "female")
_SILENCES = ("leading", "trailing", "gaps", "sounding", "voiced")

QUESTIONS = (
    Question("angry", "Are men angry just by being louder?", _BOTH, ("angry",), OTHERS, ("level", *BESIDE_LEVEL), True),
    Question(
        "louder",
        "Are women's happy, angry and sad louder?",
        ("female", "male"),
        ("happy", "angry", "sad"),
        RESTING,
        ("level",),
    ),
    Question(
        "silences",
        "Do men's happy and sad show in the silences, as laughing and crying?",
        _BOTH,
        ("happy", "sad"),
        RESTING,
        _SILENCES,
    ),
    Question(
        "disgust",
        "Does women's disgust add a sound to the sentence?",
        ("female", "male"),
        ("disgust",),
        RESTING,
        _SILENCES,
    ),
    Question(
        "calm",
        "Are calm and neutral alike?",
        ("female", "male"),
        ("calm",),
        RESTING,
        ("level", *BESIDE_LEVEL, "sounding"),
    ),
)


def answer(survey: Survey) -> dict[str, Any]:
    """Every question answered as far as the clips allow, as a dictionary for JSON; see `docs/reference/files.md`."""
    differences = ((name, women_less_men(survey, name)) for name in MEASURES)
    lost = cut_off(survey, WINDOW)
    return {
        "clips": len(survey.clips),
        "speakers": {WORDS[sex]: len(set(survey.labels("speaker")[survey.labels("sex") == sex])) for sex in _BOTH},
        "questions": [_answered(survey, question) for question in QUESTIONS],
        "level_by_emotion": [
            _plain(found)
            for sex in ("female", "male")
            for emotion in survey.present("emotion")
            if emotion not in RESTING and (found := contrast(survey, "level", emotion, RESTING, sex))
        ],
        "women_less_men": [
            {"measure": name, "unit": MEASURES[name].difference, **_numbers(found, name)}
            for name, found in differences
            if found
        ],
        "cut_off": {what: _shares(found) for what, found in lost.items()} if lost else {},
    }


def _answered(survey: Survey, question: Question) -> dict[str, Any]:
    found = [
        contrast(survey, name, emotion, question.against, sex, question.beyond_level)
        for sex in question.sexes
        for emotion in question.emotions
        for name in question.measures
    ]
    areas = {}
    if question.beyond_level:
        for sex in question.sexes:
            told = separability(survey, question.emotions[0], sex)
            if told:
                areas[WORDS[sex]] = {title: _shares(area) for title, area in told.items()}
    return {
        "key": question.key,
        "title": question.title,
        "contrasts": [_plain(each) for each in found if each],
        **({"told_apart": areas} if areas else {}),
    }


def _plain(found: Contrast) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "measure": found.measure,
        "unit": MEASURES[found.measure].difference,
        "who": WORDS[found.sex],
        "emotion": found.emotion,
        "against": ", ".join(found.against) or "all others",
        "speakers": found.speakers,
        **_numbers(found.difference, found.measure, found.standardised),
    }
    if found.equal_level:
        plain["equal_level"] = _numbers(found.equal_level[0], found.measure, found.equal_level[1])
    return plain


def _numbers(found: Estimate, name: str, standardised: float | None = None) -> dict[str, Any]:
    digits = max(MEASURES[name].decimals, 1) + 1
    numbers: dict[str, Any] = {
        "difference": round(found.value, digits),
        "interval": [round(found.low, digits), round(found.high, digits)],
    }
    if standardised is not None and np.isfinite(standardised):
        numbers["standardised"] = round(standardised, 2)
    return numbers


def _shares(found: Estimate) -> dict[str, Any]:
    return {"value": round(found.value, 4), "interval": [round(found.low, 4), round(found.high, 4)]}
