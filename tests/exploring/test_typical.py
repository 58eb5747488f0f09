"""What is typical of an emotion, and a recording beside it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import voxaffect as va
from voxaffect.corpora import Utterance
from voxaffect.exploring import typical
from voxaffect.exploring.measures import MEASURES, Measures
from voxaffect.exploring.survey import Survey

BUNDLES = ("common4", "common4-commercial", "ravdess-small")


def clip(number: int, emotion: str, sex: str) -> Utterance:
    return Utterance(f"x/{number}", Path("x.wav"), "x/1", sex, emotion)


def measured(**values: float) -> Measures:
    return Measures(2.0, **dict.fromkeys(typical.COMPARED, 1.0) | values)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Women's angry pitch lies between 200 and 300 Hz, men's between 100 and 200."""
    sexes = [("female", 200), ("male", 100)]
    clips = tuple(clip(k, "angry", sex) for sex, _ in sexes for k in range(101))
    found = Survey(clips, tuple(measured(pitch=low + k) for _, low in sexes for k in range(101)))
    path = tmp_path / "typical.json"
    path.write_text(json.dumps({"corpora": {"here": typical.percentiles(found)}}))
    monkeypatch.setattr(typical, "_TABLE", path)
    return found


def test_percentiles_are_those_of_an_emotion_and_a_sex(table):
    found = typical.percentiles(table)
    assert list(found) == ["angry"]
    assert found["angry"]["female"]["clips"] == 101
    assert found["angry"]["female"]["pitch"] == [205 + 10 * k for k in range(10)]
    assert found["angry"]["male"]["pitch"] == [105 + 10 * k for k in range(10)]


def test_a_recording_is_beside_women_and_men_of_that_emotion(table):
    lines = typical.compare(measured(pitch=250), "angry", ["here", "elsewhere"])
    assert lines[0].startswith("Pitch 250 Hz: usual for angry women (")
    assert "higher than most angry men (" in lines[0]
    assert "lower than most angry women" in typical.compare(measured(pitch=150), "angry", ["here"])[0]


def test_nothing_is_said_of_what_is_not_known(table):
    assert typical.compare(measured(), "angry", ["elsewhere"]) == []
    assert typical.compare(measured(), "sad", ["here"]) == []
    titles = [line.partition(" 1")[0] for line in typical.compare(replace(measured(), pitch=np.nan), "angry", ["here"])]
    assert MEASURES["pitch"].title not in titles
    assert len(titles) == len(typical.COMPARED) - 1


@pytest.mark.parametrize("name", BUNDLES)
def test_every_emotion_of_a_bundle_in_the_package_has_its_words(name):
    recognizer = va.load(name)
    corpora = [each["name"] for each in recognizer.bundle.card["training"]["corpora"]]
    for emotion in recognizer.classes:
        lines = typical.compare(measured(pitch=200), emotion, corpora)
        assert len(lines) == len(typical.COMPARED)
        assert all("women" in line and "men (" in line for line in lines)


def test_actors_raise_pitch_and_level_in_anger():
    corpora = json.loads(typical._TABLE.read_text())["corpora"]
    assert set(corpora) == {"ravdess", "crema-d", "emodb"}
    for corpus, emotions in corpora.items():
        for sex in ("female", "male"):
            # EMO-DB's owners made all of its clips about equally loud.
            for name in ("pitch",) if corpus == "emodb" else ("pitch", "level"):
                assert np.median(emotions["angry"][sex][name]) > np.median(emotions["neutral"][sex][name])
