"""What is typical of an emotion, and a recording beside it."""

import json
from dataclasses import replace

import numpy as np
import pytest

import voxaffect as va
from voxaffect.exploring import typical
from voxaffect.exploring.measures import MEASURES, Measures

BUNDLES = ("base", "base-commercial", "common4", "common4-commercial", "ravdess-small")


def measured(**values: float) -> Measures:
    return Measures(2.0, **dict.fromkeys(typical.COMPARED, 1.0) | values)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Women's angry pitch lies between 200 and 300 Hz, men's between 100 and 200."""
    others = dict.fromkeys(typical.COMPARED, [1.0] * 10)
    angry = {
        sex: {"clips": 101, **others, "pitch": [low + 5 + 10 * k for k in range(10)]}
        for sex, low in (("female", 200), ("male", 100))
    }
    path = tmp_path / "typical.json"
    path.write_text(json.dumps({"corpora": {"here": {"angry": angry}}}))
    monkeypatch.setattr(typical, "_TABLE", path)


def test_a_recording_is_beside_women_and_men_of_that_emotion(table):
    lines = typical.compare_with_typical(measured(pitch=250), "angry", ["here", "elsewhere"])
    assert lines[0].startswith("Pitch 250 Hz: usual for angry women (")
    assert "higher than most angry men (" in lines[0]
    assert "Level −20.0 dB" in "".join(typical.compare_with_typical(measured(level=-20), "angry", ["here"]))
    assert "lower than most angry women" in typical.compare_with_typical(measured(pitch=150), "angry", ["here"])[0]


def test_nothing_is_said_of_what_is_not_known(table):
    assert typical.compare_with_typical(measured(), "angry", ["elsewhere"]) == []
    assert typical.compare_with_typical(measured(), "sad", ["here"]) == []
    titles = [
        line.partition(" 1")[0]
        for line in typical.compare_with_typical(replace(measured(), pitch=np.nan), "angry", ["here"])
    ]
    assert MEASURES["pitch"].title not in titles
    assert len(titles) == len(typical.COMPARED) - 1


@pytest.mark.parametrize("name", BUNDLES)
def test_every_emotion_of_a_bundle_in_the_package_has_its_words(name):
    recognizer = va.load(name)
    corpora = [corpus.name for corpus in recognizer.bundle.card.training.corpora]
    for emotion in recognizer.classes:
        lines = typical.compare_with_typical(measured(pitch=200), emotion, corpora)
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
