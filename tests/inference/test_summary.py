"""Turning points, and calls in a row each."""

import csv
import json
import re

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import voxaffect as va
from conftest import ROOT
from voxaffect import audio, bundle, calibration
from voxaffect.calibration import UNCERTAIN
from voxaffect.card.scores import RiskCoverage
from voxaffect.inference.batch import FileResult
from voxaffect.inference.results import Segment
from voxaffect.inference.summary import summarize, turning_points
from voxaffect.output import summaries

CLASSES = ("angry", "sad")


def segment(start: float, end: float, channel: int | None, emotion: str, confidence: float = 0.8) -> Segment:
    other = {"angry": "sad"}.get(emotion, "angry")
    return Segment(start, end, channel, emotion, confidence, {emotion: confidence, other: 1 - confidence}, "a.wav")


CALL = [
    segment(0, 1, 0, "sad"),
    segment(0.5, 1, 1, "angry", 0.5),
    segment(1, 2, 0, UNCERTAIN, 0.5),
    segment(2, 3, 0, "sad"),
    segment(3, 3.5, 0, "angry", 0.6),
    segment(4, 5, 0, "angry", 0.9),
    segment(5, 6.5, 1, "sad"),
]


def test_turning_points_are_changes_between_two_answers_that_are_sure():
    assert [(before.start, after.start) for before, after in turning_points(CALL, 0.7)] == [(2, 4)]
    assert [(before.start, after.start) for before, after in turning_points(CALL, 0.5)] == [(2, 3), (0.5, 5)]
    assert turning_points(CALL, 0.95) == []
    assert turning_points([], 0.5) == []


@given(st.lists(st.tuples(st.sampled_from([*CLASSES, UNCERTAIN]), st.floats(0.5, 1)), max_size=12), st.floats(0.5, 1))
def test_both_sides_of_a_turning_point_are_sure_and_differ(answers, sure):
    call = [segment(k, k + 1, 0, *answer) for k, answer in enumerate(answers)]
    for before, after in turning_points(call, sure):
        assert before.emotion != after.emotion
        assert UNCERTAIN not in (before.emotion, after.emotion)
        assert min(before.confidence, after.confidence) >= sure
        between = call[int(before.start) + 1 : int(after.start)]
        assert all(each.confidence < sure or each.emotion == UNCERTAIN for each in between)


def test_what_is_sure_is_on_the_card():
    """More than halfway from chance, and right in two of three answers where that was measured."""
    curve = [
        RiskCoverage(0.1 * k, 1.0, accuracy) for k, accuracy in enumerate([0.5, 0.7, 0.6, 0.7, 0.7, 0.8, 0.9, None])
    ]
    assert calibration.sure(curve[:4], 4) == 0.625
    assert calibration.sure([*curve[:7], RiskCoverage(0.7, 0.1, 0.6), RiskCoverage(0.8, 0.1, 0.7)], 4) == 0.8
    assert calibration.sure([RiskCoverage(0.0, 1.0, 0.6)], 4) == 1.0
    assert calibration.sure([], 8) == pytest.approx(0.5625)
    for name in bundle.packaged():
        recognizer = va.load(name)
        points = recognizer.bundle.card.calibration.risk_coverage
        above = [point.accuracy for point in points if point.threshold >= recognizer.sure - 0.05 and point.accuracy]
        assert recognizer.sure > 1.5 / len(recognizer.classes)
        assert min(above) > 0.65
        assert va.load(name, threshold=0.9).sure == 0.9


def test_the_summary_of_a_call():
    found = summarize(FileResult("a.wav", tuple(CALL), None, 8.0, (0, 1, 2)), CLASSES, 0.7).to_dict()
    assert (found["file"], found["duration"], found["warning"], found["error"]) == ("a.wav", 8.0, None, None)
    first, second, silent = found["channels"]
    assert first == {
        "channel": 0,
        "talk_time": 4.5,
        "shares": {"angry": 0.3333, "sad": 0.4444},
        "uncertain": 0.2222,
        "sure": 0.6667,
        "turning_points": 1,
    }
    assert second["shares"] == {"angry": 0.25, "sad": 0.75}
    assert (second["sure"], second["turning_points"]) == (0.75, 0)
    assert silent == {
        "channel": 2, "talk_time": 0.0, "shares": {}, "uncertain": None, "sure": None, "turning_points": 0
    }  # fmt: skip


@pytest.fixture(scope="module")
def folder(example, tmp_path_factory):
    """A call of two channels, on one of which nobody speaks; a voice; a bad file."""
    root, voice = tmp_path_factory.mktemp("calls"), audio.load(example, 16_000)
    soundfile.write(root / "call.wav", np.stack([np.tile(voice, 2), np.zeros(2 * len(voice))], 1), 16_000)
    soundfile.write(root / "voice.wav", voice, 16_000)
    (root / "=bad.wav").write_bytes(b"RIFF no sound")
    return root


def test_the_summary_agrees_with_the_segments(folder):
    recognizer = va.load("common4")
    results = recognizer.recognize_many(folder, timeline=True)
    bad, call, voice = recognizer.summarize(results)
    assert bad.channels == ()
    assert bad.duration is None
    assert "=bad.wav" in bad.error
    assert call.duration == pytest.approx(6.52, abs=0.01)
    assert [channel.channel for channel in call.channels] == [0, 1]
    assert call.channels[1].talk_time == 0
    for summary, result in ((call, results[1]), (voice, results[2])):
        spoken = dict.fromkeys(recognizer.classes, 0.0)
        for each in result.results:
            spoken[each.emotion] += each.duration
        channel = summary.channels[0]
        assert channel.talk_time == pytest.approx(sum(spoken.values()))
        for name, seconds in spoken.items():
            assert channel.shares[name] * channel.talk_time == pytest.approx(seconds)
    mixed = recognizer.summarize(recognizer.recognize_many(folder / "call.wav", timeline=True, mix=True))
    assert [channel.channel for channel in mixed[0].channels] == [None]


def test_the_documentation_names_the_columns():
    text = (
        (ROOT / "docs" / "reference" / "files.md").read_text("utf-8").split("## Summaries of calls")[1].split("##")[0]
    )
    names = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    documented = [name.replace("CHANNEL", "0").replace("CLASS", "sad") for name in names]
    assert documented == list(summaries.columns(["sad"], 1))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_every_format_holds_the_same(folder, tmp_path, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    recognizer = va.load("common4")
    found = recognizer.summarize(recognizer.recognize_many(folder, timeline=True))
    path = tmp_path / f"s.{ending}"
    summaries.write(path, recognizer.classes, found)
    nested = [each.to_dict() for each in found]
    flat = [summaries.flat_row(row) for row in nested]
    names = list(summaries.columns(recognizer.classes, 2))
    if ending == "jsonl":
        assert list(map(json.loads, path.read_text("utf-8").splitlines())) == nested
    elif ending == "parquet":
        from pyarrow import parquet

        assert parquet.read_table(path).to_pylist() == [{name: row.get(name) for name in names} for row in flat]
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == names
        for row, wanted in zip(rows, flat, strict=True):
            assert row == {name: "" if wanted.get(name) is None else str(wanted[name]) for name in names}
