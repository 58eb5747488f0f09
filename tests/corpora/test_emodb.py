from collections import Counter
from pathlib import Path

import pytest

from voxaffect import corpora
from voxaffect.corpora import emodb as module


def test_the_name_is_read_whole():
    utterance = module.EMODB.parse(Path("wav/16b10Wb.wav"))
    assert (utterance.id, utterance.speaker) == ("emodb/16b10Wb", "emodb/16")
    assert (utterance.sex, utterance.age, utterance.emotion, utterance.take) == ("female", 31, "angry", "b")
    assert utterance.text == "Die wird auf dem Platz sein, wo wir sie immer hinlegen."


@pytest.mark.parametrize("stem", ["03a01Fz", "17a01Fa", "03a03Fa", "03a01Xa", "3a01Fa"])
def test_other_names_are_not_of_the_release(stem):
    assert module.EMODB.parse(Path(f"{stem}.wav")) is None


def test_the_release_has_its_published_counts():
    emotions = Counter(
        module.EMODB.codes["emotion"][identity[-2]] for identity in module.EMODB.expected()["speech"].ids
    )
    assert emotions == {
        "angry": 127,
        "bored": 81,
        "disgust": 46,
        "fearful": 69,
        "happy": 71,
        "neutral": 79,
        "sad": 62,
    }


def test_the_real_corpus(data):
    if not (data / "emodb").is_dir():
        pytest.skip("real recordings: emodb is not there")
    corpus = corpora.load("emodb", data / "emodb")
    assert len(corpus.utterances) == 535
    assert len(corpus.speakers) == 10
    assert not corpus.missing
    assert not corpus.unrecognised
