import dataclasses
import json

import numpy as np
import pytest

import voxaffect as va
from voxaffect import audio, corpora, labels
from voxaffect.calibration import softmax
from voxaffect.errors import EvaluationError
from voxaffect.evaluation.predictions import Predictions, join, predict
from voxaffect.evaluation.report import as_text
from voxaffect.evaluation.summary import Summary, interval, summarise
from voxaffect.records import RecordError


@pytest.fixture(scope="module")
def utterances(made_up):
    return list(corpora.load("ravdess", made_up).utterances[::8])


@pytest.fixture(scope="module")
def predictions(utterances):
    return predict(va.load("ravdess-small"), utterances, labels.scheme("ravdess-8"), fold="1")


def test_every_utterance_is_heard_as_the_recogniser_hears_it(predictions, utterances):
    assert list(predictions.utterance) == [each.id for each in utterances]
    recognizer = va.load("ravdess-small")
    for row, utterance in enumerate(utterances):
        expected = softmax(recognizer.forward(audio.load(utterance.path))[0])
        assert predictions.probabilities[row] == pytest.approx(expected, abs=1e-4)
        assert predictions.classes[predictions.truth[row]] == utterance.emotion


def test_csv_round_trip_loses_nothing(predictions, tmp_path):
    predictions.write(tmp_path / "p.csv")
    again = Predictions.read(tmp_path / "p.csv")
    for field in dataclasses.fields(Predictions):
        assert np.array_equal(getattr(again, field.name), getattr(predictions, field.name)), field.name
    assert summarise(again) == summarise(predictions)


@pytest.mark.parametrize("seeds", [False, True])
def test_a_table_with_conditions_names_them_and_reads_each(predictions, tmp_path, seeds):
    if seeds:
        predictions = dataclasses.replace(predictions, seed=np.full(len(predictions.truth), "3"))
    worse = dataclasses.replace(predictions, probabilities=predictions.probabilities[:, ::-1].copy())
    predictions.write(tmp_path / "p.csv", {"telephone+white-20": worse, "room": predictions})
    lines = (tmp_path / "p.csv").read_text().splitlines()
    assert lines[0].startswith("condition,seed,utterance," if seeds else "condition,utterance,")
    assert len(lines) == 1 + 3 * len(predictions.truth)
    # Without a word, those as recorded: whatever is computed of the file is of one condition.
    for condition, expected in (("clean", predictions), ("telephone+white-20", worse), ("room", predictions)):
        again = Predictions.read(tmp_path / "p.csv", condition)
        assert np.array_equal(again.probabilities, expected.probabilities)
        assert np.array_equal(again.seed, expected.seed)
    assert summarise(Predictions.read(tmp_path / "p.csv")) == summarise(predictions)
    with pytest.raises(EvaluationError, match="has no condition hall"):
        Predictions.read(tmp_path / "p.csv", "hall")


def test_joined_folds_are_all_rows(predictions):
    both = join([predictions, predictions])
    assert len(both.truth) == 2 * len(predictions.truth)


def test_what_does_not_fit_is_refused(utterances, tmp_path):
    two = labels.Scheme("two", ("angry", "calm"), {"angry": "angry", "calm": "calm"})
    with pytest.raises(EvaluationError, match="choose the scheme that it was trained with"):
        predict(va.load("ravdess-small"), utterances, two)
    with pytest.raises(EvaluationError, match="none of the 0 utterances"):
        predict(va.load("ravdess-small"), [], labels.scheme("ravdess-8"))
    for content in ("", "a,b\n1,2\n", "utterance,speaker,sex,fold,truth,prediction,angry\nu,s,male,1,bored,angry,1\n"):
        (tmp_path / "odd.csv").write_text(content)
        with pytest.raises(EvaluationError, match="is not a table of predictions"):
            Predictions.read(tmp_path / "odd.csv")


def test_the_page_says_what_the_summary_says(predictions):
    summary = summarise(predictions)
    page = as_text(summary)
    assert f"{100 * summary.uar.value:5.1f}" in page
    assert all(len(line) <= 110 for line in page.splitlines())
    # Emotions that nobody spoke have no recall to show.
    assert next(line for line in page.splitlines() if line.strip().startswith("disgust")).split()[1:] == ["-"] * 8


def test_a_summary_survives_json_and_older_names(predictions):
    summary = summarise(predictions)
    content = json.loads(json.dumps(summary.to_dict()))
    assert Summary.from_dict(content) == summary
    curve = [
        {("answered" if key == "coverage" else key): value for key, value in point.items()}
        for point in content.pop("risk_coverage")
    ]
    assert Summary.from_dict(content | {"certainty": curve, "row": "men-5"}) == summary
    assert repr(summary) == f"Summary(UAR {interval(summary.uar).strip()} %, 16 utterances of 1 speakers, 8 classes)"


@pytest.mark.parametrize(
    "damage", [{"uar": 3}, {"uar": None}, {"confusion": [["x"]]}, {"by_sex": []}, {"ece": float("nan")}]
)
def test_a_damaged_summary_says_where(predictions, damage):
    with pytest.raises(RecordError, match=next(iter(damage))):
        Summary.from_dict(summarise(predictions).to_dict() | damage)


def test_corpora_are_told_apart_and_count_alike(predictions):
    few = predictions.select(np.arange(len(predictions.truth)) % 4 == 0)
    other = np.array([name.replace("ravdess/", "elsewhere/") for name in few.speaker])
    both = join([predictions, dataclasses.replace(few, speaker=other)])
    summary = summarise(both)
    assert {name: each.uar for name, each in summary.by_corpus.items()} == {
        "ravdess": summarise(predictions).uar,
        "elsewhere": summarise(few).uar,
    }
    values = [each.uar.value for each in summary.by_corpus.values()]
    assert summary.mean_of_corpora.value == pytest.approx(np.mean(values), abs=1e-4)
    assert "elsewhere" in as_text(summary)
    assert not summarise(predictions).by_corpus


def test_several_seeds_are_averaged_and_told_apart(predictions, tmp_path):
    rng = np.random.default_rng(0)
    second = dataclasses.replace(
        predictions, probabilities=np.round(rng.dirichlet(np.ones(8), len(predictions.truth)), 4)
    )
    both = join(
        [
            dataclasses.replace(each, seed=np.array([seed] * len(each.truth)))
            for seed, each in (("0", predictions), ("1", second))
        ]
    )
    both.write(tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text().startswith("seed,utterance,")
    again = Predictions.read(tmp_path / "p.csv")
    assert list(again.seed) == list(both.seed)
    summary, first, other = summarise(again), summarise(predictions), summarise(second)
    assert summary.utterances == first.utterances
    assert summary.by_seed["0"].uar == first.uar.value
    assert summary.uar.value == pytest.approx((first.uar.value + other.uar.value) / 2, abs=2e-4)
    assert not first.by_seed
    predictions.write(tmp_path / "one.csv")
    assert (tmp_path / "one.csv").read_text().startswith("utterance,")
