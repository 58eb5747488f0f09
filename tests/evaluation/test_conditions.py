import dataclasses

import numpy as np
import pytest

from voxaffect import corpora
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes import conditions
from voxaffect.evaluation.probes.conditions import Conditions, Under


@pytest.fixture(scope="module")
def utterances(made_up):
    return list(corpora.load("ravdess", made_up).utterances)


def predictions(right: np.ndarray, sex: str = "female") -> Predictions:
    """Twenty clips of four speakers, two classes; of those where `right` is false the other class is said."""
    truth = np.arange(20) % 2
    probabilities = np.eye(2)[np.where(right, truth, 1 - truth)]
    names = np.array([f"x/{number // 5}" for number in range(20)])
    sexes = np.array([sex if number < 10 else "male" for number in range(20)])
    empty = np.array([""] * 20)
    return Predictions(("a", "b"), np.arange(20).astype(str), names, sexes, empty, empty, truth, probabilities)


def test_an_utterance_is_heard_the_same_whatever_was_heard_before(utterances):
    once = Under("white-10", utterances)
    first, second = (once(each, 16_000) for each in utterances[:2])
    assert np.array_equal(Under("white-10", utterances[5:])(utterances[1], 16_000), second)
    assert not np.array_equal(first[:8000], second[:8000])


def test_a_babble_is_of_other_people(utterances):
    ears = Under("babble-0", utterances)
    heard = ears(utterances[0], 16_000)
    assert np.isfinite(heard).all()
    alone = [each for each in utterances if each.speaker == utterances[0].speaker]
    with pytest.raises(SettingsError, match="needs other people's voices"):
        Under("babble-0", alone)(utterances[0], 16_000)


def test_the_cost_is_what_is_lost_of_clean():
    half = np.arange(20) % 5 > 1
    scores = conditions.compare({"clean": predictions(np.ones(20, bool)), "room": predictions(half)})
    found = scores.to_dict()
    assert found["clean"]["loss"]["value"] == 0
    assert found["room"]["uar"]["value"] == pytest.approx(0.6)
    assert found["room"]["loss"]["value"] == pytest.approx(0.4)
    assert set(found["room"]["by_sex"]) == {"female", "male"}
    low, high = found["room"]["loss"]["interval"]
    assert low <= 0.4 <= high
    text = scores.as_text()
    assert "room" in text
    assert "40.0 [" in text


def test_of_several_corpora_each_counts_alike():
    """Five clips of y all wrong, fifteen of x all right: half of the UAR is lost, not a quarter."""
    right = np.arange(20) < 15
    clean, worse = predictions(np.ones(20, bool)), predictions(right)
    speaker = np.where(right, clean.speaker, "y/3")
    two = [dataclasses.replace(each, speaker=speaker) for each in (clean, worse)]
    found = conditions.compare({"clean": two[0], "room": two[1]})
    assert found.by_condition["room"].loss.value == pytest.approx(0.5)


def test_names():
    assert Conditions(("mu-law", "all")).names[0] == "mu-law"
    assert sorted(Conditions().names) == sorted(conditions.CONDITIONS)
    assert Conditions().words == ("--conditions", "all")
    with pytest.raises(SettingsError, match="condition 'cave' is not known; choose among all, telephone"):
        Conditions(("cave",))
