"""One's own recordings, cross-validated by speaker."""

import csv
import json

import numpy as np
import pytest

from voxaffect import bundle, corpora
from voxaffect.errors import SettingsError, VoxaffectWarning
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import summarise
from voxaffect.runs.executors import InProcess
from voxaffect.runs.folds import folds_of, rows
from voxaffect.runs.run import Run
from voxaffect.runs.train import train
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training.run_folder import LAST

TINY = [
    "training.epochs=1",
    "training.sampling.clips_per_epoch=64",
    "training.sampling.batch_size=8",
    "network.channels=[4]",
    "network.embedding=8",
    "input.window=0.5",
]


@pytest.fixture(scope="module")
def mine(made_up, tmp_path_factory):
    path = tmp_path_factory.mktemp("mine") / "mine.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file", "label", "speaker"])
        for each in corpora.load("ravdess", made_up).utterances:
            table.writerow([each.path, each.emotion, each.speaker.split("/")[1]])
    return path


def trained(mine, **options):
    options = {"executor": InProcess(), **options}
    return train(mine, overrides=TINY, folds=3, out=mine.parent / "m", threads=1, device="cpu", **options)


class Interrupted(InProcess):
    """Ctrl-C once the first fold is done."""

    def execute(self, function, runs):
        """As `InProcess`."""
        yield next(super().execute(function, runs))
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def first(mine):
    """When the first fold was trained, before an interruption."""
    with pytest.raises(KeyboardInterrupt):
        trained(mine, executor=Interrupted())
    return {path: path.stat().st_mtime_ns for path in (mine.parent / "m-run").rglob(LAST)}


@pytest.fixture(scope="module")
def whole(mine, first):
    with pytest.raises(SettingsError, match="holds a run already; `resume` goes on"):
        trained(mine)
    return trained(mine, resume=True)


def test_every_clip_is_predicted_by_the_fold_that_has_not_its_speaker(mine, whole):
    predictions = whole.predictions
    assert len(set(predictions.utterance)) == len(predictions.utterance) == 128
    assert len(set(predictions.speaker)) == 8
    for record in whole.folds:
        rows_of_fold = predictions.fold == record.fold
        assert set(predictions.speaker[rows_of_fold]) == set(record.test)
        card = bundle.read(mine.parent / "m-run" / f"fold{record.fold}" / "bundle").card
        assert not set(card.training.split.train) & set(record.test)
        assert not set(card.training.split.dev) & set(record.test)
    assert sorted(speaker for record in whole.folds for speaker in record.test) == sorted(set(predictions.speaker))


def test_the_model_is_trained_on_all_and_its_card_has_the_scores_of_the_folds(mine, whole):
    card = bundle.read(mine.parent / "m").card
    assert len(card.training.split.train) == 8
    assert card.training.split.dev == card.training.split.test == ()
    assert card.training.utterances == 128
    pooled = summarise(whole.predictions)
    assert (card.scores.uar, card.scores.wa) == (pooled.uar, pooled.wa)
    assert card.scores.on.startswith("mine-3fold: the same experiment, trained without the speakers it was tested on")
    assert card.scores.on.endswith("this bundle is of the last epoch")
    assert card.calibration.on == "the tested speakers of mine-3fold"


def test_the_files_and_the_table_say_the_same(mine, whole):
    written = Predictions.read(mine.parent / "m-run" / "cross-validation.csv")
    assert (written.probabilities == whole.predictions.probabilities).all()
    figures = json.loads((mine.parent / "m-run" / "cross-validation.json").read_text("utf-8"))
    assert figures["uar"]["value"] == summarise(written).uar.value
    assert [fold["fold"] for fold in figures["folds"]] == ["1", "2", "3"]
    table = rows(whole.predictions, whole.folds)
    assert [row["of"] for row in table] == ["fold 1", "fold 2", "fold 3", "angry", "happy", "neutral", "sad"]
    right = written.prediction == written.truth
    for row in table[3:]:
        place = written.truth == written.classes.index(row["of"])
        assert (row["clips"], row["speakers"]) == (32, 8)
        assert row["%"] == pytest.approx(100 * right[place].mean(), abs=0.06)
    assert sum(row["clips"] for row in table[:3]) == 128


def test_an_interrupted_one_goes_on_with_the_folds_that_are_left(mine, first, whole):
    folder = mine.parent / "m-run"
    assert list(first) == [folder / "fold1" / LAST]
    assert (folder / "fold1" / LAST).stat().st_mtime_ns == first[folder / "fold1" / LAST]
    assert len(list(folder.glob("fold*/last.ckpt"))) == 3


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"folds": 3, "all_speakers": True}, "`split`, `all_speakers` and `folds` are three answers"),
        ({"folds": 2}, "2 folds of 8 speakers: choose at least 3"),
        ({"folds": 9}, "9 folds of 8 speakers: choose at least 3, .* no more than there are speakers"),
        ({"workers": 2}, "`workers` train `folds` side by side"),
        ({"folds": 3, "workers": 0}, "workers=0: choose at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_trained(mine, tmp_path, wrong, reason):
    with pytest.raises(SettingsError, match=reason):
        train(mine, overrides=TINY, out=tmp_path / "other", **wrong)
    assert not list(tmp_path.rglob("*.ckpt"))


def test_nor_are_unknown_speakers(mine, tmp_path):
    (tmp_path / "nobody.csv").write_text(mine.read_text().replace("speaker", "who"))
    with pytest.raises(SettingsError, match="`folds` keep speakers apart, and these are unknown"):
        train(tmp_path / "nobody.csv", overrides=TINY, folds=3)


def test_speakers_without_a_class_are_in_every_training_side_and_a_lonely_class_is_named(mine):
    loaded = corpora.load_sources(mine)
    lone = [each for each in loaded.utterances if each.emotion != "sad" or each.speaker == "mine/01"]
    lone = [each for each in lone if each.speaker != "mine/08" or each.emotion == "happy"]
    settings = read_experiment("cnn", [*TINY, "training.scheme='angry,neutral,sad'"])
    split = by_speaker("mine/all speakers", lone)
    with pytest.warns(VoxaffectWarning, match=r"fold \d: no training recording is sad"):
        folds = folds_of(Run(settings, loaded.descriptions, tuple(lone), split, mine.parent), 3)
    assert all("mine/08" in fold.split.train for fold in folds)
    tested = [speaker for fold in folds for speaker in fold.split.test]
    assert sorted(tested) == [f"mine/{number:02d}" for number in range(1, 8)]
    assert [fold.folder.name for fold in folds] == ["fold1", "fold2", "fold3"]
    assert np.unique([fold.label for fold in folds]).size == 3
