"""Commands on recordings of one's own."""

import csv
import json
import pickle

import pytest

from voxaffect import corpora, load
from voxaffect.apps.cli import main
from voxaffect.card.scores import Scores

TRAIN = [
    "--set",
    "training.epochs=1",
    "--set",
    "training.sampling.clips_per_epoch=64",
    "--set",
    "network.channels=[4, 8]",
    "--set",
    "training.sampling.batch_size=8",
    "--threads",
    "1",
]


@pytest.fixture
def mine(made_up, tmp_path):
    """The made-up corpus as a table of one's own, whose label RAVDESS does not have."""
    with (tmp_path / "mine.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "mood", "who", "gender"])
        for each in corpora.load("ravdess", made_up).utterances:
            mood = "on hold" if each.emotion == "neutral" else each.emotion
            table.writerow([each.path, mood, each.speaker.split("/")[1], each.sex])
    return tmp_path / "mine.csv"


def run(capsys, *words):
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_table_of_ones_own_becomes_a_bundle(mine, tmp_path, capsys):
    columns = ["--columns", "label=mood,speaker=who"]
    code, out, err = run(capsys, "train", mine, *columns, "--out", tmp_path / "model", *TRAIN)
    assert (code, "SPEAKERS ARE UNKNOWN" in err) == (0, False)
    assert "4 classes" in out
    card = load(tmp_path / "model").bundle.card
    assert card.classes == ("angry", "happy", "on hold", "sad")
    assert card.licence == "not stated"
    split = card.training.split
    assert len(split.train) + len(split.dev) + len(split.test) == 8
    assert split.train[0].startswith("mine/")
    assert card.scores.by_sex.keys() <= {"female", "male"}
    code, out, err = run(capsys, "evaluate", tmp_path / "model", mine, *columns, "--json")
    assert (code, json.loads(out)["utterances"]) == (0, 128)
    assert "LEAKY" in err
    words = ["evaluate", tmp_path / "model", mine, *columns, "--conditions"]
    code, out, _ = run(capsys, *words, "mu-law,babble-5")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[-4:]] == ["UAR", "clean", "mu-law", "babble-5"]
    code, out, err = run(capsys, *words, "cave")
    assert (code, out, "choose among all, telephone" in err) == (2, "", True)


def test_without_speakers_it_says_so_and_gives_no_score(mine, tmp_path, capsys, monkeypatch):
    words = ["--columns", "label=mood", "--out"]
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "train", mine, *words[:2], *TRAIN)
    assert code == 0
    assert "SPEAKERS ARE UNKNOWN in mine" in err
    assert "--columns speaker=NAME, or find them in the files' names by --speaker" in err
    assert "UAR" not in out
    assert out.startswith("mine-model: epoch 1 of 1")
    card = load(tmp_path / "mine-model").bundle.card
    assert (card.scores, card.training.split.train) == (Scores(), ("mine/?",))
    code, out, _ = run(capsys, "info", "mine-model")
    assert "of unknown speakers, epoch 1 of 1" in out
    code, out, err = run(capsys, "evaluate", "mine-model", mine, *words[:2])
    assert (code, "the speakers that it was trained on are unknown" in err) == (0, True)
    assert out.startswith("128 utterances of unknown speakers")
    code, _, err = run(
        capsys, "train", mine, *words[:2], *TRAIN, "--set", "training.baseline_head=true", "--out", "other"
    )
    assert (code, "speakers are unknown" in err) == (2, True)
    code, _, err = run(capsys, "split", mine, "--folds", "5", *words, tmp_path / "folds")
    assert code == 2
    assert "a split keeps speakers apart, and these are unknown" in err
    assert not (tmp_path / "folds").exists()


def test_a_corpus_is_known_under_whatever_name(made_up, tmp_path, capsys):
    """Official file names tell who speaks where a table does not."""
    heard = [each for each in corpora.load("ravdess", made_up).utterances if each.speaker == "ravdess/01"]
    lines = [f"{each.path},{each.emotion},somebody" for each in heard if each.emotion in load().classes]
    (tmp_path / "new.csv").write_text("\n".join(["file,label,speaker", *lines]))
    code, _, err = run(capsys, "evaluate", "common4", tmp_path / "new.csv")
    assert (code, "LEAKY: it was trained on 1 of these speakers, ravdess/01 first" in err) == (0, True)


def test_a_class_that_no_recording_has(mine, tmp_path, capsys):
    words = ["--columns", "label=mood,speaker=who", "--out", tmp_path / "model", *TRAIN]
    code, _, err = run(capsys, "train", mine, *words, "--set", "training.scheme=crema-6")
    assert (code, "no training recording is disgust or fearful or neutral" in err) == (0, True)


def test_speakers_from_the_files_names_and_another_corpus_beside(mine, made_up, tmp_path, capsys):
    words = ["--columns", "label=mood", "--speaker", "Actor_([0-9]+)/", "--corpus", f"ravdess={made_up}"]
    code, _, err = run(capsys, "split", mine, *words, "--folds", "4", "--out", tmp_path / "folds")
    assert (code, err) == (0, "")
    split = json.loads((tmp_path / "folds" / "fold1.json").read_text())
    assert {speaker.split("/")[0] for speaker in split["train"]} == {"mine", "ravdess"}
    code, _, err = run(capsys, "split", mine, mine, *words[:4], "--folds", "4", "--out", tmp_path / "other")
    assert (code, "two of the sources are called mine" in err) == (2, True)


def test_what_has_no_class_is_counted(made_up, tmp_path, capsys):
    words = ["--corpus", f"ravdess={made_up}", "--set", "training.scheme=article-5", "--out", tmp_path / "model"]
    code, _, err = run(capsys, "train", *words, *TRAIN)
    assert code == 0
    assert "32 of 128 utterances have no class in article-5 and are left out: 32 neutral" in err


def given(mine, *sides):
    """The table with a column of sides, by speaker."""
    with mine.open(newline="") as file:
        head, *rows = csv.reader(file)
    with mine.open("w", newline="") as file:
        csv.writer(file).writerows([[*head, "split"], *([*row, sides[int(row[2]) - 1]] for row in rows)])
    return mine


def test_the_split_that_a_source_gives(mine, tmp_path, capsys):
    given(mine, *["train"] * 5, "validation", "test", "test")
    words = ["--columns", "label=mood,speaker=who"]
    code, out, err = run(capsys, "split", mine, *words, "--given", "--out", tmp_path / "s.json")
    assert (code, err) == (0, "")
    assert "train 80 of 5 speakers, dev 16 of 1 speaker, test 32 of 2 speakers" in out
    code, out, err = run(capsys, "split", mine, *words, "--given", "--folds", "3")
    assert (code, "--given are four ways to split; choose one" in err) == (2, True)
    code, out, err = run(capsys, "evaluate", "common4", mine, *words, "--split", "given", "--side", "dev", "--json")
    assert (code, json.loads(out)["speakers"], "1 speaker" in err) == (0, 1, False)
    assert ["class", "dev", "speakers"] in [line.split() for line in err.splitlines()]
    assert "name an emotion by --labels 'on hold=EMOTION'" in err


def test_a_split_that_is_given_without_speakers_is_called_leaky(mine, tmp_path, capsys):
    given(mine, *["train"] * 5, "dev", "test", "test")
    words = ["--columns", "label=mood", "--labels", "on hold=neutral", "--out", tmp_path / "model"]
    code, out, err = run(capsys, "train", mine, *words, "--split", "given", *TRAIN)
    assert (code, "SPEAKERS ARE UNKNOWN" in err) == (0, True)
    assert "32 utterances of unknown speakers" in out
    card = load(tmp_path / "model").bundle.card
    assert card.classes == ("angry", "happy", "neutral", "sad")
    assert (card.training.split.name, card.training.split.speaker_disjoint) == ("mine/given-leaky", False)
    assert card.scores.on.endswith("mine/given-leaky")
    code, out, err = run(capsys, "split", mine, *words[:2], "--given", "--out", tmp_path / "s.json")
    assert (code, "a split keeps speakers apart, and these are unknown" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["split", "mine.csv", "--labels", "a=angry,b"], "--labels 'a=angry,b' is not NAME=VALUE,...; write it as"),
        (["split", "--corpus", "ravdess=x", "--labels", "a=angry"], "--labels is for recordings of your own"),
        (["split", "--folds", "5"], "no recordings are named; give a table, a folder, or a known corpus"),
        (["split", "--corpus", "ravdess=x", "--root", "y", "--folds", "5"], "--root is for recordings of your own"),
        (["split", "mine.csv", "--columns", "label", "--folds", "5"], "is not NAME=VALUE"),
    ],
)
def test_sources_that_make_no_sense(words, reason, capsys, tmp_path):
    code, out, err = run(capsys, *words, "--out", tmp_path / "x")
    assert (code, out) == (2, "")
    assert reason in err
    assert err.count("\n") == 1


def test_every_corpus_can_be_handed_to_another_process():
    for each in corpora.CORPORA.values():
        assert pickle.loads(pickle.dumps(each)) == each
