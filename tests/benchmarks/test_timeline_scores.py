import numpy as np
import pytest

from synthetic_calls import SAMPLE_RATE, Call, Sound, Spoken
from timeline_scores import FRAME, score, summarise
from voxaffect.inference.results import Segment

CLASSES = ("angry", "neutral", "sad")


def call(spoken: list[tuple[float, float, str]], sounds=(), seconds: float = 20) -> Call:
    return Call(
        np.zeros((round(seconds * SAMPLE_RATE), 2), np.float32),
        tuple(Spoken(0, start, end, CLASSES.index(emotion), "x/1") for start, end, emotion in spoken),
        tuple(Sound(0, start, end, "drums") for start, end in sounds),
        ("x/1", "x/2"),
    )


def said(*parts: tuple[float, float, str]) -> list[Segment]:
    return [Segment(start, end, 0, emotion, 1.0, {}) for start, end, emotion in parts]


def figures(there: Call, segments: list[Segment]) -> dict:
    return summarise(score(there, segments, CLASSES), CLASSES)


SPOKEN = [(1.0, 3.0, "angry"), (5.0, 8.0, "sad"), (12.0, 14.0, "neutral")]


def test_all_is_right():
    found = figures(call(SPOKEN), said(*SPOKEN))
    assert found["uar"]["value"] == 1
    assert found["missed"] == found["eder"] == 0
    assert found["alarms"]["quiet"] == 0
    assert found["edge_seconds"]["median"] == 0
    assert found["changes"] == {"there": 2, "said": 2, "found": 2}


def test_nothing_is_said():
    found = figures(call(SPOKEN), [])
    assert found["uar"]["value"] == 0
    assert found["missed"] == 1
    assert found["eder"] == pytest.approx(5 / 7, abs=0.01)  # neutral is nothing to be missed
    assert found["changes"]["found"] == 0


def test_half_of_a_class_is_right():
    found = figures(call(SPOKEN), said((1, 3, "angry"), (5, 6.5, "sad"), (6.5, 8, "angry"), (12, 14, "neutral")))
    assert found["recall"] == {"angry": 1.0, "neutral": 1.0, "sad": 0.5}
    assert found["uar"]["value"] == pytest.approx(5 / 6, abs=1e-3)
    assert found["eder"] == pytest.approx(1.5 / 7, abs=0.01)


def test_uncertain_is_nothing_said():
    found = figures(call(SPOKEN), said((1, 3, "uncertain")))
    assert found["missed"] == 1
    assert found["alarms"]["quiet"] == 0


def test_alarms_are_counted_apart_in_silence_and_in_other_sounds():
    there = call(SPOKEN, sounds=[(15, 17)])
    found = figures(there, said(*SPOKEN, (15, 16, "angry"), (18.0, 19.0, "sad")))
    assert found["alarms"]["sounding"] == pytest.approx(30, abs=0.1)
    quiet = 20 - 7 - 3 * 1.0 - 2 + 20  # the other channel is silent all the time
    assert found["alarms"]["quiet"] == pytest.approx(60 * 1.0 / quiet, rel=0.1)


def test_a_breath_s_pause_belongs_to_speech():
    there = call([(1, 3, "angry"), (3.4, 5, "angry")])
    found = figures(there, said((1, 5, "angry")))
    assert found["alarms"]["quiet"] == 0
    assert found["edge_seconds"]["90 %"] == 0


def test_edges_are_as_far_off_as_they_are():
    found = figures(call([(2, 6, "angry")]), said((2.3, 6.3, "angry")))
    assert found["edge_seconds"]["median"] == pytest.approx(0.3)


def test_a_change_is_found_where_it_is_near_and_to_the_same():
    spoken = [(1, 4, "angry"), (4.2, 8, "sad")]
    for change, emotion, hits in ((5.5, "sad", 1), (7.0, "sad", 0), (4.2, "neutral", 0)):
        found = figures(call(spoken), said((1, change, "angry"), (change, 8, emotion)))
        assert found["changes"] == {"there": 1, "said": 1, "found": hits}


def test_a_tenth_is_what_its_middle_is():
    [first, _] = score(call([(0.06, 0.94, "angry")], seconds=2), said((0.0, 1.0, "angry")), CLASSES)
    assert first.counts[0, 0] == 8
    assert first.counts[-1, 0] == 2
    assert first.counts.sum() == 2 / FRAME
