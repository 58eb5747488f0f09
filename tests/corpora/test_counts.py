from pathlib import Path

from voxaffect.apps.cli.terminal import table_text
from voxaffect.corpora import Utterance
from voxaffect.corpora.counts import FEW, FEW_TOGETHER, count, doubts
from voxaffect.labels import scheme


def clips(speaker: str, **emotions: int) -> list[Utterance]:
    return [
        Utterance(f"m/{speaker}-{emotion}-{number}", Path("x.wav"), f"m/{speaker}", None, emotion)
        for emotion, clips in emotions.items()
        for number in range(clips)
    ]


def doubted(**emotions: int) -> list[str]:
    return doubts(count({"train": clips("a", **emotions)}, scheme(",".join(emotions))))


def test_clips_and_speakers_of_each_class_and_side():
    sides = {"train": clips("a", angry=3, calm=2) + clips("b", sad=1), "test": clips("c", angry=2, other=9)}
    counts = count(sides, scheme("angry,happy,sad"), ["calm"])
    assert table_text(counts.to_rows()).splitlines() == [
        "class     train  test  speakers",
        "angry         3     2         2",
        "happy         0     0         0",
        "sad           1     0         1",
        "calm          2     0         1",
        "all           6     2",
        "speakers      2     1",
    ]


def test_unknown_speakers_are_not_counted():
    counts = count({"clips": clips("?", angry=3, sad=1)}, scheme("angry,sad"))
    assert [row["speakers"] for row in counts.to_rows()] == [None] * 4
    assert counts.speakers == {"clips": None}


def test_classes_by_sex_are_counted_as_such():
    woman = Utterance("m/1", Path("x.wav"), "m/a", "female", "angry")
    counts = count({"train": [woman]}, scheme("article-10"))
    assert {name for name, number in counts.clips["train"].items() if number} == {"female angry"}


def test_small_numbers_are_doubted():
    assert doubted(angry=90, sad=85) == []
    assert doubted(angry=90, sad=85, happy=0) == []  # that it is absent is another warning
    (few,) = doubted(angry=90, sad=FEW - 1, happy=FEW, calm=2)
    assert few.startswith("few clips of a class to train on: 9 sad, 2 calm; record 10 or more")
    (all_few,) = doubted(angry=4, sad=6)
    assert all_few.startswith("10 clips (4 angry, 6 sad) are too few to train on")
    assert doubted(angry=FEW_TOGETHER // 2, sad=FEW_TOGETHER // 2) == []
