import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora, labels
from voxaffect.corpora import emotale as module
from voxaffect.errors import CorpusError

HEAD = ["file", *(f"a{n}_{what}" for n in (1, 2, 3) for what in ("A", "V", "D", "cat")), "gt_emotion"]
ROW = ["DK_001_B_1.wav", "2.0", "2.5", "2.0", "B", "1.5", "2.0", "1.0", "N", "2.0", "2.0", "2.5", "B", "B"]


def archive(folder: Path, head: list[str] = HEAD, row: list[str] = ROW) -> Path:
    """Two clips and the tables as in the owners' archive."""
    (folder / "wav").mkdir()
    for name in ("DK_001_B_1", "EN_019_A_1", "EN_004_A_1"):
        soundfile.write(folder / "wav" / f"{name}.wav", np.zeros(480, np.float32), 48_000)
    for name, rows in {
        module.ANNOTATIONS: [head, row],
        module.SPEAKERS: [["speaker", "gender", "age"], ["001", "F", "22"], ["004", "M", "24"]],
    }.items():
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def test_what_listeners_heard_is_added(tmp_path):
    corpus = corpora.load("emotale", archive(tmp_path))
    bored, angry = corpus.utterances
    assert (bored.speaker, bored.sex, bored.age, bored.emotion) == ("emotale/001", "female", 22, "bored")
    assert bored.votes == {"angry": 0, "bored": 2, "happy": 0, "neutral": 1, "sad": 0}
    assert bored.ratings == {"arousal": (2.0, 1.5, 2.0), "valence": (2.5, 2.0, 2.0), "dominance": (2.0, 1.0, 2.5)}
    assert (angry.sex, angry.age, angry.votes, angry.ratings) == ("male", 24, {}, {})
    # Speaker 019 speaks Danish alone.
    assert [path.stem for path in corpus.unrecognised] == ["EN_019_A_1"]
    assert corpus.missing["speech"].clips == 798


def test_votes_are_a_target(tmp_path):
    bored = corpora.load("emotale", archive(tmp_path)).utterances[0]
    shares = labels.listener_distribution(labels.SCHEMES["emotale-5"], bored.votes)
    assert shares == pytest.approx((0, 2 / 3, 0, 1 / 3, 0))


def test_without_tables_only_the_names_speak(tmp_path):
    archive(tmp_path)
    (tmp_path / module.ANNOTATIONS).unlink()
    (tmp_path / module.SPEAKERS).unlink()
    bored, angry = corpora.load("emotale", tmp_path).utterances
    assert (bored.sex, bored.age, bored.votes, bored.ratings) == (None, None, {}, {})
    assert (bored.text, angry.text) == ("EmoTale DK 1", "EmoTale EN 1")


@pytest.mark.parametrize(
    ("head", "row", "error"),
    [
        (HEAD[:9], ROW[:9], "has no column 'a3_A'"),
        (HEAD, [*ROW[:4], "X", *ROW[5:]], "cannot be read"),
        (HEAD, [ROW[0], "high", *ROW[2:]], "cannot be read"),
        (HEAD, ROW[:6], "cannot be read"),
    ],
)
def test_a_damaged_table(head, row, error, tmp_path):
    with pytest.raises(CorpusError, match=rf"annotations.csv: {error}.*; take the table from https"):
        corpora.load("emotale", archive(tmp_path, head, row))


@pytest.mark.parametrize("stem", ["DK_002_A_1", "EN_014_A_1", "DK_001_F_1", "DK_001_A_6", "SE_001_A_1", "DK_1_A_1"])
def test_other_names_are_not_of_the_release(stem):
    assert module.EMOTALE.parse(Path(f"{stem}.wav")) is None


def test_a_speaker_is_one_in_both_languages():
    danish, english = (module.EMOTALE.parse(Path(f"{each}_007_S_5.wav")) for each in ("DK", "EN"))
    assert danish.speaker == english.speaker
    assert danish.text != english.text


def test_it_is_for_tests():
    assert module.EMOTALE.licence == corpora.NO_LICENCE
    assert not module.EMOTALE.commercial


def test_the_real_corpus(data):
    if not (data / "emotale").is_dir():
        pytest.skip("real recordings: emotale is not there")
    corpus = corpora.load("emotale", data / "emotale")
    assert Counter(each.emotion for each in corpus.utterances) == dict.fromkeys(
        ("angry", "bored", "happy", "neutral", "sad"), 160
    )
    assert len(corpus.speakers) == 18
    assert not corpus.missing
    assert not corpus.unrecognised
    people = {each.speaker: (each.sex, each.age) for each in corpus.utterances}
    assert Counter(sex for sex, _ in people.values()) == {"female": 12, "male": 6}
    assert sum(age <= 12 for _, age in people.values()) == 3
    assert {sum(each.votes.values()) for each in corpus.utterances} == {3}
    ratings = [each.ratings for each in corpus.utterances]
    assert {name for each in ratings for name in each} == {"arousal", "valence", "dominance"}
    assert all(1 <= value <= 5 for each in ratings for values in each.values() for value in values)
    # Anger is aroused and unpleasant, boredom neither aroused nor pleasant (Russell 1980).
    mean = {
        (dimension, emotion): np.mean(
            [each.ratings[dimension] for each in corpus.utterances if each.emotion == emotion]
        )
        for dimension in ("arousal", "valence")
        for emotion in ("angry", "bored", "happy")
    }
    assert mean["arousal", "angry"] > mean["arousal", "bored"] + 1
    assert mean["valence", "happy"] > mean["valence", "angry"] + 1
