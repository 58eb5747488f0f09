import re
from html.parser import HTMLParser

import numpy as np
import pytest

import rendering
from voxaffect.html import colours
from voxaffect.inference.record import Record
from voxaffect.inference.results import Segment, Step
from voxaffect.output import timeline_page
from voxaffect.output.timeline_page import clock

CLASSES = ("angry", "sad")


def segment(start: float, end: float, channel: int, emotion: str, confidence: float = 0.8) -> Segment:
    other = {"angry": "sad"}.get(emotion, "angry")
    return Segment(start, end, channel, emotion, confidence, {emotion: confidence, other: 1 - confidence})


class Balanced(HTMLParser):
    """Fails where a tag is closed that was not opened last."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "path", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("path",):
            assert self.open.pop() == tag


def recorded(seconds: float, channels: int = 2) -> Record:
    record = Record("<call> & co.wav", 8_000, channels, CLASSES)
    for channel in range(channels):
        record.watch(channel, Step(1.0, 1.5, (0.75, 0.25), last=True))
    record.push(np.random.default_rng(0).uniform(-1, 1, (round(8_000 * seconds), channels)).astype(np.float32), [])
    record.push(np.zeros((0, channels), np.float32), [segment(1.0, 1.5, c, "angry") for c in range(channels)])
    return record


@pytest.mark.parametrize("seconds", [0.05, 1.6, 31, 61, 3700])
def test_the_page_of_recordings_short_and_long(seconds):
    text = timeline_page.write(recorded(seconds), "call.wav", "Heard by x.", 0.6)
    Balanced(text)
    assert "&lt;call&gt; &amp; co.wav" in text
    rows = re.findall(r'data-from="(\d+)" data-seconds="(\d+)"', text)
    assert 1 <= len(rows) <= 32
    assert int(rows[-1][0]) + int(rows[-1][1]) >= seconds
    assert "nan" not in text.lower().replace("nano", "")


def test_every_segment_can_be_clicked_and_read():
    text = timeline_page.write(recorded(20), "call.wav", "Heard by x.", 0.6)
    assert text.count('<button data-at="1.00"') == 2
    assert 'title="0:01–0:01 angry: angry 80 %, sad 20 %"' in text
    assert 'src="call.wav"' in text
    assert "http" not in text.replace("http-equiv", "")


def test_without_a_recording_to_play_there_is_no_player():
    assert "<audio" not in timeline_page.write(recorded(20), None, "Heard by x.", 0.6)


def test_uncertain_is_marked_by_more_than_a_colour():
    record = recorded(20)
    record.push(np.zeros((0, 2), np.float32), [segment(5, 7, 0, "uncertain", 0.4)])
    text = timeline_page.write(record, None, "Heard by x.", 0.6)
    assert 'class="uncertain"' in text
    assert ">uncertain</button>" in text


def test_the_surest_turning_points_are_listed_in_their_order_and_the_rest_counted():
    record = recorded(200, channels=1)
    surer = [0.7 + 0.2 * (k > 100) for k in range(150)]
    record.segments = [segment(k, k + 1, 0, ("sad", "angry")[k % 2], surer[k]) for k in range(150)]
    text = timeline_page.write(record, None, "", 0.65)
    turns = text[text.index('id="turns"') : text.index('id="shares"')]
    starts = [float(at) for at in re.findall(r'data-at="([^"]*)"', turns)]
    assert len(starts) == 30
    assert starts == sorted(starts)
    assert min(starts) > 100
    assert "confidence of 65 % or more before and after. Of 149 such places, the surest 30." in turns
    none = timeline_page.write(record, None, "", 0.95)
    assert "No voice goes from one emotion to another here, with a confidence of 95 % or more" in none


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (61.9, "1:01"), (3723, "1:02:03")])
def test_clock(seconds, words):
    assert clock(seconds) == words


def test_classes_that_are_no_emotions_can_be_told_apart():
    record = Record("call.wav", 8_000, 1, ("low", "medium", "high"))
    record.watch(0, Step(1.0, 1.5, (0.5, 0.3, 0.2), last=True))
    record.push(np.zeros((16_000, 1), np.float32), [Segment(1, 1.5, 0, "low", 0.5, {"low": 0.5})])
    fills = re.findall(r'<path d="M[^"]*" fill="([^"]*)"', timeline_page.write(record, None, "", 0.6))
    assert len(set(fills)) == 3
    assert set(fills) <= {each.light for each in colours.LABELS}


def test_its_pictures_are_right_outside_browsers_and_layers_are_apart():
    wave, stack = rendering.inline(timeline_page.write(recorded(20, channels=1), None, "", 0.6))
    assert rendering.check(wave) == {colours.plain("paper"), colours.plain("faint")}
    layers = {colours.plain("emotion-angry"), colours.plain("emotion-sad")}
    assert rendering.check(stack) == {colours.plain("paper"), *layers}
    (angry, above), (below, _) = re.findall(r'd="M[\d.]+ ([\d.]+)H[\d.]+V([\d.]+)', stack)
    assert float(angry) == 1
    assert float(above) - float(below) == pytest.approx(0.03)
