"""Scores and calibration of a bundle that everybody was trained on."""

import json
from pathlib import Path

import pytest

from voxaffect import bundle
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.protocols import Part
from voxaffect.runs.cross_calibration import calibrated, cross_temperatures, cross_validation
from voxaffect.settings import read_experiment

RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "cross-common4" / "cnn-strangers.json"
RECIPE = read_experiment("cnn-strangers")


def test_all_corpora_are_scored_by_all_folds_and_two_by_the_fold_of_the_third():
    found = json.loads(RESULT.read_text())
    whole = cross_validation(RESULT, RECIPE, [Part("ravdess"), Part("crema-d"), Part("emodb")]).scores
    assert whole.uar.to_dict() == found["uar"]
    assert whole.mean_of_corpora.to_dict() == found["mean_of_corpora"]
    stand_in = cross_validation(RESULT, RECIPE, [Part("emodb"), Part("crema-d")])
    two = stand_in.scores
    assert stand_in.calibration.on.endswith("fold ravdess left out")
    assert two.uar.to_dict() == found["by_corpus"]["ravdess"]["uar"]
    assert two.on.startswith("fold ravdess of cross-common4")
    assert not two.by_corpus


def test_how_sure_a_bundle_may_be_is_told_by_folds_that_are_not_the_tested_one(tmp_path):
    """What the folds' models were softened by already counts as well."""
    plain = cross_validation(RESULT, RECIPE, [Part("ravdess"), Part("crema-d"), Part("emodb")])
    about = json.loads(RESULT.read_text())
    for fold in about["folds"]:
        fold["temperature"] = 2.0
    (tmp_path / "x.json").write_text(json.dumps(about))
    (tmp_path / "x.csv").write_text(RESULT.with_suffix(".csv").read_text())
    after = cross_validation(tmp_path / "x.json", RECIPE, [Part("ravdess"), Part("crema-d"), Part("emodb")])
    assert after.calibration.temperature == pytest.approx(2 * plain.calibration.temperature, abs=1e-3)
    assert plain.scores.ece < about["ece"] / 3


def test_softened_predictions_are_those_of_their_table(tmp_path):
    said = Predictions.read(RESULT.with_suffix(".csv"))
    after = calibrated(said, cross_temperatures(said))
    after.write(tmp_path / "x.csv")
    assert (after.probabilities == Predictions.read(tmp_path / "x.csv").probabilities).all()


def test_a_benchmark_that_the_folds_have_calibrated_is_not_calibrated_again(tmp_path):
    everybody = [Part("ravdess"), Part("crema-d"), Part("emodb")]
    plain, about = cross_validation(RESULT, RECIPE, everybody), json.loads(RESULT.read_text())
    said = Predictions.read(RESULT.with_suffix(".csv"))
    others = cross_temperatures(said)
    for fold in about["folds"]:
        fold["temperature"] = others[fold["fold"]]
    about["settings"]["training"]["validate"] = False
    (tmp_path / "x.json").write_text(json.dumps(about))
    calibrated(said, others).write(tmp_path / "x.csv")
    after = cross_validation(
        tmp_path / "x.json", read_experiment("cnn-strangers", ["training.validate=false"]), everybody
    )
    assert after.calibration.temperature == pytest.approx(plain.calibration.temperature, rel=0.05)
    assert after.scores.ece == pytest.approx(plain.scores.ece, abs=0.002)
    assert "at its last epoch" in after.scores.on


def test_nothing_stands_for_other_recordings_or_other_settings():
    with pytest.raises(SettingsError, match="train on its `sources`: crema-d, emodb, ravdess in `style` speech"):
        cross_validation(RESULT, RECIPE, [Part("ravdess"), Part("ravdess", "song")])
    with pytest.raises(SettingsError, match="of an experiment with other settings"):
        cross_validation(
            RESULT, read_experiment("cnn-strangers", ["training.epochs=3"]), [Part("emodb"), Part("crema-d")]
        )


def test_bundles_of_the_package_go_by_name_and_folders_go_before_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bundle.find(None) == bundle.find("base") == bundle.PACKAGED / "base"
    assert bundle.find("nowhere") == Path("nowhere")
    assert bundle.find("../bundles") == Path("../bundles")
    (tmp_path / "ravdess-small").mkdir()
    assert bundle.find("ravdess-small") == Path("ravdess-small")
