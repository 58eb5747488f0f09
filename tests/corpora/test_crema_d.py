import csv
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.corpora import crema_d as module
from voxaffect.errors import CorpusError


@pytest.fixture(scope="module")
def real(data):
    if not (data / "crema-d").is_dir():
        pytest.skip("real recordings: crema-d is not there")
    return corpora.load("crema-d", data / "crema-d")


def archive(folder: Path, names: list[str], endings: tuple[str, ...] = (".wav",)) -> Path:
    """Some clips and tables as in the owners' archive."""
    for ending in endings:
        place = folder / f"Audio{ending[1:].upper()}"
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            soundfile.write(place / f"{name}{ending}", np.zeros(1600, np.float32), 16_000)
    (folder / "processedResults").mkdir()
    table(folder / module.DEMOGRAPHICS, [["ActorID", "Age", "Sex"], ["1001", "51", "Male"], ["1002", "21", "Female"]])
    table(
        folder / "processedResults" / module.TABULATED,
        [
            ["", "A", "D", "F", "H", "N", "S", "fileName"],
            ["100001", "0", "0", "0", "1", "10", "0", "1001_IEO_NEU_XX"],
            ["300001", "9", "9", "9", "9", "9", "9", "1001_IEO_NEU_XX"],
        ],
    )
    return folder


def table(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.parametrize(
    "stem",
    ["1001_IEO_NEU_HI", "1001_DFA_ANG_LO", "1092_DFA_ANG_XX", "1008_WSI_ANG_XX", "1040_ITH_SAD_XX", "1001_DFA_ANG"],
)
def test_other_names_are_not_of_the_release(stem):
    assert module.CREMA_D.parse(Path(f"{stem}.wav")) is None


def test_the_clip_with_one_x():
    assert module.CREMA_D.parse(Path("1040_ITH_SAD_X.wav")).text == "I think I have a doctor's appointment"


def test_the_release_has_its_published_size():
    assert module.CREMA_D.clips == 7442


def test_what_the_owners_tables_say_is_added(tmp_path):
    corpus = corpora.load("crema-d", archive(tmp_path, ["1001_IEO_NEU_XX", "1002_DFA_ANG_XX", "1003_DFA_ANG_XX"]))
    first, second, third = corpus.utterances
    assert (first.sex, first.age, second.sex, second.age) == ("male", 51, "female", 21)
    # The votes of those who heard the voice alone.
    assert first.votes == {"angry": 0, "disgust": 0, "fearful": 0, "happy": 1, "neutral": 10, "sad": 0}
    assert (third.sex, third.age, second.votes) == (None, None, {})
    assert corpus.missing["speech"].clips == 7439


def test_without_tables_only_the_names_speak(tmp_path):
    archive(tmp_path, ["1001_IEO_HAP_LO"])
    shutil.rmtree(tmp_path / "processedResults")
    (tmp_path / module.DEMOGRAPHICS).unlink()
    (utterance,) = corpora.load("crema-d", tmp_path).utterances
    assert (utterance.emotion, utterance.intensity, utterance.sex, utterance.votes) == ("happy", "low", None, {})


def test_of_a_clip_as_wav_and_as_mp3_the_wav_is_kept(tmp_path):
    corpus = corpora.load("crema-d", archive(tmp_path, ["1001_IEO_HAP_LO"], (".mp3", ".wav")))
    assert [each.path.suffix for each in corpus.utterances] == [".wav"]
    assert len(corpus.duplicates) == 1


def test_a_table_without_its_column_or_cut_in_two(tmp_path):
    archive(tmp_path, ["1001_IEO_HAP_LO"])
    (tmp_path / module.DEMOGRAPHICS).write_text("ActorID,Sex\n1001,Male\n")
    with pytest.raises(CorpusError, match=r"VideoDemographics.csv: has no column 'Age'; take the table from https"):
        corpora.load("crema-d", tmp_path)
    (tmp_path / module.DEMOGRAPHICS).write_text("ActorID,Sex,Age\n1001,Male\n")
    with pytest.raises(CorpusError, match=r"VideoDemographics.csv: cannot be read"):
        corpora.load("crema-d", tmp_path)


def test_the_real_corpus(real):
    assert len(real.utterances) == 7442
    assert len(real.speakers) == 91
    assert not real.missing
    assert not real.unrecognised
    assert Counter(each.emotion for each in real.utterances) == {
        "angry": 1271,
        "disgust": 1271,
        "fearful": 1271,
        "happy": 1271,
        "neutral": 1087,
        "sad": 1271,
    }
    assert Counter(sex for sex in {each.speaker: each.sex for each in real.utterances}.values()) == {
        "male": 48,
        "female": 43,
    }


def test_listeners_of_the_voice_alone_agree_with_what_was_meant_in_two_fifths(real):
    voted = [each for each in real.utterances if each.votes]
    agree = sum(max(each.votes, key=each.votes.get) == each.emotion for each in voted)
    assert len(voted) == 7442
    assert 0.40 < agree / len(voted) < 0.46
