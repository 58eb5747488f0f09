from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.corpora import emotiontts as module


def released() -> list[corpora.Utterance]:
    return [module.EMOTIONTTS.parse(Path(f"{name}.wav")) for name in module.EMOTIONTTS.expected()["speech"].ids]


def check(utterances) -> None:
    emotions = Counter(each.emotion for each in utterances)
    assert emotions == {"angry": 75, "happy": 75, "neutral": 75, "sad": 75}
    assert Counter({each.speaker: each.sex for each in utterances}.values()) == {"female": 7, "male": 8}
    assert set(Counter(each.speaker for each in utterances).values()) == {20}


def test_the_release_has_its_published_counts():
    check(released())


def test_clips_of_the_owners_folders(tmp_path):
    for name in ("plain-to-emotional/ema/ema00101", "emotional-to-emotional/neo/neo00204", "emotional/neo/neo00206"):
        path = tmp_path / "Emotional" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.zeros(220, np.float32), 22_050)
    corpus = corpora.load("emotiontts", tmp_path)
    assert [(each.id, each.speaker, each.emotion) for each in corpus.utterances] == [
        ("emotiontts/ema00101", "emotiontts/ema", "happy"),
        ("emotiontts/neo00204", "emotiontts/neo", "sad"),
    ]
    # Of the whole corpus, which its owners give to applicants, and not of the public twentieth.
    assert [path.stem for path in corpus.unrecognised] == ["neo00206"]


def test_sad_and_angry_are_as_the_scripts_say_and_not_as_the_readme_does():
    assert module.EMOTIONTTS.parse(Path("neo00204.wav")).emotion == "sad"
    assert module.EMOTIONTTS.parse(Path("neo00305.wav")).emotion == "angry"


def test_a_plain_text_is_one_sentence_in_all_emotions():
    texts = {each.id.removeprefix("emotiontts/"): each.text for each in released()}
    assert len({texts[name] for name in ("ema00001", "emh00101", "emg00201", "emb00301")}) == 1
    assert texts["nea00204"] == texts["neo00204"]
    assert len({texts[name] for name in ("nea00001", "nea00101", "nea00201", "nea00301", "ema00001")}) == 5


@pytest.mark.parametrize("stem", ["nea00006", "nea00000", "nea00401", "nea0001", "nef00001", "emc00001", "nea00100"])
def test_other_names_are_not_of_the_release(stem):
    assert module.EMOTIONTTS.parse(Path(f"{stem}.wav")) is None


def test_the_real_corpus(data):
    if not (data / "emotiontts").is_dir():
        pytest.skip("real recordings: emotiontts is not there")
    corpus = corpora.load("emotiontts", data / "emotiontts")
    check(corpus.utterances)
    assert not corpus.missing
    assert not corpus.unrecognised
