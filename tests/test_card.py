"""Cards: read and written, of this schema and of the one before, and refused in one line where they are not valid."""

import copy
import json
from dataclasses import replace

import pytest

from test_bundle import CONTENT
from voxaffect import bundle
from voxaffect.calibration import threshold
from voxaffect.card import Card, PretrainedCard
from voxaffect.card.scores import RiskCoverage
from voxaffect.errors import BundleError

CURVE = [{"threshold": 0.0, "coverage": 1.0, "accuracy": 0.5}, {"threshold": 0.5, "coverage": 0.25}]
HEAD = {
    "mean": [0.0, 1.0],
    "within_std": [1.0, 1.0],
    "between_std": [2.0, 2.0],
    "weight": [[1.0, 2.0], [3.0, 4.0]],
    "bias": [0.0, 0.5],
}
FULL = CONTENT | {
    "calibration": {"on": "somebody", "temperature": 2.0, "risk_coverage": CURVE},
    "baseline_head": HEAD,
    "scores": {"on": "others", "uar": {"value": 0.5, "interval": [None, None]}, "by_sex": {}, "by_corpus": {}},
}


def test_what_is_written_is_read():
    card = Card.from_dict(FULL)
    again = Card.from_dict(json.loads(json.dumps(card.to_dict())))
    assert again == card
    assert hash(again) == hash(card)
    assert card.calibration.risk_coverage[1] == RiskCoverage(0.5, 0.25, None)
    assert replace(card, licence="another") != card
    assert repr(card) == "Card(two: a, b; 16000 Hz; made 2026-01-01)"


@pytest.mark.parametrize("name", ["common4", "common4-commercial", "ravdess-small"])
def test_nothing_of_a_packaged_card_is_lost(name):
    """They are of schema 1 on disk: every number and every text is there afterwards."""
    old = json.loads((bundle.PACKAGED / name / "card.json").read_text("utf-8"))
    new = bundle.read(bundle.find(name)).card.to_dict()
    assert old["schema"] == 1
    assert new["schema"] == 2
    new["schema"] = 1

    def leaves(value):
        if isinstance(value, dict):
            return [each for item in value.values() for each in leaves(item)]
        return [each for item in value for each in leaves(item)] if isinstance(value, list) else [value]

    kept = sorted(map(repr, (each for each in leaves(new) if each is not None)))
    assert kept == sorted(map(repr, (each for each in leaves(old) if each is not None)))


def test_a_card_of_schema_1_means_what_it_meant():
    old = copy.deepcopy(FULL) | {"schema": 1}
    curve = [
        {"threshold": each["threshold"], "answered": each["coverage"], "accuracy": each.get("accuracy")}
        for each in CURVE
    ]
    old["calibration"] = {"on": "somebody", "temperature": 2.0, "certainty": curve}
    head = old.pop("baseline_head")
    renamed = {"mean": "centre", "within_std": "within", "between_std": "between"}
    old["relative"] = {renamed.get(name, name): value for name, value in head.items()}
    old["training"]["split"]["speakers_apart"] = old["training"]["split"].pop("speaker_disjoint")
    begun = {"weights": [{"name": "w", "sha256": "0"}], "corpora": [{"name": "c", "licence": "l"}], "speakers": ["c/1"]}
    old["training"]["start"] = begun
    card = Card.from_dict(old)
    assert replace(card, training=replace(card.training, pretrained=None)) == Card.from_dict(FULL)
    assert card.training.all_speakers == {"x/1", "c/1"}
    assert [each.name for each in card.training.all_corpora] == ["c"]
    assert PretrainedCard.from_dict({key: value for key, value in old.items() if key != "schema"}) == card.pretrained()


def changed(path: str, value: object) -> dict:
    content = copy.deepcopy(FULL)
    place = content
    *parents, last = path.split(".")
    for each in parents:
        place = place[each]
    place[last] = value
    return content


WRONG = {
    "sample_rate": [1e308, 10**9, 10**400, "abc", -1, 0, float("nan"), float("inf"), [1], True, None, 16000.5],
    "window": [None, [], "x", 5],
    "window.longest": [0, -5, float("nan"), None, 1e300, 0.2, "6", True],
    "window.shortest": [-5, 0, float("inf"), [0.5]],
    "window.training": [0, -1, float("nan"), {}],
    "window.trim": ["x", -3, float("nan"), False],
    "window.pad": ["yes", 1],
    "classes": [7, [1, 2, 3], [None, None], "ab", {"a": 1, "b": 2}, ["a"], ["a", "a"], ["a", ""], ["a", "\udce9"]],
    "calibration": ["x", {}, [], {"on": "x", "temperature": 0, "risk_coverage": []}],
    "calibration.temperature": [-1, float("nan"), "2"],
    "calibration.risk_coverage": ["x", {}, [[]], [{"threshold": 2, "coverage": 0}], [{"threshold": 0}]],
    "baseline_head": ["x", {}, HEAD | {"bias": [1.0]}, HEAD | {"mean": [1.0]}, HEAD | {"within_std": [0.0, 1.0]}],
    "baseline_head.mean": [
        [0.0, float("nan")],
        [float("-inf"), 1.0],
        [1e18, 0.0],
        [0.0, "1"],
        [True, 0.0],
        [0.0, None],
    ],
    "scores": ["x", 5, {"uar": 0.5}, {"uar": {"value": "x"}}, {"uar": {"value": 0.5, "interval": [0.1]}}],
    "model.bytes": [-1, "5", 1.5],
    "model.sha256": ["", 5],
    "training": [None, [], {}],
    "training.corpora": [None, "x", [5], [{"name": "x"}]],
    "training.split": [None, {}, "x", {"name": "x", "speaker_disjoint": "yes", "train": []}],
    "training.epochs": [None, "many", True],
    "versions": [None, [], {"voxaffect": 1}],
    "licence": [None, 5, []],
}


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, values in WRONG.items() for value in values], ids=str
)
def test_a_value_that_no_card_has_is_refused_in_one_line(path, value):
    with pytest.raises(BundleError) as caught:
        Card.from_dict(changed(path, value))
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 200
    assert path.split(".")[-1] in message
    assert message.endswith("copy the whole folder again or train it anew")


@pytest.mark.parametrize("content", [None, [], "x", {}, {"schema": True}, {"schema": 0}, {"schema": "2"}])
def test_what_is_no_card(content):
    with pytest.raises(BundleError, match="is not a bundle's card"):
        Card.from_dict(content)


@pytest.mark.parametrize("value", ["x", 5, [], {}, [[]], None, {"certainty": "x"}, {"certainty": [5]}])
@pytest.mark.parametrize("key", ["relative", "calibration", "training"])
def test_an_old_card_with_values_of_other_types_is_refused_as_well(key, value):
    with pytest.raises(BundleError) as caught:
        Card.from_dict({**CONTENT, "schema": 1, "training": None, key: value})
    assert "\n" not in str(caught.value)


def test_settings_that_are_nested_too_deeply_are_refused():
    nested: dict = {}
    for _ in range(500):
        nested = {"x": nested}
    with pytest.raises(BundleError, match="nested too deeply"):
        Card.from_dict(changed("training.experiment", nested))


def test_a_threshold_of_the_card():
    assert threshold(Card.from_dict(FULL).calibration.risk_coverage, 0.4) == 0
