from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.corpora import savee as module


@pytest.fixture(scope="module", params=["folders", "flat"])
def archive(request, tmp_path_factory) -> Path:
    """All 480 names, as in the owners' archive and as copies have them in one folder."""
    folder = tmp_path_factory.mktemp("savee")
    for identity in module.SAVEE.expected()["speech"].ids:
        name = identity.removeprefix("savee/")
        path = folder / ("AudioData/" + name.replace("_", "/") if request.param == "folders" else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path.with_suffix(".wav"), np.zeros(441, np.float32), 44_100)
    return folder


def test_the_whole_release(archive):
    corpus = corpora.load("savee", archive)
    counts = Counter((each.speaker, each.emotion) for each in corpus.utterances)
    assert len(corpus.utterances) == 480
    assert corpus.speakers == ("savee/DC", "savee/JE", "savee/JK", "savee/KL")
    assert {each.sex for each in corpus.utterances} == {"male"}
    assert {count for (_, emotion), count in counts.items() if emotion != "neutral"} == {15}
    assert {count for (_, emotion), count in counts.items() if emotion == "neutral"} == {30}
    assert not corpus.missing
    assert not corpus.unrecognised


@pytest.mark.parametrize("path", ["JK/a16.wav", "JK/n31.wav", "XX/a01.wav", "a01.wav", "JK/s01.wav", "JK/a1.wav"])
def test_other_names_are_not_savee(path):
    assert module.SAVEE.parse(Path(path)) is None


def test_sad_and_surprised_are_not_mistaken_for_each_other():
    assert module.SAVEE.parse(Path("DC/sa01.wav")).emotion == "sad"
    assert module.SAVEE.parse(Path("DC_su01.wav")).emotion == "surprised"
