from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import audio, corpora
from voxaffect.corpora import tess as module

FOLDERS = {"fear": "fear", "ps": "pleasant_surprised"}


def write(folder: Path, speaker: str, word: str, emotion: str, rate: int = 24_414, kind: str = "WAV") -> Path:
    place = f"{'OAF' if speaker == 'OA' else speaker}_{FOLDERS.get(emotion, emotion)}"
    path = folder / place / f"{speaker}_{word}_{emotion}.wav"
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.full(rate // 10, 0.1, np.float32), rate, format=kind)
    return path


def test_the_quirks_of_the_release(tmp_path):
    write(tmp_path, "OA", "bite", "neutral")
    aiff = write(tmp_path, "YAF", "germ", "angry", kind="AIFF")
    fast = write(tmp_path, "YAF", "neat", "fear", rate=96_000)
    write(tmp_path, "YAF", "food", "ps")
    corpus = corpora.load("tess", tmp_path)
    found = {each.id: each for each in corpus.utterances}
    assert list(found) == ["tess/OAF_bite_neutral", "tess/YAF_food_ps", "tess/YAF_germ_angry", "tess/YAF_neat_fear"]
    assert found["tess/OAF_bite_neutral"].speaker == "tess/OAF"
    assert found["tess/YAF_food_ps"].emotion == "pleasantly surprised"
    assert not corpus.unreadable
    assert len(audio.load(aiff)) == len(audio.load(fast)) == 1600
    assert corpus.missing["speech"].clips == 2796
    assert corpus.missing["speech"].ids == ()


def test_the_misnamed_file_and_its_repaired_copy_are_one(tmp_path):
    write(tmp_path, "OA", "bite", "neutral")
    write(tmp_path, "OAF", "bite", "neutral")
    corpus = corpora.load("tess", tmp_path)
    assert len(corpus.utterances) == len(corpus.duplicates) == 1


@pytest.mark.parametrize("stem", ["OAF_back_surprise", "MAF_back_angry", "OAF_angry", "03-01-01-01-01-01-01"])
def test_other_names_are_not_tess(stem):
    assert module.TESS.parse(Path(f"{stem}.wav")) is None
