import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voxaffect import corpora
from voxaffect.corpora import nemo as module
from voxaffect.errors import CorpusError

HEAD = ["file_id", "emotion", "raw_text", "normalized_text", "speaker_id", "gender", "age"]
ROWS = [
    ["WR0_surprised_64.wav", "surprised", "Jedno zdanie.", "jedno zdanie", "        WR0", "male", "23"],
    ["EB0_anger_64.wav", "anger", "Jedno zdanie.", "jedno zdanie", "        EB0", "female", "27"],
]


def archive(folder: Path, rows: list[list[str]]) -> Path:
    """Three clips and the table as in the owners' archive, which is 24 kHz WAV."""
    (folder / "samples").mkdir()
    for name in ("WR0_surprised_64", "EB0_anger_64", "EB0_anger_65"):
        soundfile.write(folder / "samples" / f"{name}.wav", np.zeros(2400, np.float32), 24_000)
    with (folder / module.TABLE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter="\t").writerows(rows)
    return folder


@pytest.mark.parametrize(
    "stem",
    ["WR0_happy_64", "WR0_anger_0", "WR0_anger_91", "XX0_anger_1", "MK0_surprised_1", "MP0_fear_6", "SM0_fear_18"],
)
def test_other_names_are_not_of_the_release(stem):
    assert module.NEMO.parse(Path(f"{stem}.wav")) is None


def test_what_the_owners_table_says_is_added(tmp_path):
    other, first, second = sorted(
        corpora.load("nemo", archive(tmp_path, [HEAD, *ROWS])).utterances, key=lambda each: each.id[-2:] != "65"
    )
    assert (first.speaker, first.emotion, first.sex, first.age) == ("nemo/EB0", "angry", "female", 27)
    assert (second.speaker, second.emotion, second.sex, second.age) == ("nemo/WR0", "surprised", "male", 23)
    assert first.text == second.text == "Jedno zdanie."
    # Of a clip that the table lacks, the number of its sentence is known.
    assert (other.sex, other.age, other.text) == (None, None, "nEMO 65")


def test_without_the_table_only_the_names_speak(tmp_path):
    (archive(tmp_path, [HEAD]) / module.TABLE).unlink()
    corpus = corpora.load("nemo", tmp_path)
    assert [each.text for each in corpus.utterances] == ["nEMO 64", "nEMO 65", "nEMO 64"]
    assert {each.sex for each in corpus.utterances} == {None}
    assert corpus.missing["speech"].clips == 4478


def test_a_damaged_table(tmp_path):
    archive(tmp_path, [HEAD[:-1], *ROWS])
    with pytest.raises(CorpusError, match=r"data.tsv: has no column 'age'; take the table from https"):
        corpora.load("nemo", tmp_path)
    (tmp_path / module.TABLE).write_text("\t".join(HEAD) + "\nWR0_surprised_64.wav\tsurprised\tx\tx\tWR0\t?\t23\n")
    with pytest.raises(CorpusError, match=r"data.tsv: cannot be read"):
        corpora.load("nemo", tmp_path)


def test_the_real_corpus(data):
    if not (data / "nemo").is_dir():
        pytest.skip("real recordings: nemo is not there")
    corpus = corpora.load("nemo", data / "nemo")
    assert len(corpus.utterances) == 4481
    assert not corpus.missing
    assert not corpus.unrecognised
    emotions = {"angry": 749, "fearful": 736, "happy": 749, "neutral": 809, "sad": 769, "surprised": 669}
    assert Counter(each.emotion for each in corpus.utterances) == emotions
    speakers = {each.speaker: (each.sex, each.age) for each in corpus.utterances}
    assert Counter(sex for sex, _ in speakers.values()) == {"female": 4, "male": 5}
    assert speakers["nemo/EB0"] == ("female", 27)
    assert len({each.text for each in corpus.utterances}) == 90
    assert Counter(each.speaker for each in corpus.utterances)["nemo/MP0"] == 256
