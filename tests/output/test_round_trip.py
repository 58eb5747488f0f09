"""Every format that `timeline` writes reads back as given segments."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from voxaffect.files import transcripts
from voxaffect.files.transcripts.given import parse_emotion
from voxaffect.inference.results import Segment, Timeline, by_start
from voxaffect.output import formats

TABLES = [".jsonl", ".csv", ".audformat.csv", ".parquet"]
SUBTITLES = [".vtt", ".srt"]

letters = st.characters(exclude_categories=("C", "Z"), include_characters=' <>&"\n\x1b')
emotions = st.text(letters, min_size=1, max_size=12)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Of one or two channels, whose segments follow each other with gaps or without, at milliseconds."""
    classes = tuple(draw(st.lists(emotions.map(str.strip).filter(bool), min_size=2, max_size=3, unique=True)))
    assume(all(parse_emotion(name)[1] is None for name in classes))  # a class called `sad 5 %`
    channels, mixed = draw(st.integers(1, 2)), draw(st.booleans())
    segments = []
    for channel in range(channels):
        times = draw(st.lists(st.integers(0, 40_000_000), max_size=6, unique=True).map(sorted))
        for start, end in zip(times[::2], times[1::2], strict=False):
            confidence = draw(st.integers(0, 10_000)) / 10_000
            probabilities = dict.fromkeys(classes, 0.0) | {classes[0]: confidence}
            number = None if mixed and channels == 1 else channel
            segments.append(
                Segment(
                    start / 1000,
                    end / 1000,
                    number,
                    draw(st.sampled_from(classes)),
                    confidence,
                    probabilities,
                    "call.wav",
                )
            )
    return Timeline("call.wav", 40_001.0, channels, classes, by_start(segments))


def read(folder: Path, ending: str, timeline: Timeline) -> list[transcripts.GivenSegment]:
    path = folder / f"call{ending}"
    formats.write(path, timeline)
    return list(transcripts.read(path))


def spans(segments) -> list[tuple]:
    return [(each.start, each.end) for each in segments]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("formats")


@pytest.mark.parametrize("ending", TABLES)
def test_tables_hold_everything(folder, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow")

    @settings(max_examples=30)
    @given(timelines())
    def holds(timeline: Timeline) -> None:
        found = read(folder, ending, timeline)
        assert [(each.start, each.end, each.channel, each.label, each.confidence, each.file) for each in found] == [
            (each.start, each.end, each.channel, each.emotion, each.confidence, each.file) for each in timeline.segments
        ]

    holds()


@pytest.mark.parametrize("ending", SUBTITLES)
def test_subtitles_hold_the_emotion_and_whole_per_cents(folder, ending):
    @settings(max_examples=30)
    @given(timelines())
    def holds(timeline: Timeline) -> None:
        found = read(folder, ending, timeline)
        assert spans(found) == spans(timeline.segments)
        for each, segment in zip(found, timeline.segments, strict=True):
            assert each.label == formats.printable(segment.emotion)
            assert each.confidence == pytest.approx(segment.confidence, abs=0.005001)
            assert each.channel == (segment.channel if timeline.channels > 1 else None)
            assert each.speaker == ""

    holds()


def test_a_text_grid_holds_the_emotion_of_each_channel(folder):
    @settings(max_examples=30)
    @given(timelines())
    def holds(timeline: Timeline) -> None:
        found = read(folder, ".TextGrid", timeline)
        in_tiers = [each for channel in range(timeline.channels) for each in timeline.of_channel(channel)]
        assert spans(found) == spans(in_tiers)
        assert [each.text for each in found] == [formats.printable(each.emotion) for each in in_tiers]
        assert {each.channel for each in found} <= ({0, 1} if timeline.channels > 1 else {None})

    holds()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("angry 83 %", ("angry", 0.83)),
        ("sad", ("sad", None)),  # corrected by hand
        (" on hold 100 % ", ("on hold", 1.0)),
        ("angry 83%", ("angry", 0.83)),
        ("101 %", ("101 %", None)),
        ("sad 250 %", ("sad 250 %", None)),
        ("", ("", None)),
    ],
)
def test_emotion_and_confidence_of_a_text(text, expected):
    assert parse_emotion(text) == expected
