import shutil
from collections import Counter
from pathlib import Path

import pytest

from voxaffect import corpora
from voxaffect.corpora import ravdess as module
from voxaffect.errors import CorpusError, SettingsError


def test_the_name_is_read_whole():
    utterance = module.RAVDESS.parse(Path("/x/03-02-06-02-01-02-12.flac"))
    assert utterance.id == "ravdess/03-02-06-02-01-02-12"
    assert (utterance.speaker, utterance.sex) == ("ravdess/12", "female")
    assert (utterance.emotion, utterance.style, utterance.intensity) == ("fearful", "song", "strong")
    assert (utterance.text, utterance.take) == ("Kids are talking by the door", "02")


@pytest.mark.parametrize(
    "stem",
    [
        "03-01-09-01-01-01-01",
        "03-01-05-01-01-01-25",
        "03-01-05-01-01-01-00",
        "01-01-05-01-01-01-01",
        "notes",
        "03-01-01-02-01-01-01",
        "03-02-07-01-01-01-01",
        "03-02-05-01-01-01-18",
    ],
)
def test_other_names_are_not_ravdess(stem):
    assert module.RAVDESS.parse(Path(f"{stem}.wav")) is None


def test_the_release_has_its_published_size():
    assert {style: group.clips for style, group in module.RAVDESS.expected().items()} == {"speech": 1440, "song": 1012}


def test_the_articles_table(ravdess):
    corpus = corpora.load("ravdess", ravdess)
    counts = Counter((each.style, each.emotion, each.sex) for each in corpus.utterances)
    assert len(corpus.utterances) == 2452
    assert len(corpus.speakers) == 24
    for sex in ("male", "female"):
        assert counts["speech", "neutral", sex] == 48
        for emotion in ("calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"):
            assert counts["speech", emotion, sex] == 96
    for emotion in ("calm", "happy", "sad", "angry", "fearful"):
        assert (counts["song", emotion, "male"], counts["song", emotion, "female"]) == (96, 88)
    assert counts["song", "neutral", "male"] + counts["song", "neutral", "female"] == 92
    assert not corpus.missing
    assert not corpus.duplicates
    assert not corpus.unreadable


def test_a_nested_second_copy_is_counted_once(made_up, tmp_path):
    folder = tmp_path / "archive"
    shutil.copytree(made_up, folder)
    shutil.copytree(made_up, folder / "audio_speech_actors_01-24")
    corpus = corpora.load("ravdess", folder)
    assert len(corpus.utterances) == len(corpus.duplicates) == 128
    # The outer one is kept.
    assert all("audio_speech_actors_01-24" not in str(each.path) for each in corpus.utterances)


def test_without_actor_folders(made_up, tmp_path):
    for path in made_up.rglob("*.wav"):
        shutil.copy(path, tmp_path)
    assert len(corpora.load("ravdess", tmp_path).utterances) == 128


def test_what_is_wrong_is_named(made_up, tmp_path):
    shutil.copytree(made_up, tmp_path, dirs_exist_ok=True)
    first, second, *_ = sorted(tmp_path.rglob("*.wav"))
    first.write_bytes(b"")
    second.unlink()
    (tmp_path / "holiday.wav").write_bytes(b"")
    corpus = corpora.load("ravdess", tmp_path)
    assert [path for path, _ in corpus.unreadable] == [first]
    assert [path.name for path in corpus.unrecognised] == ["holiday.wav"]
    assert len(corpus.utterances) == 126
    assert f"ravdess/{second.stem}" in corpus.missing["speech"].ids
    assert corpus.missing["speech"].clips == 1440 - 126
    assert corpus.missing["song"].clips == 1012


def test_a_folder_that_is_not_there_or_not_ravdess(tmp_path):
    with pytest.raises(CorpusError, match="is not a folder"):
        corpora.load("ravdess", tmp_path / "absent")
    with pytest.raises(CorpusError, match="none of its 0 recordings"):
        corpora.load("ravdess", tmp_path)
    with pytest.raises(SettingsError, match="choose one of ravdess"):
        corpora.load("nope", tmp_path)
