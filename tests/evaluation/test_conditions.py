import dataclasses

import numpy as np
import pytest

from voxaffect import corpora
from voxaffect.augment.conditions import CONDITIONS
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.probes import Baselines, conditions, find
from voxaffect.evaluation.probes.conditions import Conditions
from voxaffect.evaluation.probes.under import Under
from voxaffect.evaluation.summary import summarise


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


def test_a_joined_condition_draws_what_its_parts_draw_alone(utterances):
    """So that their figures differ by the line and not by the draw."""
    noise = Under("white-10", utterances)(utterances[0], 16_000) - utterances[0].sound.load(16_000)
    joined = Under("gain-20+white-10", utterances)(utterances[0], 16_000)
    softer = utterances[0].sound.load(16_000) / np.float32(10)
    assert joined - softer == pytest.approx(noise / 10, abs=1e-6)
    one, other = (
        Under(name, utterances)(utterances[0], 16_000) for name in ("telephone+white-10", "white-10+telephone")
    )
    spectrum = [np.abs(np.fft.rfft(each))[-100:].mean() for each in (one, other)]
    assert spectrum[0] > 100 * spectrum[1]  # noise on the line, and noise that went through it


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
    # Recalls and confidence of each, in the shape that a summary has.
    summary = summarise(predictions(half))
    assert found["room"]["by_class"] == summary.to_dict()["by_class"]
    assert (found["room"]["confidence"], found["room"]["ece"]) == (1.0, 0.4)
    assert found["room"]["wa"] == summary.wa.to_dict()


def test_of_one_class_the_recall_is_all_that_is_lost():
    only = [each.select(each.truth == 0) for each in (predictions(np.ones(20, bool)), predictions(np.arange(20) > 9))]
    scores = conditions.compare({"clean": only[0], "room": only[1]})
    found = scores.to_dict()["room"]
    assert (found["uar"], found["loss"]) == (None, None)
    assert found["by_class"]["a"]["recall"]["value"] == 0.5
    assert "room" in scores.as_text()


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
    assert sorted(Conditions().names) == sorted(CONDITIONS)
    assert Conditions().words == ("--conditions", "all")
    assert Conditions(("telephone+white-20", "room")).files == (
        "predictions-telephone+white-20.csv",
        "predictions-room.csv",
    )
    for name in ("cave", "telephone+cave", "cave+telephone"):
        with pytest.raises(SettingsError, match="condition 'cave' is not known; choose among all, telephone"):
            Conditions((name,))


def test_baselines_are_measured_under_the_conditions_that_are_asked_for():
    found = {probe.name: probe for probe in find(["baselines", Conditions(("telephone+room",))])}
    assert found["baselines"].files == ("embeddings.npz", "embeddings-telephone+room.npz")
    assert find(["baselines"])[0].conditions == ()
    (alone,) = find([Baselines(("mu-law",))])
    assert alone.conditions == ("mu-law",)
