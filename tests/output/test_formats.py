import csv
import io
import itertools
import json

import pytest

from voxaffect.errors import MissingExtraError, SettingsError
from voxaffect.inference.results import Segment, Timeline
from voxaffect.output import formats
from voxaffect.output.formats import TEXTS

CLASSES = ("angry", "sad")


def segment(start: float, end: float, channel: int, emotion: str, angry: float) -> Segment:
    return Segment(start, end, channel, emotion, max(angry, 1 - angry), {"angry": angry, "sad": 1 - angry})


@pytest.fixture
def found() -> Timeline:
    segments = [
        segment(1.024, 2.5, 0, "angry", 0.87),
        segment(1.5, 3.0, 1, "uncertain", 0.55),
        segment(2.5, 4.0, 0, "sad", 0.2),
        segment(3723.5, 3725.25, 0, "angry", 0.66666),
    ]
    return Timeline('a "call".wav', 3726.0, 2, CLASSES, segments)


def test_json_lines_hold_everything(found):
    rows = [json.loads(line) for line in TEXTS["jsonl"](found).splitlines()]
    assert rows[1] == {
        "file": 'a "call".wav',
        "start": 1.5,
        "end": 3.0,
        "channel": 1,
        "emotion": "uncertain",
        "confidence": 0.55,
        "probabilities": {"angry": 0.55, "sad": 0.45},
    }
    assert len(rows) == 4


def test_csv_has_seconds(found):
    rows = list(csv.DictReader(io.StringIO(TEXTS["csv"](found))))
    assert [float(row["start"]) for row in rows] == [1.024, 1.5, 2.5, 3723.5]
    assert rows[0]["file"] == 'a "call".wav'
    assert {row["channel"] for row in rows} == {"0", "1"}
    assert float(rows[3]["angry"]) == pytest.approx(0.6667)


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
    assert table.column_names == ["file", "start", "end", "channel", "emotion", "confidence", *CLASSES]
    assert table.column("start").to_pylist() == [1.024, 1.5, 2.5, 3723.5]
    assert str(table.schema.field("channel").type) == "int32"
    formats.write(path, Timeline("quiet.wav", 3.0, 1, CLASSES, []))
    assert parquet.read_table(path).num_rows == 0
    assert parquet.read_table(path).schema == table.schema


def test_without_its_library_parquet_says_what_to_install(found, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"voxaffect\[tables\]"):
        formats.refuse(tmp_path / "call.parquet")


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
    text = TEXTS[name](Timeline("quiet.wav", 3.0, 1, CLASSES, []))
    assert "nan" not in text.lower()
    assert "angry" not in text or name in ("csv", "audformat")


def test_an_ending_of_no_format(found, tmp_path):
    with pytest.raises(SettingsError, match=r"\.TextGrid|\.textgrid"):
        formats.write(tmp_path / "call.doc", found)
    assert not list(tmp_path.iterdir())
