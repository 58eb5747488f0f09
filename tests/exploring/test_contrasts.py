from pathlib import Path

import numpy as np
import pytest

from voxaffect.corpora import Utterance
from voxaffect.exploring import observations, wording
from voxaffect.exploring.contrasts import (
    contrast,
    cut_off,
    in_difference_unit,
    mean_over_speakers,
    separability,
    women_less_men,
)
from voxaffect.exploring.measures import Measures
from voxaffect.exploring.survey import Survey

EMOTIONS = ("angry", "happy", "neutral", "sad")


def made_up(louder=10.0, higher=0.0, slope=0.5, speakers=6, clips=8, seed=0):
    """Angry is `louder` dB; pitch follows level by `slope` semitones a dB, and angry is `higher` semitones besides."""
    rng = np.random.default_rng(seed)
    utterances, measures = [], []
    for number in range(1, speakers + 1):
        sex = "male" if number % 2 else "female"
        base, voice = rng.normal(-35, 5), rng.normal(0 if sex == "male" else 9, 1)
        for emotion in EMOTIONS:
            for take in range(clips):
                level = rng.normal(base, 2) + louder * (emotion == "angry")
                height = voice + slope * (level - base) + higher * (emotion == "angry") + rng.normal(0, 0.2)
                name = f"made/{number}-{emotion}-{take}"
                utterances.append(Utterance(name, Path("x.wav"), f"made/{number:02d}", sex, emotion))
                measures.append(
                    Measures(
                        duration=3.6,
                        leading=0.4 if take == 0 else 1.0,
                        trailing=1.0,
                        gaps=0.0,
                        sounding=1.6,
                        level=level,
                        pitch=100 * 2 ** (height / 12),
                        pitch_range=rng.normal(6, 1),
                        voiced=rng.normal(80, 3),
                        centre=rng.normal(1500, 50),
                        rate=rng.normal(4, 0.3),
                    )
                )
    return Survey(tuple(utterances), tuple(measures))


def test_a_difference_is_found_as_it_was_made():
    found = contrast(made_up(), "level", "angry", sex="male")
    assert found.difference.value == pytest.approx(10, abs=0.7)
    assert found.difference.low < found.difference.value < found.difference.high
    assert found.standardised == pytest.approx(5, abs=0.7)
    assert found.speakers == 3


def test_what_only_follows_from_level_is_gone_at_equal_level():
    found = contrast(made_up(), "pitch", "angry", sex="male", at_equal_level=True)
    assert found.difference.value == pytest.approx(5, abs=0.5)
    left, _ = found.equal_level
    assert left.value == pytest.approx(0, abs=0.2)


def test_what_does_not_follow_from_level_is_left():
    found = contrast(made_up(higher=-3), "pitch", "angry", sex="female", at_equal_level=True)
    left, standardised = found.equal_level
    assert left.value == pytest.approx(-3, abs=0.2)
    assert left.high < 0
    assert standardised < 0


def test_equal_level_is_least_squares():
    """Against NumPy's own solver, a column a speaker."""
    survey = made_up(higher=2, seed=3)
    men = survey.select(survey.labels("sex") == "male")
    owner, level = men.labels("speaker"), men.values("level")
    columns = [level, men.labels("emotion") == "angry", *(owner == name for name in men.present("speaker"))]
    solved = np.linalg.lstsq(np.column_stack(columns).astype(float), in_difference_unit("pitch", men.values("pitch")))[
        0
    ]
    left, _ = contrast(survey, "pitch", "angry", sex="male", at_equal_level=True).equal_level
    assert left.value == pytest.approx(solved[1])


def test_a_voices_own_mean_does_not_matter():
    plain = made_up()
    shifted = Survey(
        plain.clips,
        tuple(
            Measures(**(vars(each) | {"level": each.level + 30 * int(clip.speaker[-2:])}))
            for clip, each in zip(plain.clips, plain.measures, strict=True)
        ),
    )
    before, after = (
        contrast(survey, "level", "angry", sex="male", against=("neutral",)) for survey in (plain, shifted)
    )
    assert after.difference == pytest.approx(before.difference)
    assert after.standardised == pytest.approx(before.standardised)


def test_missing_measures_are_left_out():
    survey = made_up()
    holes = tuple(Measures(each.duration) if place % 5 == 0 else each for place, each in enumerate(survey.measures))
    found = contrast(Survey(survey.clips, holes), "pitch", "angry", sex="male", at_equal_level=True)
    assert found.difference.value == pytest.approx(5, abs=0.7)
    assert all(0.5 < each.value <= 1 for each in separability(Survey(survey.clips, holes), "angry", "male").values())


def test_one_speaker_or_no_such_emotion_is_no_answer():
    survey = made_up(speakers=2)
    assert contrast(survey, "level", "angry", sex="male") is None
    assert contrast(made_up(), "level", "disgust", sex="male") is None
    assert separability(survey, "angry", "male") is None
    assert women_less_men(survey, "pitch") is None
    assert cut_off(made_up(speakers=1), (0.5, 3.5)) is None


def test_intervals_are_mean_over_speakers():
    assert mean_over_speakers(np.array([3.0, 3.0, 3.0])) == (3, 3, 3)
    found = mean_over_speakers(np.array([0.0, 10.0]))
    assert (found.low, found.value, found.high) == (0, 5, 10)


def test_told_apart_by_what_differs_and_not_by_what_does_not():
    found = separability(made_up(slope=0, speakers=12), "angry", "male")
    assert found["level"].value > 0.98
    assert found["the rest"].value == pytest.approx(0.5, abs=0.15)
    assert found["all"].value > 0.95


def test_women_less_men_and_what_a_window_loses():
    assert women_less_men(made_up(speakers=40), "pitch").value == pytest.approx(9, abs=1)
    lost = cut_off(made_up(), (0.5, 2.5))
    assert lost["sound before 0.5 s"].value == pytest.approx(1 / 8)
    assert lost["sound after 2.5 s"].value == 1


def test_the_answers_are_words_and_figures():
    answers = observations.answer(made_up(higher=-3))
    by_key = {each["key"]: each for each in answers["questions"]}
    lines = wording.sentences(by_key["angry"])
    assert lines[0] == "Men: louder, and not only that."
    assert any("at equal level: pitch −3" in line for line in lines)
    assert not by_key["disgust"]["contrasts"]
    assert "These clips give no answer." in wording.answers_text(answers)
    plain = wording.sentences(
        {each["key"]: each for each in observations.answer(made_up(louder=0))["questions"]}["angry"]
    )
    assert plain[0] == "Men: no louder."


def test_the_same_clips_give_the_same_answers():
    assert observations.answer(made_up()) == observations.answer(made_up())
