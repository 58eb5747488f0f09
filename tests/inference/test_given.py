"""A transcript's segments get what `recognize` gives for the same samples, each its own row, whatever is wrong."""

import json
import warnings

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import voxaffect as va
from voxaffect import audio
from voxaffect.apps.cli import main
from voxaffect.errors import AudioError, SettingsError, TranscriptError, VoxaffectWarning
from voxaffect.files.transcripts import GivenSegment
from voxaffect.inference.given import Cuts, read_segments

RATE = 16_000


@pytest.fixture(scope="module")
def recognizer():
    return va.load("common4")


@pytest.fixture(scope="module")
def voice(example):
    return audio.load(example, RATE)


@pytest.fixture(scope="module")
def call(tmp_path_factory, voice):
    """Two channels: a voice and then silence; silence and then the voice, quieter."""
    path = tmp_path_factory.mktemp("call") / "call.wav"
    silence = np.zeros_like(voice)
    channels = [np.concatenate([voice, silence]), np.concatenate([silence, 0.5 * voice])]
    soundfile.write(path, np.stack(channels, axis=1), RATE, subtype="FLOAT")
    return path


def test_a_segment_is_what_its_samples_are(recognizer, call):
    samples, rate = soundfile.read(call, dtype="float32")
    segments = [
        GivenSegment(0.25, 1.75, 0, "anna", "Hello."),
        GivenSegment(3.5, 5.125, 1, text="Good evening."),
        GivenSegment(2.5, 4.5),
        GivenSegment(0.25, 1.75, 0),
        GivenSegment(5.0, None),
    ]
    found = list(recognizer.recognize_segments(call, segments))
    for segment, each in zip(found, segments, strict=True):
        part = samples[round(each.start * rate) : None if each.end is None else round(each.end * rate)]
        expected = recognizer.recognize((part if each.channel is None else part[:, each.channel], rate))
        assert segment.probabilities == expected.probabilities
        assert (segment.emotion, segment.confidence) == (expected.emotion, expected.confidence)
        assert (segment.start, segment.end) == (each.start, each.end or pytest.approx(len(samples) / rate))
        assert (segment.channel, segment.file, segment.error) == (each.channel, str(call), None)
    assert (found[0].speaker, found[0].text, found[1].speaker) == ("anna", "Hello.", None)
    assert found[0].to_dict()["text"] == "Hello."


WRONG = [
    (GivenSegment(0.5, 0.6), "from 0.5 s: lasts 0.10 s, which is too short; give 0.5 s or more"),
    (GivenSegment(1.0, 1.0), "from 1 s: lasts 0 s, which is too short"),
    (GivenSegment(4.0, 6.0, 0), "from 4 s: is silent"),
    (GivenSegment(100.0, 101.0), "from 100 s: the recording ends at 6.5 s; check that the transcript is of this one"),
    (GivenSegment(0.0, 1.0, 2), "from 0 s: the recording has 2 channels, and none is number 2"),
    (GivenSegment(1.0, 3600.0), "from 1 s: lasts 60.0 min, and one emotion cannot stand for more than 10.0 min"),
]


def test_a_segment_that_is_wrong_has_an_error_and_stops_nothing(recognizer, call):
    good = GivenSegment(0.5, 2.0, 0)
    found = list(recognizer.recognize_segments(call, [each for wrong, _ in WRONG for each in (wrong, good)]))
    assert len(found) == 2 * len(WRONG)
    for segment, (wrong, message) in zip(found[::2], WRONG, strict=True):
        assert message in segment.error
        row = segment.to_dict()
        assert (row["emotion"], row["confidence"], row["probabilities"]) == (None, None, None)
        assert (row["start"], row["end"], row["channel"]) == (wrong.start, wrong.end, wrong.channel)
    assert {segment.error for segment in found[1::2]} == {None}


def test_a_segment_that_ends_after_the_recording_is_cut_with_a_warning(recognizer, call):
    late, rounded = recognizer.recognize_segments(call, [GivenSegment(4.0, 8.0, 1), GivenSegment(4.0, 6.55, 1)])
    assert (late.end, late.warning) == (
        pytest.approx(6.52, abs=1e-3),
        "ends 1.5 s after the recording, and is cut there",
    )
    assert (rounded.end, rounded.warning) == (6.55, None)
    assert late.probabilities == rounded.probabilities


def test_speakers_that_are_mixed_are_one_line_for_all_segments(recognizer, call, tmp_path):
    segments = [GivenSegment(0.5, 2.0), GivenSegment(1.0, 2.5), GivenSegment(4.0, 6.0)]
    with pytest.warns(VoxaffectWarning) as warned:
        mixed = list(recognizer.recognize_segments(call, segments))
    remedy = "name the channel of each segment, or choose a `channel`"
    text = f"{call}: two speakers are mixed, as its channels differ; {remedy}"
    assert [str(each.message) for each in warned] == [text]
    assert {f"{call}: {segment.warning}" for segment in mixed} == {text}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        of_channel = list(recognizer.recognize_segments(call, segments, channel=1))
    assert [each.channel for each in of_channel] == [1, 1, 1]
    assert "is silent" in of_channel[0].error
    assert mixed[2].probabilities != of_channel[2].probabilities


def test_a_recording_that_is_damaged_gives_all_segments_and_then_its_error(recognizer, tmp_path, voice):
    path = tmp_path / "cut.flac"
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, 30 * RATE).astype(np.float32)
    soundfile.write(path, np.concatenate([voice, noise]), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = []
    segments = recognizer.recognize_segments(path, [GivenSegment(0.5, 2.5), GivenSegment(28.0, 30.0)])
    with pytest.warns(VoxaffectWarning, match=r"cut\.flac: the header promises"):
        found.extend(segments)
    assert found[0].error is None
    assert "the recording ends at" in found[1].error
    found = []
    with pytest.raises(AudioError, match="does not exist"):
        found.extend(recognizer.recognize_segments(tmp_path / "none.wav", [GivenSegment(0.5, 2.5)]))
    assert "none.wav: does not exist" in found[0].error


def test_segments_of_several_recordings(tmp_path):
    (tmp_path / "all.csv").write_text("file,start,end\ncalls/a.wav,0,1\nb.wav,1,2\nb.wav,2,3\n,4,5\n")
    assert [each.start for each in read_segments(tmp_path / "all.csv", "b.wav")] == [1, 2, 4]
    assert [each.start for each in read_segments(tmp_path / "all.csv", "/x/a.wav")] == [0, 4]
    assert len(read_segments(tmp_path / "all.csv")) == len(read_segments(tmp_path / "all.csv", "-")) == 4
    (tmp_path / "all.rttm").write_text("SPEAKER a 1 0.5 1 <NA> <NA> X <NA> <NA>\n")
    assert [each.end for each in read_segments(tmp_path / "all.rttm", "calls/a.wav")] == [1.5]
    with pytest.raises(SettingsError, match=r"all\.rttm: names no segment of c\.wav, but of a; name one of these"):
        read_segments(tmp_path / "all.rttm", "c.wav")


@pytest.mark.parametrize(
    ("file", "starts"), [("x/a.wav", [0]), ("/d/x/a.wav", [0]), ("y/a.wav", [1]), ("x/b.wav", [2]), ("b.flac", None)]
)
def test_recordings_of_one_name_in_several_folders(tmp_path, file, starts):
    table = tmp_path / "all.csv"
    table.write_text("file,start,end\nx/a.wav,0,1\ny/a.wav,1,2\nz/b.wav,2,3\n")
    if starts is None:
        with pytest.raises(SettingsError, match=r"names no segment of b\.flac"):
            read_segments(table, file)
    else:
        assert [each.start for each in read_segments(table, file)] == starts
    with pytest.raises(
        SettingsError, match=r"names x/a\.wav and y/a\.wav; name the recording as it does, not q/a\.wav"
    ):
        read_segments(table, "q/a.wav")


@pytest.mark.parametrize("span", [(2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_times_that_make_no_span(span):
    with pytest.raises(TranscriptError, match="give 0 <= start <= end"):
        GivenSegment(*span)


spans = st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 20))), max_size=8)


@settings(max_examples=100)
@given(spans, st.lists(st.integers(1, 13), max_size=8))
def test_cuts_are_slices_however_the_blocks_come(lengths, blocks):
    """At 1 Hz, so that samples are seconds; the longest is 8 s and one more."""
    samples = np.arange(sum(blocks), dtype=np.float32)[:, None]
    segments = [GivenSegment(start, None if length is None else start + length) for start, length in lengths]
    cuts, found, place = Cuts(segments, 1, 8), {}, 0
    for size in blocks:
        found |= dict(cuts.push(samples[place : place + size]))
        place += size
        waiting = min((first for first, _, _ in cuts.waiting), default=place)
        assert all(begin + len(block) > waiting for begin, block in cuts._blocks)
    found |= dict(cuts.close())
    assert sorted(found) == list(range(len(segments)))
    for index, (start, length) in enumerate(lengths):
        expected = samples[start : start + min(9 if length is None else length, 9)]
        assert found[index].tolist() == expected.tolist()


VTT = "WEBVTT\n\n00:00.500 --> 00:02.000\n<v Anna>Hello, = you.\n\n00:01.000 --> 00:01.200\n<v Ben>Hm.\n"


@pytest.fixture
def transcript(tmp_path):
    path = tmp_path / "call.vtt"
    path.write_text(VTT)
    return path


@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_the_command_prints_a_row_a_line(call, transcript, form, capsys):
    assert main(["recognize", "--segments", str(transcript), str(call), "--format", form]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    if form == "jsonl":
        rows = [json.loads(line) for line in lines]
        assert [(row["speaker"], row["text"], row["start"]) for row in rows] == [
            ("Anna", "Hello, = you.", 0.5),
            ("Ben", "Hm.", 1.0),
        ]
        assert (rows[0]["error"], rows[1]["emotion"]) == (None, None)
    else:
        assert len(lines) == 3
        assert "Hello, = you." in lines[1]
        assert "Anna" in lines[1]
    assert "1 segment without an emotion, the first: " in err


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_command_writes_tables_that_are_transcripts_themselves(call, transcript, tmp_path, ending):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    out = tmp_path / f"out.{ending}"
    assert main(["recognize", "--segments", str(transcript), str(call), "--out", str(out)]) == 0
    found = read_segments(out, str(call))
    assert [(each.start, each.end, each.speaker, each.text) for each in found] == [
        (0.5, 2.0, "Anna", "Hello, = you."),
        (1.0, 1.2, "Ben", "Hm."),
    ]


def test_the_recordings_that_a_table_names(call, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = call.with_name("all.csv")
    table.write_text("file,begin,end\ncall.wav,0.5,2\nnone.wav,1,2\n")
    assert main(["recognize", "--segments", str(table), "--columns", "start=begin", "--format", "jsonl"]) == 1
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["file"], row["error"] is None) for row in rows] == [
        (str(call), True),
        (str(call.with_name("none.wav")), False),
    ]
    assert "none.wav: does not exist" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--segments", "call.vtt"], "call.vtt: names no recording; name it"),
        (["--segments", "call.vtt", "a.wav", "b.wav"], "call.vtt: is of one recording, and 2 are named"),
        (["--segments", "call.vtt", "a.wav", "--explain"], "--explain is of whole recordings"),
        (["--segments", "call.vtt", "a.wav", "--out", "x.txt"], "x.txt: its ending is of no table"),
        (["--segments", "none.vtt", "a.wav"], "none.vtt: cannot be read"),
        (["a.wav", "--out", "x.csv"], "are of --segments"),
        ([], "no recording is named"),
    ],
)
def test_a_command_that_makes_no_sense(transcript, words, message, capsys, monkeypatch):
    monkeypatch.chdir(transcript.parent)
    assert main(["recognize", *words]) in (1, 2)
    assert message in capsys.readouterr().err


def test_a_transcript_of_silence(call, tmp_path, capsys):
    (tmp_path / "call.srt").write_text("")
    assert main(["recognize", "--segments", str(tmp_path / "call.srt"), str(call)]) == 0
    assert "call.srt: holds no segment" in capsys.readouterr().err
