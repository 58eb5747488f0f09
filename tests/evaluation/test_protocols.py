from pathlib import Path

import pytest

from voxaffect import corpora
from voxaffect.corpora.base import Utterance
from voxaffect.corpora.ravdess import expected, parse
from voxaffect.errors import SettingsError
from voxaffect.evaluation.protocols import PROTOCOLS, protocol


def released() -> list[Utterance]:
    return [
        utterance for group in expected().values() for each in group.ids if (utterance := parse(Path(f"{each}.wav")))
    ]


def test_luna_is_the_published_one():
    splits = protocol("ravdess-luna5").splits(released())
    tested = [[speaker.split("/")[1] for speaker in split.test] for split in splits]
    assert tested == [
        ["02", "05", "14", "15", "16"],
        ["03", "06", "07", "13", "18"],
        ["10", "11", "12", "19", "20"],
        ["08", "17", "21", "23", "24"],
        ["01", "04", "09", "22"],
    ]


@pytest.mark.parametrize("name", list(PROTOCOLS))
def test_everybody_is_tested_once_and_validates_apart(name):
    setup = protocol(name)
    splits = setup.splits(released())
    utterances = setup.utterances(released())
    assert sorted(each for split in splits for each in split.ids("test")) == sorted(each.id for each in utterances)
    for split in splits:
        assert len(split.dev) == 2
        assert {int(speaker[-2:]) % 2 for speaker in split.dev} == {0, 1}  # a man and a woman


def test_luna_is_about_all_1440(ravdess):
    setup = protocol("ravdess-luna5")
    assert len(setup.utterances(corpora.load("ravdess", ravdess).utterances)) == 1440


def test_an_unknown_one():
    with pytest.raises(SettingsError, match="choose one of ravdess-luna5"):
        protocol("nope")
