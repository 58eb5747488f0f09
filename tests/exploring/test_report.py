import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

import rendering
from voxaffect import corpora
from voxaffect.exploring import observations, pictures, report, wording
from voxaffect.exploring.drawing import picture
from voxaffect.exploring.projection import project
from voxaffect.exploring.survey import Survey, survey
from voxaffect.html.colours import plain, standalone


@pytest.fixture(scope="module")
def clips(made_up):
    return [each for each in corpora.load("ravdess", made_up).utterances if each.speaker <= "ravdess/04"]


@pytest.fixture(scope="module")
def found(clips):
    return survey(clips)


@pytest.fixture(scope="module")
def files(found):
    embeddings = np.random.default_rng(0).normal(size=(len(found.clips), 12))
    embeddings[3] = np.nan
    answers = observations.answer(found)
    return report.of_corpus(corpora.describe("ravdess"), "speech", found, answers, embeddings, "Heard by nobody.")


class Strict(HTMLParser):
    """Notes what is opened and not closed, what is referred to, and what would be fetched."""

    EMPTY = ("meta", "br", "link", "img", "input")

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.ids, self.referred, self.fetched = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.open += [tag] if tag not in self.EMPTY else []
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "xlink:href", "src"):
                (self.referred if value.startswith("#") else self.fetched).append(value)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_workers_do_not_change_the_survey(clips, found):
    ticks = []
    again = survey(clips, workers=2, tick=lambda: ticks.append(1))
    assert again == found
    assert len(ticks) == len(clips)


def test_a_broken_clip_is_noted_and_a_silent_one_has_nothing_measured(clips, tmp_path):
    broken, silent = tmp_path / clips[0].path.name, tmp_path / clips[1].path.name
    broken.write_bytes(b"RIFF....WAVE and no more")
    soundfile.write(silent, np.zeros(16_000), 16_000)
    moved = [
        type(each)(**(vars(each) | {"path": path})) for each, path in zip(clips[:2], (broken, silent), strict=True)
    ]
    found = survey([*moved, clips[2]])
    assert [path for path, _ in found.unreadable] == [broken]
    assert "is not audio that can be decoded" in found.unreadable[0][1]
    assert [each.id for each in found.clips] == [clips[1].id, clips[2].id]
    assert np.isnan(found.values("level")[0])
    rows = list(csv.DictReader(report.as_csv(found).splitlines()))
    assert (rows[0]["duration"], rows[0]["level"], rows[0]["pitch"]) == ("1.000", "", "")


def test_the_files_of_a_corpus(files, found):
    tables = {"index.html", "clips.csv", "measures.csv", "counts.csv", "observations.json"}
    assert tables <= set(files)
    assert all(name.startswith("pictures/") for name in set(files) - tables)
    rows = list(csv.DictReader(files["clips.csv"].splitlines()))
    assert [row["utterance"] for row in rows] == [each.id for each in found.clips]
    assert [float(row["level"]) for row in rows] == pytest.approx(found.values("level"), abs=0.01)
    counts = list(csv.DictReader(files["counts.csv"].splitlines()))
    assert sum(int(row["clips"]) for row in counts) == len(rows)
    level = [row for row in csv.DictReader(files["measures.csv"].splitlines()) if row["measure"] == "level"]
    angry = [row for row in level if (row["emotion"], row["sex"]) == ("angry", "male")]
    chosen = (found.labels("emotion") == "angry") & (found.labels("sex") == "male")
    assert float(angry[0]["p50"]) == pytest.approx(np.median(found.values("level")[chosen]), abs=0.01)
    assert json.loads(files["observations.json"])["clips"] == len(rows)


def test_the_page_is_whole_and_needs_nothing_else(files):
    page = files["index.html"]
    read = Strict(page)
    assert not read.wrong
    assert not read.open
    assert len(set(read.ids)) == len(read.ids)
    assert {each.removeprefix("#") for each in read.referred} <= set(read.ids)
    assert all(each.startswith("data:image/png;base64,") for each in read.fetched)
    assert "<script" not in page
    assert not re.search(r"@import|@font-face|url\((?!#)", page)
    assert "prefers-color-scheme:dark" in page
    for word in ("angry", "neutral", "women", "men"):
        assert word in page
    assert "<td>disgust</td>" not in page


def test_pictures_are_right_outside_browsers(files):
    pictures = {name: text for name, text in files.items() if name.endswith(".svg")}
    assert {"pictures/landscape.svg", "pictures/distribution-pitch.svg", "pictures/clip-sad-male.svg"} <= set(pictures)
    for text in pictures.values():
        ElementTree.fromstring(text)
        assert plain("ink") in rendering.check(text)


def test_the_map_has_a_colour_and_a_shape_for_each_emotion(files, found):
    text = files["pictures/landscape.svg"]
    emotions = found.present("emotion")
    assert rendering.check(text) >= {plain(f"emotion-{name}") for name in emotions}
    assert all(f">{name}</text>" in text for name in (*emotions, "women", "men"))
    shapes = {}
    for mark, colour in re.findall(r'<use xlink:href="#([^"]+)"[^>]* stroke="(#[0-9a-f]{6})"', text):
        shapes.setdefault(mark, set()).add(colour)
    assert all(len(theirs) == 1 for theirs in shapes.values())


def test_the_same_clips_give_the_same_files(files, found):
    places = project(np.delete(np.random.default_rng(0).normal(size=(len(found.clips), 12)), 3, axis=0))
    known = np.arange(len(found.clips)) != 3
    assert standalone(pictures.landscape(found.select(known), places)) == files["pictures/landscape.svg"]
    assert standalone(pictures.distribution(found, "pitch")) == files["pictures/distribution-pitch.svg"]
    assert report.as_csv(found) == files["clips.csv"]


def test_a_typical_clip_is_one_of_its_group(found):
    row = report.typical(found, "angry", "female")
    assert (found.clips[row].emotion, found.clips[row].sex) == ("angry", "female")
    assert report.typical(found, "disgust", "female") is None


def test_a_silent_recording_has_pictures_and_no_measures():
    files = report.of_recording("silent <b>.wav", np.zeros(16_000, np.float32))
    assert "silent &lt;b&gt;.wav" in files["index.html"]
    assert "<b>" not in files["index.html"]
    assert files["measures.csv"].splitlines()[1] == "1.00,,,,,,,,,,"
    ElementTree.fromstring(files["pictures/recording.svg"])


@pytest.mark.parametrize("samples", [1, 40, 400])
def test_the_shortest_recordings_have_pictures(samples):
    waveform = np.random.default_rng(0).normal(0, 0.1, samples).astype(np.float32)
    assert "pictures/recording.svg" in report.of_recording("x.wav", waveform)


def test_a_recordings_answer_comes_first_with_what_drove_it():
    waveform = (0.1 * np.sin(np.arange(16_000) / 10)).astype(np.float32)
    worth = np.array([[0.2, 0.0], [-0.1, 0.05]])
    edges = np.array([0, 0.5, 1]), np.array([0, 1000, 8000])
    answer = report.Answer("mine", {"sad": 0.25, "angry": 0.75}, *edges, worth, ["Pitch 100 Hz: <usual>"])
    files = report.of_recording("x.wav", waveform, answer)
    text = files[report.PAGE]
    assert text.index("Emotion</h2>") < text.index("Measures</h2>")
    assert text.index("angry") < text.index("sad")
    drivers = files["pictures/drivers.svg"]
    rendering.check(drivers)
    assert "What speaks for angry" in drivers
    assert ">percentage points</text>" in drivers
    assert ">20</text>" in drivers  # by which the probability falls at most
    assert "&lt;usual&gt;" in text
    without = report.Answer("mine", {"sad": 1.0}, np.empty(0), np.empty(0), np.empty((0, 0)), ["too long"])
    assert "pictures/drivers.svg" not in report.of_recording("x.wav", waveform, without)


def test_names_do_not_break_a_picture():
    with picture("odd", 'a "quoted" <name> & more', 200, 100) as drawn:
        drawn.axes()[0].plot([0, 1], color=plain("sex-male"))
    ElementTree.fromstring(standalone(drawn.svg))
    assert plain("sex-male") in drawn.svg


def test_the_map_keeps_groups_together():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(3), 10)
    places = project(rng.normal(size=(3, 16))[groups] * 10 + rng.normal(size=(30, 16)) * 0.1)
    middles = np.stack([places[groups == each].mean(axis=0) for each in range(3)])
    nearest = np.linalg.norm(places[:, None] - middles, axis=-1).argmin(axis=1)
    assert np.array_equal(nearest, groups)


def test_emotions_that_are_given_away(found):
    """All happy clips, and no others, last 2.9 s."""
    properties = [
        replace(each, length=2.9 if clip.emotion == "happy" else each.length)
        for clip, each in zip(found.clips, found.properties, strict=True)
    ]
    answers = observations.answer(Survey(found.clips * 3, found.measures * 3, (), tuple(properties * 3)))
    told = {each["property"]: each for each in answers["shortcuts"]["properties"] if each["gives_away"]}
    assert (told["length"]["label"], told["length"]["recall"]) == ("happy", 1.0)
    assert f"{len(told)} properties alone tell labels of unseen speakers" in wording.answers_text(answers)
    assert "length: UAR" in wording.answers_text(answers)
    assert "happy best, recall 100 %: 2.90 s" in wording.shortcuts_html(answers["shortcuts"])
