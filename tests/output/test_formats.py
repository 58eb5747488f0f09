import csv
import html
import io
import itertools
import json

import pytest

from voxaffect.errors import MissingExtraError, SettingsError
from voxaffect.inference.results import Segment, Timeline
from voxaffect.output import formats
from voxaffect.output.formats import TEXTS

CLASSES = ("angry", "sad")
FILE = 'a "call".wav'


def segment(start: float, end: float, channel: int, emotion: str, angry: float) -> Segment:
    return Segment(start, end, channel, emotion, max(angry, 1 - angry), {"angry": angry, "sad": 1 - angry}, FILE)


@pytest.fixture
def found() -> Timeline:
    segments = [
        segment(1.024, 2.5, 0, "angry", 0.87),
        segment(1.5, 3.0, 1, "uncertain", 0.55),
        segment(2.5, 4.0, 0, "sad", 0.2),
        segment(3723.5, 3725.25, 0, "angry", 0.66666),
    ]
    return Timeline(FILE, 3726.0, 2, CLASSES, tuple(segments))


def test_json_lines_hold_everything(found):
    rows = [json.loads(line) for line in TEXTS["jsonl"](found).splitlines()]
    assert rows[1] == {
        "file": 'a "call".wav',
        "start": 1.5,
        "end": 3.0,
        "channel": 1,
        "speaker": None,
        "text": None,
        "emotion": "uncertain",
        "confidence": 0.55,
        "probabilities": {"angry": 0.55, "sad": 0.45},
        "warning": None,
        "error": None,
    }
    assert len(rows) == 4


def test_csv_has_seconds(found):
    rows = list(csv.DictReader(io.StringIO(TEXTS["csv"](found), newline="")))
    assert [float(row["start"]) for row in rows] == [1.024, 1.5, 2.5, 3723.5]
    assert rows[0]["file"] == 'a "call".wav'
    assert {row["channel"] for row in rows} == {"0", "1"}
    assert float(rows[3]["p_angry"]) == pytest.approx(0.6667)


def test_audformat_reads_it_as_a_segmented_index(found, tmp_path):
    audformat = pytest.importorskip("audformat")
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "call.audformat.csv"
    formats.write(path, found)
    read = audformat.utils.read_csv(path)
    assert read.index.names == ["file", "start", "end"]
    assert audformat.index_type(read) == "segmented"
    assert read.index.get_level_values("start")[3] == pandas.Timedelta(seconds=3723.5)
    assert list(read["emotion"]) == ["angry", "uncertain", "sad", "angry"]


def test_parquet_has_types(found, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "call.parquet"
    formats.write(path, found)
    table = parquet.read_table(path)
    assert table.column_names == [
        "file",
        "start",
        "end",
        "channel",
        "speaker",
        "text",
        "emotion",
        "confidence",
        "p_angry",
        "p_sad",
        "warning",
        "error",
    ]
    assert table.column("start").to_pylist() == [1.024, 1.5, 2.5, 3723.5]
    assert str(table.schema.field("channel").type) == "int32"
    formats.write(path, Timeline("quiet.wav", 3.0, 1, CLASSES, ()))
    assert parquet.read_table(path).num_rows == 0
    assert parquet.read_table(path).schema == table.schema


def test_without_its_library_parquet_says_what_to_install(found, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"voxaffect\[tables\]"):
        formats.format_of(tmp_path / "call.parquet")


def intervals(text: str) -> dict[str, list[tuple[float, float, str]]]:
    """A reader of TextGrids that knows what a line says by what it begins with."""
    tiers, name, start, end = {}, "", 0.0, 0.0
    for line in map(str.strip, text.splitlines()):
        key, _, value = line.partition(" = ")
        if key == "name":
            name = value.strip('"')
            tiers[name] = []
        elif key == "xmin":
            start = float(value)
        elif key == "xmax":
            end = float(value)
        elif key == "text":
            tiers[name].append((start, end, value.strip('"')))
    return tiers


def test_a_text_grid_fills_all_of_the_time(found):
    text = TEXTS["textgrid"](found)
    tiers = intervals(text)
    assert list(tiers) == ["channel 0", "channel 1"]
    for tier in tiers.values():
        assert tier[0][0] == 0
        assert tier[-1][1] == 3726
        assert all(before[1] == after[0] for before, after in itertools.pairwise(tier))
    assert [each[2] for each in tiers["channel 0"]] == ["", "angry", "sad", "", "angry", ""]
    assert "intervals: size = 6" in text
    assert text.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n')


def test_subtitles(found):
    vtt, srt = TEXTS["vtt"](found), TEXTS["srt"](found)
    assert vtt.startswith("WEBVTT\n\n00:00:01.024 --> 00:00:02.500\n<v channel 0>angry 87 %\n\n")
    assert "01:02:03.500 --> 01:02:05.250" in vtt
    assert srt.startswith("1\n00:00:01,024 --> 00:00:02,500\nchannel 0: angry 87 %\n\n2\n")
    assert "4\n01:02:03,500 --> 01:02:05,250\n" in srt


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_was_said(name):
    text = TEXTS[name](Timeline("quiet.wav", 3.0, 1, CLASSES, ()))
    assert "nan" not in text.lower()
    assert "angry" not in text or name in ("csv", "audformat")


def test_an_ending_of_no_format(found, tmp_path):
    with pytest.raises(SettingsError, match=r"\.TextGrid|\.textgrid"):
        formats.write(tmp_path / "call.doc", found)
    assert not list(tmp_path.iterdir())


NASTY = 'say "no" <b> & co'


@pytest.fixture
def nasty(tmp_path) -> Timeline:
    """Two channels in which somebody says a label that means something to most formats."""
    one, two = ({NASTY: 0.75, "start": 0.25}, {NASTY: 0.2, "start": 0.8})
    segments = (Segment(0.5, 2.0, 0, NASTY, 0.75, one, "a.wav"), Segment(1.0, 3.0, 1, "start", 0.8, two, "a.wav"))
    return Timeline("a.wav", 4.0, 2, (NASTY, "start"), segments)


def test_praatio_reads_what_a_text_grid_says(nasty, tmp_path):
    textgrid = pytest.importorskip("praatio.textgrid")
    formats.write(tmp_path / "a.TextGrid", nasty)
    grid = textgrid.openTextgrid(str(tmp_path / "a.TextGrid"), includeEmptyIntervals=True)
    assert grid.tierNames == ("channel 0", "channel 1")
    said = [(each.start, each.end, each.label) for each in grid.getTier("channel 0").entries]
    assert said == [(0, 0.5, ""), (0.5, 2.0, NASTY), (2.0, 4.0, "")]


@pytest.mark.parametrize("ending", ["vtt", "srt"])
def test_webvtt_reads_what_subtitles_say(nasty, tmp_path, ending):
    webvtt = pytest.importorskip("webvtt")
    path = tmp_path / f"a.{ending}"
    formats.write(path, nasty)
    captions = list(webvtt.read(path) if ending == "vtt" else webvtt.from_srt(path))
    assert [(each.start, each.end) for each in captions] == [
        ("00:00:00.500", "00:00:02.000"),
        ("00:00:01.000", "00:00:03.000"),
    ]
    assert html.unescape(captions[0].text).removeprefix("channel 0: ") == f"{NASTY} 75 %"


def test_a_class_called_as_a_column_overwrites_none(nasty):
    row = next(csv.DictReader(io.StringIO(TEXTS["csv"](nasty), newline="")))
    assert (row["start"], row["p_start"], row[f"p_{NASTY}"]) == ("0.5", "0.25", "0.75")


@pytest.mark.parametrize("name", ["a\rb.wav", "a\nb.wav", 'a,"b.wav', "gehört.wav", "caf\udce9.wav"])
def test_a_file_of_any_name_is_one_row_of_valid_text(name, tmp_path):
    timeline = Timeline(name, 4.0, 1, CLASSES, (Segment(0.5, 2.0, 0, "sad", 1.0, {"angry": 0.0, "sad": 1.0}, name),))
    expected = name.replace("\udce9", "\\xe9")
    formats.write(tmp_path / "a.jsonl", timeline)
    formats.write(tmp_path / "a.csv", timeline)
    (row,) = map(json.loads, (tmp_path / "a.jsonl").read_bytes().decode("utf-8").splitlines())
    assert row["file"] == expected
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["emotion"]) == (expected, "sad")
