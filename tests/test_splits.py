import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect.errors import SettingsError, SplitError
from voxaffect.splits import SIDES, LeakySplit, Sides, Split, by_speaker, k_folds


@dataclass(frozen=True)
class Clip:
    id: str
    speaker: str
    sex: str = "female"


def clips(speakers: int, each: int = 2) -> list[Clip]:
    return [
        Clip(f"x/{speaker}-{number}", f"x/{speaker:02d}", "male" if speaker % 2 else "female")
        for speaker in range(speakers)
        for number in range(each)
    ]


def test_a_leak_cannot_be_built():
    with pytest.raises(SplitError, match="speaker x/01 is in train and in test; split by speaker"):
        Split("s", {"x/01": ("a",)}, {}, {"x/01": ("b",)})
    with pytest.raises(SplitError, match="speaker x/01 is in train and in dev"):
        Split("s", {"x/01": ("a",)}, {"x/01": ("b",)}, {})
    with pytest.raises(SplitError, match="utterance a is listed twice"):
        Split("s", {"x/01": ("a",)}, {}, {"x/02": ("a",)})


@given(st.integers(3, 30), st.integers(1, 3), st.integers(3, 8), st.integers(0, 5))
def test_folds_test_everybody_once_and_never_share(speakers, each, k, seed):
    if k > speakers:
        with pytest.raises(SettingsError, match="choose at least 3"):
            k_folds("f", clips(speakers, each), k, seed=seed)
        return
    folds = k_folds("f", clips(speakers, each), k, seed=seed)
    tested = [identity for split in folds for identity in split.ids("test")]
    assert sorted(tested) == sorted(clip.id for clip in clips(speakers, each))
    for split in folds:
        sides = [set(getattr(split, side)) for side in SIDES]
        assert len(set.union(*sides)) == sum(map(len, sides)) == speakers


def test_folds_balance_sex():
    for split in k_folds("f", clips(24), 4):
        men = sum(int(speaker[-2:]) % 2 for speaker in split.test)
        assert men == 3


def test_json_round_trip_and_selection(tmp_path):
    split = by_speaker("s", clips(4), dev=["x/01"], test=["x/02"])
    split.write(tmp_path / "s.json")
    again = Split.read(tmp_path / "s.json")
    assert again == split
    assert [clip.speaker for clip in again.select(clips(4), "test")] == ["x/02", "x/02"]
    with pytest.raises(SplitError, match="2 of 2 test utterances are not there"):
        again.select(clips(2), "test")


def test_files_that_are_not_splits(tmp_path):
    path = tmp_path / "s.json"
    with pytest.raises(SplitError, match="cannot be read"):
        Split.read(path)
    for content, reason in (
        ("{", "is not JSON"),
        ("[]", "is not a split of schema 1"),
        ('{"schema": 2}', "is not a split of schema 1"),
        ('{"schema": 1, "name": "s", "train": {}}', "lacks a part"),
        (
            json.dumps({"schema": 1, "name": "s", "train": {"a": ["1"]}, "dev": {}, "test": {"a": ["2"]}}),
            "is in train and in test",
        ),
    ):
        path.write_text(content)
        with pytest.raises(SplitError, match=reason):
            Split.read(path)


def test_unknown_speakers_are_named():
    with pytest.raises(SplitError, match="speaker x/09 has no utterance"):
        by_speaker("s", clips(2), test=["x/09"])


def test_a_leak_on_purpose_says_so():
    sides = {"train": {"c/1": ("a",)}, "dev": {"c/1": ("b",)}, "test": {"c/2": ("c",)}}
    leaky = LeakySplit("article-leaky", **sides)
    assert not leaky.speakers_apart
    with pytest.raises(SplitError, match="leaks and does not say so; name it article-leaky"):
        LeakySplit("article", **sides)
    with pytest.raises(SplitError, match="speaker c/1 is in train and in dev"):
        Split("article-leaky", **sides)


@pytest.mark.parametrize(
    "sides",
    [
        {"train": {"c/1": ("a",)}, "dev": {}, "test": {"c/1": ("b",)}},
        {"train": {}, "dev": {"c/1": ("a",)}, "test": {"c/1": ("b",)}},
        {"train": {"c/1": ("a",)}, "dev": {"c/1": ("b",)}, "test": {}},
    ],
)
def test_speakers_apart(sides):
    assert not LeakySplit("x-leaky", **sides).speakers_apart


def test_copies_train_and_nothing_else():
    split = Split("x", {"c/1": ("a",), "c/2": ("b",)}, {"c/3": ("d",)}, {"c/4": ("e",)})
    more = split.with_copies([Clip("a+noise", "c/1"), Clip("b+noise", "c/2"), Clip("a+gain", "c/1")])
    assert more.train == {"c/1": ("a", "a+noise", "a+gain"), "c/2": ("b", "b+noise")}
    assert (more.dev, more.test) == (split.dev, split.test)
    assert isinstance(more, Split)


def test_sides_that_nobody_checks_cannot_be_built():
    with pytest.raises(TypeError, match="build a Split, or a LeakySplit"):
        Sides("fine", {"c/1": ("a",)}, {"c/1": ("b",)}, {})
