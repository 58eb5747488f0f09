"""What a summary says, and what stands beside its figures."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import recall_score

from voxaffect.evaluation.caveats import caveats, with_caveats
from voxaffect.evaluation.predictions import Predictions, join
from voxaffect.evaluation.report import as_text
from voxaffect.evaluation.summary import Summary, interval, summarise
from voxaffect.records import RecordError

CLASSES = ("angry", "happy", "neutral", "sad")


def predictions(speakers: dict[str, str], clips: int = 12, right: float = 0.7, seed: int = 0) -> Predictions:
    """Clips of each class by each speaker: name -> sex."""
    rng = np.random.default_rng(seed)
    names = np.repeat(list(speakers), clips * len(CLASSES))
    truth = np.tile(np.repeat(np.arange(4), clips), len(speakers))
    answered = np.where(rng.random(len(truth)) < right, truth, rng.integers(4, size=len(truth)))
    probabilities = np.round(np.full((len(truth), 4), 0.1) + 0.6 * np.eye(4)[answered], 4)
    blank = np.full(len(truth), "")
    sexes = np.array([speakers[name] for name in names])
    return Predictions(CLASSES, np.arange(len(truth)).astype(str), names, sexes, blank, blank, truth, probabilities)


MANY = {f"x/{number:02d}": ("female", "male")[number % 2] for number in range(12)}


def named(summary: Summary, words: str) -> str:
    """The one caveat with these words."""
    (found,) = [each for each in caveats(summary) if words in each]
    return found


def test_where_all_is_tested_by_many_there_is_nothing_to_say():
    summary = summarise(predictions(MANY))
    assert caveats(summary) == ()
    assert (summary.classes_tested, summary.chance) == (CLASSES, 0.25)
    assert "chance 25.0" in as_text(summary)
    groupless = dataclasses.replace(summary, by_sex={}, women_less_men=None, by_corpus={}, mean_of_corpora=None)
    assert "\n\n\n" not in as_text(summary) + as_text(groupless)
    assert summary.confidence == 0.7
    assert tuple(summary.by_class) == CLASSES
    assert {(each.utterances, each.speakers) for each in summary.by_class.values()} == {(144, 12)}


def test_three_of_four_classes():
    whole = predictions(MANY)
    part = whole.select(whole.truth != 1)
    summary = summarise(part)
    assert named(summary, "tested") == "3 of 4 classes are tested: angry, neutral, sad; UAR, F1 and chance are of these"
    assert (summary.classes_tested, summary.chance) == (("angry", "neutral", "sad"), 0.3333)
    recalls = recall_score(part.truth, part.prediction, labels=[0, 2, 3], average=None)
    assert summary.uar.value == pytest.approx(recalls.mean(), abs=1e-4)
    assert [each.recall.value for each in summary.by_class.values()] == pytest.approx(recalls, abs=1e-4)
    page = as_text(summary)
    assert "chance 33.3" in page
    assert page.splitlines()[1].startswith("3 of 4 classes are tested")
    content = json.loads(json.dumps(with_caveats(summary)))
    assert content["caveats"] == list(caveats(summary))
    assert Summary.from_dict(content) == summary


@pytest.mark.parametrize("only", range(4))
def test_one_class_has_no_uar(only):
    whole = predictions(MANY)
    summary = summarise(whole.select(whole.truth == only))
    name = CLASSES[only]
    assert f"1 of 4 classes is tested: {name}; there is no UAR" in named(summary, "tested")
    content = json.loads(json.dumps(summary.to_dict()))
    assert [content[key] for key in ("uar", "f1", "chance")] == [None] * 3
    assert [content["by_sex"]["male"][key] for key in ("uar", "f1")] == [None] * 2
    assert content["by_speaker"]["x/00"]["uar"] is None
    assert content["by_class"][name]["recall"] == content["wa"]
    assert "women_less_men" not in content
    assert Summary.from_dict(content) == summary
    page = as_text(summary)
    assert f"recall of {name}" in page
    assert not any(line.lstrip().startswith(("UAR", "F1", "WA")) for line in page.splitlines())
    assert "Recall by speaker" in page
    assert repr(summary).startswith(f"Summary(no UAR: only {name} is tested")


@given(st.sets(st.integers(0, 3), min_size=1), st.sets(st.integers(0, 3), min_size=1), st.integers(0, 99))
def test_women_and_men_are_compared_on_the_classes_that_both_have(women, men, seed):
    whole = predictions(MANY, clips=3, right=0.5, seed=seed)
    female = whole.sex == "female"
    part = whole.select(np.where(female, np.isin(whole.truth, list(women)), np.isin(whole.truth, list(men))))
    summary = summarise(part)
    shared = sorted(women & men)
    tested = [name for index, name in enumerate(CLASSES) if index in women | men]
    assert list(summary.classes_tested) == tested
    for sex, own in (("female", women), ("male", men)):
        group = summary.by_sex[sex]
        assert (group.uar is None) == (len(own) == 1)
        assert group.classes_tested == (None if own == women | men else tuple(CLASSES[each] for each in sorted(own)))
    if len(shared) < 2:
        assert summary.women_less_men is None
        return
    recalls = [
        recall_score(each.truth, each.prediction, labels=shared, average="macro")
        for each in (part.select(part.sex == "female"), part.select(part.sex == "male"))
    ]
    assert summary.women_less_men.value == pytest.approx(recalls[0] - recalls[1], abs=1e-4)
    if len(shared) < len(tested):
        which = ", ".join(CLASSES[each] for each in shared)
        assert which in named(summary, "women and men are compared on the classes that both have")
        assert list(summary.women_less_men.classes_tested) == which.split(", ")


def test_a_corpus_is_judged_on_its_own_classes():
    one, other = predictions(MANY, seed=1), predictions({f"y/{n}": "female" for n in range(6)}, seed=2)
    two = join([one, other.select(other.truth < 2)])
    summary = summarise(two)
    assert summary.corpora == ("x", "y")
    assert summary.by_corpus["x"].classes_tested is None
    assert summary.by_corpus["y"].classes_tested == ("angry", "happy")
    assert named(summary, "y: ") == "y: 2 of 4 classes are tested: angry, happy"
    means = [summary.by_corpus[name].uar.value for name in ("x", "y")]
    assert summary.mean_of_corpora.value == pytest.approx(np.mean(means), abs=1e-4)
    # The mean is what a model is judged by, and stands first.
    assert summary.headline_uar == summary.mean_of_corpora != summary.uar
    assert summary.headline == f"UAR {interval(summary.mean_of_corpora).strip()} %, mean of 2 corpora"
    first = next(line for line in as_text(summary).splitlines() if line.startswith("  UAR"))
    assert first == f"  UAR  {interval(summary.headline_uar)}   mean of the 2 corpora, each counted alike; chance 37.5"
    # A corpus of one class has no UAR, so there is no mean of all.
    alone = summarise(join([one, other.select(other.truth == 2)]))
    assert (alone.by_corpus["y"].uar, alone.mean_of_corpora) == (None, None)
    assert alone.headline == f"UAR {interval(alone.uar).strip()} %"
    assert "y       recall" in as_text(alone)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_an_interval_of_few_speakers_says_so(number):
    summary = summarise(predictions({f"x/{each}": "female" for each in range(number)}))
    said = " ".join(caveats(summary))
    assert ("the interval says only how far apart they are" in said) == (2 <= number < 5)
    assert (summary.uar.interval == (None, None)) == (number == 1)
    if number == 1:
        assert said.startswith("1 speaker: there is no interval")
        assert "[no interval]" in as_text(summary)
    elif number < 5:
        assert said.startswith(f"{number} speakers: ")


def test_a_class_or_a_sex_of_few_speakers_says_so():
    whole = predictions(MANY)
    two = summarise(whole.select((whole.truth != 3) | np.isin(whole.speaker, ["x/00", "x/05"])))
    assert named(two, "few speakers of a class").startswith("few speakers of a class: sad of 2 speakers; there")
    assert two.uar.interval != (None, None)
    one = summarise(whole.select((whole.truth != 3) | (whole.speaker == "x/00")))
    assert named(one, "no interval") == "sad is of one speaker: a mean over the classes has no interval"
    assert one.uar.interval == one.f1.interval == one.by_class["sad"].recall.interval == (None, None)
    assert None not in one.wa.interval
    men = summarise(whole.select((whole.sex == "female") | (whole.speaker < "x/06")))
    assert named(men, "male of") == "male of 3 speakers: these intervals say only how far apart they are"


def test_ten_clips_are_too_few_and_the_reason_is_said():
    whole = predictions(MANY)
    ten = summarise(whole.select(np.arange(len(whole.truth)) % 58 == 0))
    assert ten.utterances == 10
    said = named(ten, "too few clips")
    assert "one clip moves its class's recall by up to 50 points, so have 10 or more of each class" in said
    assert sum(int(word) for word in said.replace(";", "").replace(",", "").split() if word.isdigit()) - 50 - 10 == 10
    angry = np.flatnonzero(whole.truth == 0)
    nine = summarise(whole.select((whole.truth != 0) | np.isin(np.arange(len(whole.truth)), angry[::16])))
    assert named(nine, "too few clips").startswith(
        "too few clips: 9 angry; one clip moves its class's recall by up to 11"
    )


def test_of_unknown_speakers_nothing_is_said_about_speakers():
    summary = summarise(predictions({"x/?": ""}))
    assert [each for each in caveats(summary) if "speaker" in each] == [
        "speakers are unknown: how figures differ between speakers is not known either"
    ]


def test_a_summary_lacks_a_uar_only_where_there_is_none():
    content = summarise(predictions(MANY)).to_dict()
    with pytest.raises(RecordError, match="uar is missing, and several classes are tested"):
        Summary.from_dict(content | {"uar": None})


def test_pages_are_narrow_whatever_they_say():
    long = {f"a-corpus-of-a-very-long-name-indeed/somebody-with-a-name-{number:02d}": "" for number in range(12)}
    whole = predictions(long, clips=2)
    page = as_text(summarise(whole.select((whole.truth != 0) | (whole.speaker == min(long)))))
    assert max(map(len, page.splitlines())) <= 110
