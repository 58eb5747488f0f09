from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.corpora import emovo as module


def check(utterances) -> None:
    emotions = ["angry", "disgust", "fearful", "happy", "neutral", "sad", "surprised"]
    assert Counter(each.emotion for each in utterances) == dict.fromkeys(emotions, 84)
    assert {each.speaker: each.sex for each in utterances} == {
        f"emovo/{sex[0]}{number}": sex for sex in ("female", "male") for number in (1, 2, 3)
    }
    sentences = Counter(each.text for each in utterances)
    assert len(sentences) == 14
    assert set(sentences.values()) == {6 * 7}


def test_the_release_has_its_published_counts():
    check([module.EMOVO.parse(Path(f"{identity}.wav")) for identity in module.EMOVO.expected()["speech"].ids])


def test_clips_of_the_owners_folders(tmp_path):
    for name in ("f1/gio-f1-b1.wav", "m3/tri-m3-d2.wav", "f1/readme-f1.wav"):
        path = tmp_path / "EMOVO" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(480, np.float32), 48_000)
    corpus = corpora.load("emovo", tmp_path)
    assert [(each.id, each.emotion, each.text) for each in corpus.utterances] == [
        ("emovo/gio-f1-b1", "happy", "EMOVO b1"),
        ("emovo/tri-m3-d2", "sad", "EMOVO d2"),
    ]
    assert [path.stem for path in corpus.unrecognised] == ["readme-f1"]
    assert corpus.missing["speech"].clips == 586


@pytest.mark.parametrize(
    ("code", "emotion"), [("rab", "angry"), ("pau", "fearful"), ("gio", "happy"), ("tri", "sad"), ("sor", "surprised")]
)
def test_italian_emotions(code, emotion):
    assert module.EMOVO.parse(Path(f"m2/{code}-m2-l4.wav")).emotion == emotion


@pytest.mark.parametrize("stem", ["dis-f4-b1", "dis-f1-b4", "dis-f1-d3", "ang-f1-b1", "dis-f1", "f1-dis-b1"])
def test_other_names_are_not_of_the_release(stem):
    assert module.EMOVO.parse(Path(f"{stem}.wav")) is None


def test_it_is_for_tests():
    assert module.EMOVO.licence == corpora.NO_LICENCE
    assert not module.EMOVO.commercial


def test_the_real_corpus(data):
    if not (data / "emovo").is_dir():
        pytest.skip("real recordings: emovo is not there")
    corpus = corpora.load("emovo", data / "emovo")
    check(corpus.utterances)
    assert not corpus.missing
    assert not corpus.unrecognised
