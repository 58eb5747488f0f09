import json
from pathlib import Path

import pytest

import voxaffect as va
from figures import stale
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.summary import Summary, summarise
from voxaffect.settings import experiment_from_tables

ROOT = Path(__file__).parents[1]
TABLES = sorted((ROOT / "benchmarks" / "results").glob("*/*.csv"))
RESULTS = [path for path in TABLES if path.with_suffix(".json").exists()]
assert {path.parent.name for path in RESULTS} >= {"article", "ravdess-luna5"}
assert [path.name for path in TABLES if path not in RESULTS] == ["article.csv"]  # made of the others


def test_the_default_bundle_is_the_one_that_was_timed():
    speed = json.loads((ROOT / "benchmarks" / "results" / "speed.json").read_text())
    assert speed["bundle_sha256"] == va.load().bundle.card["model"]["sha256"]


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("common4", "cross-common4/cnn-strangers"),
        ("common4-commercial", "cross-common4/cnn-strangers"),
        ("ravdess-small", "ravdess-luna5/small"),
    ],
)
def test_what_stands_for_a_bundle_in_the_package_is_of_its_experiment(name, stands):
    shipped = va.load(name).bundle.card
    result = json.loads((ROOT / "benchmarks" / "results" / f"{stands}.json").read_text())
    figures = result["by_corpus"]["ravdess"] if name == "common4-commercial" else result
    assert shipped["scores"]["uar"] == figures["uar"]
    # Settings that were added since had their defaults then.
    assert experiment_from_tables(shipped["training"]["experiment"]) == experiment_from_tables(result["settings"])
    assert shipped["model"]["bytes"] <= 4_000_000
    assert result["parameters"] == shipped["model"]["parameters"] <= 1_000_000


def test_readme_and_docs_say_what_the_result_files_say():
    assert [str(path.relative_to(ROOT)) for path in stale()] == []


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_figures_are_those_of_the_predictions(path):
    """The committed figures can be computed anew from the committed predictions."""
    result = json.loads(path.with_suffix(".json").read_text())
    predictions = Predictions.read(path)
    summary = summarise(predictions).to_dict()
    assert summary.get("women_less_men") == result.get("women_less_men")
    committed = Summary.from_dict(result)
    assert committed == dataclasses.replace(summarise(predictions), risk_coverage=committed.risk_coverage)
    for key in ("classes", "utterances", "speakers", "uar", "wa", "f1", "ece", "by_sex", "by_speaker", "confusion"):
        assert summary[key] == result[key], key
    for key in ("certainty", "mean_of_corpora", "by_seed"):  # the first results have no certainty, and most one seed
        assert summary.get(key) == result.get(key, summary.get(key)), key
    for corpus, figures in result.get("by_corpus", {}).items():
        assert figures == {key: summary["by_corpus"][corpus][key] for key in figures}, corpus
    said = zip(predictions.seed, predictions.utterance, strict=True)
    assert len(set(said)) == len(predictions.utterance)
