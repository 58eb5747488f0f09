"""What other programs write is read as they read it; what makes no sense is refused by its line."""

import datetime
import json
import re
import warnings
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voxaffect.errors import TranscriptError, VoxaffectError, VoxaffectWarning
from voxaffect.files import transcripts
from voxaffect.files.transcripts.given import parse_time

VTT = """WEBVTT - a call
Kind: captions

STYLE
::cue(v[voice="Anna"]) { color: red }

NOTE 00:00.000 --> 00:01.000 is no cue
nor is this

1
00:01.000 --> 00:02.500 align:start position:10%
<v Anna>Hello &amp; <i>good</i> evening.

second
00:03.250 --> 01:00:04.000
<v.loud Ben O'Neill>One line
and <00:03.500>another &lt;one&gt;</v>
"""
SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Hello</i> & good
evening.

2
00:01:03,250 --> 01:00:04,000 X1:100 X2:200
{\\an8}Still here?
"""


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def values(path, *names, **options):
    return [tuple(getattr(each, name) for name in names) for each in transcripts.read(path, **options)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_web_vtt(tmp_path, encoding, line_end):
    path = write(tmp_path / "a.vtt", VTT.replace("\n", line_end), encoding)
    assert values(path, "start", "end", "speaker", "text", "label", "where") == [
        (1.0, 2.5, "Anna", "Hello & good evening.", "", "line 11"),
        (3.25, 3604.0, "Ben O'Neill", "One line\nand another <one>", "", "line 15"),
    ]


def test_webvtt_py_reads_the_same(tmp_path):
    webvtt = pytest.importorskip("webvtt")
    path = write(tmp_path / "a.vtt", VTT)
    captions = list(webvtt.read(path))
    assert values(path, "start", "end") == [
        (each.start_in_seconds + m, each.end_in_seconds + n)
        for each, m, n in zip(captions, (0.0, 0.25), (0.5, 0.0), strict=True)
    ]
    assert values(path, "speaker") == [(each.voice,) for each in captions]


def test_subrip(tmp_path):
    path = write(tmp_path / "a.srt", SRT)
    expected = [(1.0, 2.5, "Hello & good\nevening."), (63.25, 3604.0, "Still here?")]
    assert values(path, "start", "end", "text") == expected
    webvtt = pytest.importorskip("webvtt")
    assert len(webvtt.from_srt(path).captions) == 2


def test_subrip_with_an_empty_line_in_a_text_loses_nothing(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\nTwo.\n\n2\n00:00:03,000 --> 00:00:04,000\n\n3\n"
    text += "00:00:05,000 --> 00:00:06,000\n42\n"
    assert values(write(tmp_path / "a.srt", text), "start", "text") == [(1.0, "One.\n\nTwo."), (3.0, ""), (5.0, "42")]


def test_speakers_as_whisper_x_writes_them(tmp_path):
    cue = "[SPEAKER_01]: Right."
    path = write(tmp_path / "a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{cue}\n")
    assert values(path, "speaker", "text") == [("SPEAKER_01", "Right.")]
    path = write(tmp_path / "a.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{cue}\n00:03.000 --> 00:04.000\nNo gap.\n")
    assert values(path, "speaker", "text") == [("SPEAKER_01", "Right."), ("", "No gap.")]


LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 3.5
tiers? <exists>
size = 3
item []:
    item [1]:
        class = "IntervalTier"
        name = "Mary"
        xmin = 0
        xmax = 3.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1.25
            text = ""
        intervals [2]:
            xmin = 1.25
            xmax = 2.5
            text = "she said ""no"" in
two lines, 3 "
        intervals [3]:
            xmin = 2.5
            xmax = 3.5
            text = "  "
    item [2]:
        class = "TextTier"
        name = "bell"
        xmin = 0
        xmax = 3.5
        points: size = 1
        points [1]:
            number = 0.9
            mark = "ding"
    item [3]:
        class = "IntervalTier"
        name = "John"
        xmin = 0
        xmax = 3.5
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 3.5
            text = "müde"
"""
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
3.5
<exists>
3
"IntervalTier"
"Mary" ! the first speaker
0
3.5
3
0
1.25
""
1.25
2.5
"she said ""no"" in
two lines, 3 "
2.5
3.5
"  "
"TextTier"
"bell"
0
3.5
1
0.9
"ding"
"IntervalTier"
"John"
0
3.5
1
0
3.5
"müde"
"""


@pytest.mark.parametrize("text", [LONG, SHORT, LONG.replace('"ooTextFile"', '"ooTextFile short"')])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_text_grid(tmp_path, text, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path = write(tmp_path / "a.TextGrid", mark + text, encoding)
    assert values(path, "start", "end", "speaker", "text") == [
        (1.25, 2.5, "Mary", 'she said "no" in\ntwo lines, 3'),
        (0.0, 3.5, "John", "müde"),
    ]


@pytest.mark.parametrize("form", ["long_textgrid", "short_textgrid"])
def test_what_praatio_writes(tmp_path, form):
    textgrid = pytest.importorskip("praatio.textgrid")
    grid = textgrid.Textgrid()
    entries = {"a": [(0.5, 1.0, 'x "y"'), (1.0, 1.75, "1.5 2")], "b": [(0.125, 2.0, "xmin = 3")]}
    for name, spans in entries.items():
        grid.addTier(textgrid.IntervalTier(name, spans, 0, 2.25))
    grid.addTier(textgrid.PointTier("points", [(1.0, "p")], 0, 2.25))
    path = tmp_path / "a.TextGrid"
    grid.save(str(path), form, includeBlankSpaces=True)
    found = values(path, "speaker", "start", "end", "text")
    assert found == [(name, *span) for name, spans in entries.items() for span in spans]


SEGMENT = {
    "id": 0,
    "start": 0.5,
    "end": 1.75,
    "text": " Hello.",
    "speaker": "SPEAKER_00",
    "words": [{"word": "Hello."}],
}


@pytest.mark.parametrize(
    "content",
    [
        {"segments": [SEGMENT], "word_segments": [{"word": "Hello.", "start": 0.5, "end": 1.0}]},
        {"text": " Hello.", "language": "en", "segments": [SEGMENT]},
        [SEGMENT],
        {"chunks": [{"timestamp": [0.5, 1.75], "text": " Hello.", "speaker": "SPEAKER_00"}]},
        {"transcription": [{"offsets": {"from": 500, "to": 1750}, "text": " Hello.", "speaker": "SPEAKER_00"}]},
    ],
    ids=["whisperx", "whisper", "list", "transformers", "whisper.cpp"],
)
def test_json_of_speech_recognisers(tmp_path, content):
    path = write(tmp_path / "a.json", json.dumps(content))
    assert values(path, "start", "end", "speaker", "text", "where") == [
        (0.5, 1.75, "SPEAKER_00", "Hello.", "segment 1")
    ]


def test_whispers_tsv_is_in_milliseconds(tmp_path):
    path = write(tmp_path / "a.tsv", "start\tend\ttext\n0\t1800\tHello.\n1800\t3250\tYes.\n")
    assert values(path, "start", "end", "text") == [(0.0, 1.8, "Hello."), (1.8, 3.25, "Yes.")]


@pytest.mark.parametrize(
    ("name", "head", "row"),
    [
        ("a.csv", "start\tend\ttext", "0\t18\tHello."),
        ("a.tsv", "start\tend\ttext", "0.0\t18\tHello."),
        ("a.tsv", "start\tend\tlabel", "0\t18\tsad"),
        ("a.tsv", "start\tend\ttext\tspeaker", "0\t18\tHello.\tA"),
    ],
)
def test_other_tables_are_in_seconds(tmp_path, name, head, row):
    assert values(write(tmp_path / name, f"{head}\n{row}\n"), "start", "end") == [(0.0, 18.0)]


def test_json_lines_with_any_line_separator_in_the_text(tmp_path):
    rows = [{**SEGMENT, "text": "one\u2028two\x85three"}, {"start": 2, "end": None, "text": "x"}]
    path = write(tmp_path / "a.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\r\n" for row in rows))
    assert values(path, "start", "end", "text") == [(0.5, 1.75, "one\u2028two\x85three"), (2.0, None, "x")]


def test_rttm(tmp_path):
    lines = ["SPKR-INFO call 1 <NA> <NA> <NA> unknown A <NA> <NA>", "SPEAKER call 1 1.25 0.5 <NA> <NA> A <NA> <NA>"]
    path = write(tmp_path / "a.rttm", "\n".join(lines))
    assert values(path, "file", "start", "end", "channel", "speaker") == [("call", 1.25, 1.75, None, "A")]
    lines.append("SPEAKER call 2 1.5 2 <NA> <NA> B <NA> <NA>")
    write(path, "\n".join(lines))
    assert values(path, "channel", "end") == [(0, 1.75), (1, 3.5)]


def test_a_table(tmp_path):
    path = write(tmp_path / "a.csv", "Start;END;channel;who;text;emotion\n0,5;1,25;1;anna;Hi, you;sad\n2;;;;;\n")
    found = values(path, "start", "end", "channel", "speaker", "text", "label", columns={"speaker": "who"})
    assert found == [(0.5, 1.25, 1, "anna", "Hi, you", "sad"), (2.0, None, None, "", "", "")]


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_tables_of_pandas_and_audformat(tmp_path, kind):
    pandas = pytest.importorskip("pandas")
    audformat = pytest.importorskip("audformat")
    index = audformat.segmented_index(
        ["a.wav"] * 3, ["0.5s", "1500ms", "1 days 00:00:02.25"], ["1.25s", "3s", pandas.NaT]
    )
    frame = pandas.Series(["angry", "sad", "sad"], index, name="emotion").reset_index()
    frame["channel"] = [0, None, 1]  # a column of floats
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    assert values(path, "file", "start", "end", "channel", "label") == [
        ("a.wav", 0.5, 1.25, 0, "angry"),
        ("a.wav", 1.5, 3.0, None, "sad"),
        ("a.wav", 86402.25, None, 1, "sad"),
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("12.5", 12.5),
        ("1e1", 10),
        ("-0.25", -0.25),
        (",5", 0.5),
        ("00:01.5", 1.5),
        ("1:02:03,250", 3723.25),
        ("100:00:00", 360000),
        (str(datetime.timedelta(days=2, seconds=1.5)), 2 * 86400 + 1.5),
        (str(datetime.timedelta(days=1)), 86400),
        (str(datetime.time(0, 1, 2, 500000)), 62.5),
        ("0 days", 0),
        ("0 days 00:00:01.500000000", 1.5),
        ("P1DT0H1M2.5S", 86462.5),
    ],
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "nan", "NaT", "inf", "1e999", "one", "1.2.3", "00:00:00:01", "1:-2", "2020-01-01"]
)
def test_no_times(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_time(text)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.srt", "1\n00:00:03,000 --> 00:00:02,000\nx\n", "line 2 ends at 2 s, before its start at 3 s"),
        ("a.srt", "1\n\n00:00:03,000 --> \nx\n", "line 3 has times '00:00:03,000 -->'; write 00:00:01.000 --> 00"),
        ("a.vtt", "WEBVTT\n\n00:03.000 --> 00:0x.000\nx\n", "line 3 has end '00:0x.000', which is no time; write sec"),
        ("a.vtt", "1\n00:00:03,000 --> 00:00:04,000\nx\n", "line 1 is not WEBVTT; name it .srt"),
        ("a.csv", "start,end\n1,2\nnan,3\n", "line 3 has start 'nan', which is no time"),
        ("a.csv", "start,end\n1,2\n,3\n", "line 3 has no start; write seconds"),
        ("a.csv", "start,end\n-2,-1\n", "line 2 ends at -1 s, before the recording begins"),
        ("a.csv", "start,end,channel\n1,2,left\n", "line 2 has channel 'left'; write its number, 0 for the first"),
        ("a.csv", "start,end,confidence\n1,2,high\n", "line 2 has confidence 'high'; write a number"),
        ("a.json", '{"segments": [{"start": 1, "end": 2}, {"start": NaN, "end": 2}]}', "segment 2 has start 'nan'"),
        ("a.json", '{"segments": [{"end": 2}]}', "segment 1 has no start"),
        ("a.json", '{"segments":\n[}', r"line 2 is no JSON \(Expecting value\); write it anew"),
        ("a.json", '{"results": []}', "holds no list of segments; write"),
        ("a.json", "[" * 100_000, r"line 1 is no JSON \("),
        ("a.rttm", "SPEAKER call one 1 2 <NA> <NA> A", "line 1 is 'SPEAKER call one 1 2 <NA> <NA> A'; write SPEAKER"),
        ("a.rttm", "SPEAKER call ² 1 2 <NA> <NA> A <NA> <NA>", "line 1 is 'SPEAKER call ² 1 2"),
        ("a.rttm", "SPEAKER call 0 1 2 <NA> <NA> A <NA> <NA>", "line 1 is 'SPEAKER call 0 1 2"),
        (
            "a.json",
            f'{{"transcription": [{{"offsets": {{"from": {"9" * 400}}}}}]}}',
            "has start '9999.*no time",
        ),
        ("a.TextGrid", SHORT.replace("\n3\n", f"\n{'9' * 5000}\n", 1), "has '9999.*' where a count should be"),
        ("a.TextGrid", "hello", "ends before all of its tiers; save it by Praat as text"),
        ("a.TextGrid", SHORT.replace("1.25\n2.5\n", "1.25\n"), "line 17 has .* where a number should be"),
        ("a.TextGrid", SHORT.replace("1.25\n2.5\n", "2.75\n2.5\n"), "line 16 ends at 2.5 s, before its start"),
        ("a.TextGrid", SHORT[:200], "ends before all of its tiers"),
        (
            "a.TextGrid",
            '"Praat chronological TextGrid text file"\n0 1\n"x"',
            "line 1 is not a TextGrid; save it by Praat",
        ),
        ("a.TextGrid", SHORT.replace("TextTier", "Other"), "has a tier of kind 'Other'"),
        ("a.doc", "hello", "its ending is of no transcript; give one of .srt"),
    ],
)
def test_what_makes_no_sense_is_one_line(tmp_path, name, text, message):
    with pytest.raises(TranscriptError, match=message) as raised:
        transcripts.read(write(tmp_path / name, text))
    assert str(raised.value).startswith(f"{tmp_path / name}: ")
    assert "\n" not in str(raised.value)


def test_what_is_no_text(tmp_path):
    (tmp_path / "a.srt").write_bytes(b"1\n00:00:01,000 --> 00:00:02,000\nm\xfcde\n")
    with pytest.raises(TranscriptError, match="is not UTF-8 text; save it as such"):
        transcripts.read(tmp_path / "a.srt")
    with pytest.raises(TranscriptError, match=r"cannot be read \(No such file"):
        transcripts.read(tmp_path / "b.srt")


def test_a_start_just_before_the_recording_is_its_beginning(tmp_path):
    path = write(tmp_path / "a.csv", "start,end\n-0.02,1\n")
    with pytest.warns(VoxaffectWarning, match=r"a\.csv: line 2 starts at -0.02 s; 0 is taken"):
        assert values(path, "start", "end") == [(0.0, 1.0)]


def test_segments_may_overlap_and_be_empty(tmp_path):
    path = write(tmp_path / "a.csv", "start,end\n1,3\n2,4\n2,2\n")
    assert values(path, "start", "end") == [(1.0, 3.0), (2.0, 4.0), (2.0, 2.0)]


def test_a_transcript_of_silence_holds_none(tmp_path):
    assert transcripts.read(write(tmp_path / "a.vtt", "WEBVTT")) == ()
    assert transcripts.read(write(tmp_path / "a.srt", "")) == ()
    assert transcripts.read(write(tmp_path / "a.json", '{"segments": []}')) == ()


WHOLE = {
    "a.vtt": VTT,
    "a.srt": SRT,
    "long.TextGrid": LONG,
    "short.TextGrid": SHORT,
    "a.json": json.dumps({"segments": [SEGMENT, SEGMENT]}),
    "a.jsonl": f"{json.dumps(SEGMENT)}\n{json.dumps(SEGMENT)}\n",
    "a.csv": "file,start,end,channel,text\na.wav,1,2,0,x\na.wav,0 days 00:00:02,00:00:03.5,1,\n",
    "a.rttm": "SPEAKER a 1 1.25 0.5 <NA> <NA> A <NA> <NA>\nSPEAKER a 2 2 1 <NA> <NA> B <NA> <NA>\n",
}


PIECES = ["-->", "\n", "\n\n", '"', "<", "9" * 400, "1e999", "-1", "\0", "[", "{}"]


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_is_damaged_is_read_or_refused(tmp_path, name):
    text = WHOLE[name]
    path = tmp_path / name

    @settings(max_examples=60)
    @given(
        st.integers(0, len(text)),
        st.integers(0, 30),
        st.one_of(st.sampled_from(PIECES), st.text(max_size=6)),
        st.sampled_from(["utf-8", "utf-16"]),
    )
    def mutate(place: int, cut: int, put: str, encoding: str) -> None:
        path.write_bytes((text[:place] + put + text[place + cut :]).encode(encoding, "replace"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VoxaffectWarning)
            with suppress(VoxaffectError):
                assert all(each.end is None or 0 <= each.start <= each.end for each in transcripts.read(path))

    mutate()
