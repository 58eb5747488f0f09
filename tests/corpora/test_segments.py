"""Rows with start and end are segments: never the whole file in silence."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.errors import SettingsError, TranscriptError, VoxaffectWarning
from voxaffect.inference.results import Segment, Timeline, by_start
from voxaffect.output import formats

RATE = 4_000
TABLES = [".jsonl", ".csv", ".audformat.csv", ".parquet"]
TEXTS = [".vtt", ".srt", ".TextGrid"]


def record(path: Path, seconds: float = 10.0) -> Path:
    """Two channels: time, and the negative half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = np.arange(round(seconds * RATE)) / RATE / 100
    soundfile.write(path, np.stack([ramp, -ramp / 2], axis=1), RATE, subtype="FLOAT")
    return path


def begins(utterance: corpora.Utterance) -> float:
    """The time that the sound of an utterance begins at, negative in the second channel."""
    scale = {0: 1.0, 1: 0.5, None: 0.25}[utterance.channel]
    return round(float(utterance.sound.load(RATE)[0]) * 100 / scale, 3)


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


def test_rows_are_segments_with_ids_of_their_own(tmp_path):
    record(tmp_path / "a.wav")
    path = table(
        tmp_path / "mine.csv",
        "file,start,end,channel,label,speaker,text",
        "a.wav,0.5,1.5,0,angry,A,Hi.",
        "a.wav,00:00:02.25,00:00:04,1,sad,B,",
        "a.wav,0 days 00:00:03,,1,sad,B,",
        "a.wav,,,,happy,B,",
    )
    found = {each.id: each for each in corpora.load_own(path).utterances}
    assert set(found) == {
        "mine/a.wav#channel0:0.5-1.5",
        "mine/a.wav#channel1:2.25-4.0",
        "mine/a.wav#channel1:3.0-",
        "mine/a.wav",
    }
    first, second, third = (found[f"mine/a.wav#channel{span}"] for span in ("0:0.5-1.5", "1:2.25-4.0", "1:3.0-"))
    assert (first.start, first.end, first.channel, first.text, first.speaker) == (0.5, 1.5, 0, "Hi.", "mine/A")
    assert [begins(each) for each in (first, second, third)] == [0.5, -2.25, -3.0]
    assert [len(each.sound.load(RATE)) / RATE for each in found.values()] == [10.0, 1.0, 1.75, 7.0]


def test_the_case_of_the_table(tmp_path):
    """Twelve recordings of two seconds, half a second to one and a half of each."""
    rows = ["file,start,end,label,speaker"]
    for who in "ABCD":
        for take in ("1_angry", "1_happy", "2_angry", "2_happy"):
            record(tmp_path / f"rec/{who}/{who}_{take}.wav", 2.0)
            rows.append(f"rec/{who}/{who}_{take}.wav,0.5,1.5,{take[2:]},{who}")
    corpus = corpora.load_own(table(tmp_path / "startend.csv", *rows))
    assert len(corpus.utterances) == 16
    assert {(begins(each), len(each.sound.load(RATE)) / RATE) for each in corpus.utterances} == {(0.5, 1.0)}
    assert corpus.speakers == tuple(f"startend/{who}" for who in "ABCD")


def test_speakers_by_a_pattern_may_be_channels(tmp_path):
    for name in ("x_1.wav", "x_2.wav"):
        record(tmp_path / name)
    rows = [
        f"{name},{start},{start + 1},{channel},sad"
        for name in ("x_1.wav", "x_2.wav")
        for start in (1, 2)
        for channel in (0, 1)
    ]
    path = table(tmp_path / "t.csv", "file,start,end,channel,label", *rows)
    assert corpora.load_own(path, speaker=r"(x_\d)").speakers == ("t/x_1", "t/x_2")
    assert len(corpora.load_own(path, speaker=r"(x_\d\.wav#channel\d)").speakers) == 4
    assert corpora.load_own(path, columns={"speaker": "channel"}).speakers == ("t/0", "t/1")
    assert not corpora.load_own(path).speakers_known


def test_a_channel_column_without_times_is_no_segment_unless_it_is_named(tmp_path):
    record(tmp_path / "a.wav")
    path = table(tmp_path / "t.csv", "file,channel,label", "a.wav,phone,sad")
    assert corpora.load_own(path).utterances[0].sound.whole
    path = table(tmp_path / "t.csv", "file,side_of_call,label", "a.wav,1,sad")
    (utterance,) = corpora.load_own(path, columns={"channel": "side_of_call"}).utterances
    assert (utterance.id, begins(utterance), len(utterance.sound.load(RATE))) == ("t/a.wav#channel1", 0.0, 10 * RATE)


def test_a_channel_alone_is_the_whole_file_on_that_channel(tmp_path):
    record(tmp_path / "a.wav")
    path = table(tmp_path / "t.csv", "file,channel,label", "a.wav,0,happy", "a.wav,1,angry", "a.wav,,sad")
    corpus = corpora.load_own(path)
    assert [(each.id, each.emotion) for each in corpus.utterances] == [
        ("t/a.wav", "sad"),
        ("t/a.wav#channel0", "happy"),
        ("t/a.wav#channel1", "angry"),
    ]
    assert [each.sound.load(RATE)[RATE] for each in corpus.utterances] == pytest.approx([0.0025, 0.01, -0.005])
    assert not corpus.duplicates
    assert all(each.sound.whole for each in corpora.load_own(path, columns={"channel": ""}).utterances)


@pytest.mark.parametrize("number", [0, 1, "1.0"])
def test_a_constant_number_of_recordings_of_one_channel_is_no_choice(tmp_path, number):
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", np.full(RATE, 0.1), RATE)
    path = table(tmp_path / "t.csv", "file,channel,label", f"a.wav,{number},happy", f"b.wav,{number},angry")
    assert [each.id for each in corpora.load_own(path).utterances] == ["t/a.wav", "t/b.wav"]
    record(tmp_path / "b.wav")  # here it is one
    assert [each.channel for each in corpora.load_own(path).utterances] == [None, int(float(number))]


@pytest.mark.parametrize("numbers", [(2, 2), (1, 2)])
def test_channels_that_are_not_there_are_named_with_a_remedy(tmp_path, numbers):
    for name in "ab":
        soundfile.write(tmp_path / f"{name}.wav", np.full(RATE, 0.1), RATE)
    rows = [f"{name}.wav,{number},sad" for name, number in zip("ab", numbers, strict=True)]
    message = r"2 of its 2 files .*has 1 channel, and none is number \d; .*leave.* out by `columns` channel=$"
    with pytest.raises(SettingsError, match=message):
        corpora.load_own(table(tmp_path / "t.csv", "file,channel,label", *rows))


@pytest.mark.parametrize(
    ("head", "row", "error", "message"),
    [
        ("file,start,label", "a.wav,1,sad", SettingsError, "has a column 'start' and none for the end; name it by"),
        ("file,end,label", "a.wav,1,sad", SettingsError, "has a column 'end' and none for the start; name it by"),
        ("file,start,end,label", "a.wav,2,1,sad", TranscriptError, "line 2 ends at 1 s, before its start at 2 s"),
        ("file,start,end,label", "a.wav,,1,sad", TranscriptError, "line 2 has no start"),
        ("file,start,end,label", "a.wav,x,1,sad", TranscriptError, "line 2 has start 'x', which is no time"),
        ("file,start,end,channel,label", "a.wav,0,1,left,sad", TranscriptError, "line 2 has channel 'left'"),
        ("start,end,label", "0,1,sad", SettingsError, r"no recording in .* is called like it, as t\.wav; name the fol"),
    ],
)
def test_what_makes_no_sense_is_one_line(tmp_path, head, row, error, message):
    record(tmp_path / "a.wav")
    with pytest.raises(error, match=message) as raised:
        corpora.load_own(table(tmp_path / "t.csv", head, row))
    assert "\n" not in str(raised.value)


def test_columns_of_other_times_can_be_left_out(tmp_path):
    record(tmp_path / "a.wav")
    path = table(tmp_path / "t.csv", "file,start,label", "a.wav,2020-01-01,sad")
    assert corpora.load_own(path, columns={"start": ""}).utterances[0].sound.whole


def test_segments_that_are_not_in_the_recording_are_left_out_and_late_ends_cut(tmp_path):
    record(tmp_path / "a.wav")
    spans = ["0,1", "1,2", "2,3", "8,10.05", "9,12.5", "9.5,11", "10,11", "3,3"]
    rows = [f"a.wav,{span},0,sad" for span in spans]
    path = table(tmp_path / "t.csv", "file,start,end,channel,label", *rows, "a.wav,0,1,2,sad")
    with pytest.warns(VoxaffectWarning, match=r"2 of its segments end after their recording, by 2\.5 s at most"):
        corpus = corpora.load_own(path)
    assert [each.start for each in corpus.utterances] == [0.0, 1.0, 2.0, 8.0, 9.0, 9.5]
    assert [reason for _, reason in corpus.unreadable] == [
        "lasts 10.0 s, not from 10 to 11 s",
        "holds no samples from 3 to 3 s",
        "has 2 channels, and none is number 2; they count from 0",
    ]
    assert [len(each.sound.load(RATE)) / RATE for each in corpus.utterances[-2:]] == [1.0, 0.5]


def test_the_same_segment_twice_is_one(tmp_path):
    record(tmp_path / "a.wav")
    corpus = corpora.load_own(table(tmp_path / "t.csv", "file,start,end,label", "a.wav,1,2,sad", "a.wav,1.0,2.0,happy"))
    assert [each.emotion for each in corpus.utterances] == ["sad"]
    assert len(corpus.duplicates) == 1


def timeline(file: str) -> Timeline:
    spans = [(0.5, 2.0, 0, "angry"), (2.0, 3.25, 0, "uncertain"), (1.0, 4.5, 1, "sad"), (6.0, 7.125, 1, "happy")]
    segments = [
        Segment(start, end, channel, emotion, 0.75, {"angry": 0.75, "sad": 0.25, "happy": 0.0}, file)
        for start, end, channel, emotion in spans
    ]
    return Timeline(file, 10.0, 2, ("angry", "happy", "sad"), by_start(segments))


@pytest.mark.parametrize("ending", [*TABLES, *TEXTS])
def test_what_timeline_writes_is_a_source(tmp_path, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    record(tmp_path / "call.wav")
    path = tmp_path / f"call{ending}"
    formats.write(path, timeline("call.wav"))
    with pytest.warns(VoxaffectWarning, match="1 of its 4 segments are uncertain; left out"):
        corpus = corpora.load_own(path)
    found = sorted(corpus.utterances, key=lambda each: each.start)
    assert [(each.start, each.end, each.channel, each.emotion, begins(each)) for each in found] == [
        (0.5, 2.0, 0, "angry", 0.5),
        (1.0, 4.5, 1, "sad", -1.0),
        (6.0, 7.125, 1, "happy", -6.0),
    ]
    assert not corpus.speakers_known


def test_a_timeline_in_another_folder_names_its_recording_from_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "calls" / "call.wav")
    formats.write(Path("calls/call.csv"), timeline("calls/call.wav"))
    with pytest.warns(VoxaffectWarning, match="are uncertain"):
        found = corpora.load_own("calls/call.csv").utterances
    assert [each.path for each in found] == [Path("calls/call.wav")] * 3


@pytest.mark.parametrize("ending", [".csv", ".vtt", ".srt", ".TextGrid"])
def test_what_was_corrected_by_hand_is_the_label(tmp_path, ending):
    record(tmp_path / "call.wav")
    path = tmp_path / f"call{ending}"
    formats.write(path, timeline("call.wav"))
    corrected = path.read_text().replace("uncertain 75 %", "neutral").replace("uncertain", "neutral")
    path.write_text(
        corrected.replace("sad 75 %", "on hold 75 %").replace(",sad,", ",on hold,").replace('"sad"', '"on hold"')
    )
    found = sorted(corpora.load_own(path).utterances, key=lambda each: each.start)
    assert [each.emotion for each in found] == ["angry", "on hold", "neutral", "happy"]


def answers(*emotions: str) -> Timeline:
    """A timeline whose answers are these; the others of three share what is left."""
    segments = [
        Segment(
            start, start + 0.5, 0, emotion, 0.6, {"angry": 0.2, "happy": 0.2, "sad": 0.2} | {emotion: 0.6}, "call.wav"
        )
        for start, emotion in enumerate(emotions)
    ]
    return Timeline("call.wav", 10.0, 2, ("angry", "happy", "sad"), by_start(segments))


@pytest.mark.parametrize("ending", [*TABLES, ".vtt", ".srt"])
def test_a_models_own_answers_are_no_truth(tmp_path, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    record(tmp_path / "call.wav")
    path = tmp_path / f"call{ending}"
    formats.write(path, answers("angry", "sad", "happy", "sad"))
    with pytest.warns(VoxaffectWarning, match="all 4 labels are a model's own answers.*correct them by ear") as caught:
        corpora.load_own(path)
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)


@pytest.mark.parametrize(
    ("ending", "old", "new"),
    [
        (".csv", "happy,0.6", "angry,0.6"),
        (".jsonl", '"emotion": "happy"', '"emotion": "angry"'),
        (".vtt", "happy 60 %", "angry"),
        (".srt", "happy 60 %", "on hold"),
    ],
)
def test_corrected_answers_are_counted(tmp_path, ending, old, new):
    record(tmp_path / "call.wav")
    path = tmp_path / f"call{ending}"
    formats.write(path, answers("angry", "sad", "happy", "sad"))
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    with pytest.warns(VoxaffectWarning, match="3 of its 4 labels are as a model answered and the others corrected"):
        corpora.load_own(path)


@pytest.mark.parametrize(
    "head",
    ["file,start,end,label,emotion,p_angry,p_sad", "file,start,end,emotion,text,p_id,p_age", "file,start,end,emotion"],
)
def test_labels_of_ones_own_are_no_answers(tmp_path, head, recwarn):
    record(tmp_path / "a.wav")
    rows = ["a.wav,0,1,sad,sad,0.1,0.9", "a.wav,1,2,angry,angry,0.9,0.1"]
    if "p_id" in head:
        rows = [row.replace("0.1", "x1").replace("0.9", "young") for row in rows]
    corpora.load_own(table(tmp_path / "t.csv", head, *rows))
    assert [str(each.message) for each in recwarn] == []


def test_a_folder_of_recordings_with_a_transcript_beside_each(tmp_path):
    record(tmp_path / "calls" / "a.wav")
    record(tmp_path / "calls" / "b.wav")
    table(tmp_path / "calls" / "a.vtt", "WEBVTT", "", "00:01.000 --> 00:02.000", "<v Ann>sad")
    table(tmp_path / "calls" / "b.emotions.srt", "1", "00:00:03,000 --> 00:00:04,000", "[Ben]: angry")
    corpus = corpora.load_own(tmp_path / "calls")
    assert [(each.id, each.speaker, each.emotion, begins(each)) for each in corpus.utterances] == [
        ("calls/a.wav#1.0-2.0", "calls/Ann", "sad", 1.0),
        ("calls/b.wav#3.0-4.0", "calls/Ben", "angry", 3.0),
    ]


def test_a_folder_for_each_label_is_not_read_as_transcripts(tmp_path):
    """As corpora come with the alignment of each clip."""
    record(tmp_path / "clips" / "sad" / "a.wav")
    record(tmp_path / "clips" / "angry" / "b.wav")
    for name in ("sad/a", "angry/b"):
        table(tmp_path / "clips" / f"{name}.srt", "1", "00:00:03,000 --> 00:00:04,000", "word")
    assert [each.emotion for each in corpora.load_own(tmp_path / "clips").utterances] == ["angry", "sad"]
    assert all(each.sound.whole for each in corpora.load_own(tmp_path / "clips").utterances)


def test_a_tier_of_a_text_grid(tmp_path):
    textgrid = pytest.importorskip("praatio.textgrid")
    record(tmp_path / "a.wav")
    grid = textgrid.Textgrid()
    grid.addTier(textgrid.IntervalTier("words", [(0.5, 1.0, "hello"), (1.0, 2.0, "there")], 0, 10))
    grid.addTier(textgrid.IntervalTier("emotion", [(0.5, 2.0, "sad"), (2.0, 4.0, "angry")], 0, 10))
    grid.save(str(tmp_path / "a.TextGrid"), "short_textgrid", includeBlankSpaces=True)
    path = tmp_path / "a.TextGrid"
    corpus = corpora.load_own(path, columns={"label": "emotion"})
    assert [(each.start, each.end, each.emotion) for each in corpus.utterances] == [
        (0.5, 2.0, "sad"),
        (2.0, 4.0, "angry"),
    ]
    assert not corpus.speakers_known
    assert corpora.load_own(path, columns={"label": "emotion"}, speaker="(.)[.]wav").speakers == ("a/a",)
    assert corpora.load_own(path).speakers == ("a/emotion", "a/words")
    with pytest.raises(SettingsError, match="has no tier 'mood', only words, emotion; name one of these"):
        corpora.load_own(path, columns={"label": "mood"})


def test_what_is_said_is_no_label(tmp_path):
    record(tmp_path / "call.wav")
    text = "I would like to speak to somebody else, please."
    path = table(tmp_path / "call.srt", "1", "00:00:03,000 --> 00:00:04,000", text)
    with pytest.raises(TranscriptError, match=r"line 2 has the text 'I would like .*', which is no label; write"):
        corpora.load_own(path)
    table(tmp_path / "call.json", json.dumps({"segments": [{"start": 0, "end": 1, "text": "Hello."}]}))
    with pytest.raises(SettingsError, match=r"call\.json: has no column 'label', only start, end, text; name the one"):
        corpora.load_own(tmp_path / "call.json")


def test_labelled_json_of_a_speech_recogniser_beside_its_recording(tmp_path):
    record(tmp_path / "call.wav")
    segments = [{"start": 1, "end": 2.5, "text": "Hello.", "speaker": "SPEAKER_00", "emotion": "sad", "channel": 1}]
    path = table(tmp_path / "call.json", json.dumps({"segments": segments}))
    (utterance,) = corpora.load_own(path).utterances
    assert (utterance.id, utterance.text) == ("call/call.wav#channel1:1.0-2.5", "Hello.")
    assert (utterance.speaker, utterance.emotion, begins(utterance)) == ("call/SPEAKER_00", "sad", -1.0)


def test_recordings_beside_a_transcript(tmp_path):
    (tmp_path / "sounds").mkdir()
    record(tmp_path / "sounds" / "call.wav")
    path = table(tmp_path / "call.srt", "1", "00:00:03,000 --> 00:00:04,000", "sad")
    with pytest.raises(SettingsError, match=r"no recording in .* is called like it, as call\.wav; name the"):
        corpora.load_own(path)
    assert len(corpora.load_own(path, root=tmp_path / "sounds").utterances) == 1
    shutil.copy(tmp_path / "sounds" / "call.wav", tmp_path / "sounds" / "call.w64")
    with pytest.raises(SettingsError, match=r"may be of call\.w64 or of call\.wav; move one of them away"):
        corpora.load_own(path, root=tmp_path / "sounds")


@pytest.fixture
def database(tmp_path):
    """An audformat database of which two files have segments, and one a label of its own."""
    audformat, pandas = pytest.importorskip("audformat"), pytest.importorskip("pandas")
    names = [str(record(tmp_path / "db" / name).relative_to(tmp_path / "db")) for name in ("a.wav", "b.wav", "c.wav")]
    database = audformat.Database("db")
    database.schemes["emotion"] = audformat.Scheme(labels=["anger", "happiness"])
    database.schemes["speaker"] = audformat.Scheme(labels={"A": {"gender": "female"}, "B": {"gender": "male"}})
    starts = ["0.5s", "1.5s", "2.25s", "4s"]
    spans = audformat.segmented_index(["a.wav", "a.wav", "b.wav", "b.wav"], starts, ["1.5s", "3s", "4s", pandas.NaT])
    database["emotion"] = audformat.Table(spans)
    database["emotion"]["emotion"] = audformat.Column(scheme_id="emotion")
    database["emotion"]["emotion"].set(["anger", "happiness", "anger", None])
    files = audformat.filewise_index(names)
    database["files"] = audformat.Table(files)
    database["files"]["speaker"] = audformat.Column(scheme_id="speaker")
    database["files"]["speaker"].set(["A", "B", "B"])
    words = audformat.segmented_index(["a.wav"], ["0.5s"], ["0.75s"])
    database["words"] = audformat.Table(words)
    database["words"]["text"] = audformat.Column()
    database["words"]["text"].set(["hello"])
    return database


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_segmented_audformat_database(database, tmp_path, kind):
    database.save(str(tmp_path / "db"), storage_format=kind)
    corpus = corpora.load_own(tmp_path / "db")
    assert [(each.id, each.emotion, each.speaker, each.sex, begins(each)) for each in corpus.utterances] == [
        ("db/a.wav#0.5-1.5", "angry", "db/A", "female", 0.5),
        ("db/a.wav#1.5-3.0", "happy", "db/A", "female", 1.5),
        ("db/b.wav#2.25-4.0", "angry", "db/B", "male", 2.25),
    ]
    assert [(each.start, each.end) for each in corpus.utterances] == [(0.5, 1.5), (1.5, 3.0), (2.25, 4.0)]


def test_files_with_a_label_of_their_own_and_no_segments_stay(database, tmp_path):
    database["files"]["emotion"] = pytest.importorskip("audformat").Column(scheme_id="emotion")
    database["files"]["emotion"].set(["anger", None, "happiness"])
    database.save(str(tmp_path / "db"), storage_format="csv")
    found = [(each.id, each.emotion) for each in corpora.load_own(tmp_path / "db").utterances]
    assert found == [
        ("db/a.wav#0.5-1.5", "angry"),
        ("db/a.wav#1.5-3.0", "happy"),
        ("db/b.wav#2.25-4.0", "angry"),
        ("db/c.wav", "happy"),
    ]
