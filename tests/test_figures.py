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
    assert speed["bundle_sha256"] == va.load().bundle.card.model.sha256


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
    assert shipped.scores.uar.to_dict() == figures["uar"]
    # Settings that were added since had their defaults then.
    assert experiment_from_tables(shipped.training.experiment) == experiment_from_tables(result["settings"])
    assert shipped.model.bytes <= 4_000_000
    assert result["parameters"] == shipped.model.parameters <= 1_000_000


@pytest.mark.parametrize(
    ("name", "corpora", "stands", "tested"),
    [
        ("base", {"ravdess", "crema-d", "emodb", "nemo", "emotiontts"}, "strangers4/base", None),
        ("base-commercial", {"crema-d", "emodb"}, "cross-common4/base", "ravdess"),
    ],
)
def test_base_is_of_the_experiment_that_was_scored_and_small_enough_to_ship(name, corpora, stands, tested):
    shipped = va.load(name).bundle.card
    result = json.loads((ROOT / "benchmarks" / "results" / f"{stands}.json").read_text())
    assert experiment_from_tables(shipped.training.experiment) == experiment_from_tables(result["settings"])
    assert tested is None or shipped.scores.uar.to_dict() == result["by_corpus"][tested]["uar"]
    assert shipped.model.bytes <= 20_000_000
    assert {each.name for each in shipped.training.corpora} == corpora
    assert shipped.model.int8.answers <= 0.1
    assert shipped.baseline_head is not None
    assert shipped.speech_detector is not None


def test_readme_and_docs_say_what_the_result_files_say():
    assert [str(path.relative_to(ROOT)) for path in stale()] == []


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_figures_are_those_of_the_predictions(path):
    """The committed figures can be computed anew from the committed predictions."""
    predictions, content = Predictions.read(path), json.loads(path.with_suffix(".json").read_text())
    committed, computed = Summary.from_dict(content).to_dict(), summarise(predictions).to_dict()
    assert list(differences(committed, computed)) == []
    said = zip(predictions.seed, predictions.utterance, strict=True)
    assert len(set(said)) == len(predictions.utterance)


ADDED = {"corpora", "confidence", "by_class", "utterances", "speakers", "classes_tested", "women_less_men"}
ADDED |= {"risk_coverage"}
"""What the first results did not have: of the whole, of a sex or corpus, or of a speaker."""


def differences(committed, computed, place=""):
    """Where a committed result is not what is computed; it may lack what was added since."""
    if not isinstance(committed, dict) or not isinstance(computed, dict):
        if committed != computed:
            yield place, committed, computed
        return
    for name in sorted(committed.keys() | computed.keys()):
        if committed.get(name) or name not in ADDED:
            yield from differences(committed.get(name, "is missing"), computed.get(name), f"{place}.{name}")


def test_a_figure_that_is_not_what_is_computed_is_found():
    old = {"uar": {"value": 0.5}, "by_sex": {"male": {"wa": 1}}, "corpora": []}
    new = {"uar": {"value": 0.5}, "by_sex": {"male": {"wa": 1, "speakers": 2}}, "corpora": ["a"], "by_class": {}}
    assert list(differences(old, new)) == []
    assert len(list(differences(old, new | {"uar": {"value": 0.6}}))) == 1
    assert len(list(differences(old, new | {"ece": 0.1}))) == 1
    assert len(list(differences(old, new | {"by_sex": {}}))) == 1
