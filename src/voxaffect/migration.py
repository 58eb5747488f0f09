"""Files of older versions in the words of this one: settings, cards and result files, as nested plain values."""

from collections.abc import Mapping
from typing import Any

SETTINGS = {
    "frontend.relative": "frontend.dynamic_range",
    "frontend.level": "frontend.append_level",
    "training.start": "training.pretrained",
    "training.relative": "training.baseline_head",
    "training.learning_rate": "training.optimizer.learning_rate",
    "training.weight_decay": "training.optimizer.weight_decay",
    "training.schedule": "training.optimizer.schedule",
    "training.gradient_clip": "training.optimizer.gradient_clip",
    "training.average": "training.optimizer.ema_decay",
    "training.batch_size": "training.sampling.batch_size",
    "training.balance": "training.sampling.balance",
    "training.clips": "training.sampling.clips_per_epoch",
    "training.nonspeech": "training.sampling.nonspeech",
    "training.others": "training.targets.extra_classes",
    "training.votes": "training.targets.listener_weight",
    "training.label_smoothing": "training.targets.label_smoothing",
}
"""Dotted name of a setting before 0.2 -> its name now."""

_DROPPED = {"network.stem": (None, False), "frontend.top_db": (80.0,)}
"""Removed settings -> the values at which they had no effect."""


def experiment(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of an experiment, as TOML, a card or a result file has them, under today's names; other keys stay.

    Examples:
        >>> experiment({"training": {"votes": 0.5, "optimizer": "sgd"}})
        {'training': {'optimizer': {'name': 'sgd'}, 'targets': {'listener_weight': 0.5}}}
    """
    migrated = _copied(tables)
    training = migrated.get("training")
    if isinstance(training, dict) and isinstance(training.get("optimizer"), str):
        training["optimizer"] = {"name": training["optimizer"]}
    for old, new in SETTINGS.items():
        table, _, key = old.partition(".")
        if isinstance(below := migrated.get(table), dict) and key in below:
            value, (*parents, last) = below.pop(key), new.split(".")
            place = migrated
            for parent in parents:
                place = place.setdefault(parent, {})
            place.setdefault(last, value)
    for old, harmless in _DROPPED.items():
        table, _, key = old.partition(".")
        if isinstance(below := migrated.get(table), dict) and key in below and below[key] in harmless:
            del below[key]
    frontend = migrated.get("frontend")
    if migrated.get("features") == "log-mel+mfcc" and isinstance(frontend, dict):
        for key in ("dynamic_range", "append_level"):  # inherited, and never allowed
            if not frontend.get(key):
                frontend.pop(key, None)
    return migrated


def card(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a card of schema 1 in the words of schema 2; the settings of its experiment stay as they are.

    Values of wrong types stay as they are; `Card.from_dict` raises on them.

    Examples:
        >>> card({"calibration": {"certainty": [{"threshold": 0.5, "answered": 0.9, "accuracy": 0.8}]}})
        {'calibration': {'risk_coverage': [{'threshold': 0.5, 'accuracy': 0.8, 'coverage': 0.9}]}}
    """
    migrated = dict(content)
    if isinstance(window := migrated.get("window"), Mapping) and "longest" in window:
        migrated["window"] = {"training": window["longest"], **window}  # of the first cards, which do not pad
    if "relative" in migrated:
        names = {"centre": "mean", "within": "within_std", "between": "between_std"}
        migrated["baseline_head"] = _renamed(migrated.pop("relative"), names)
    if "calibration" in migrated:
        migrated["calibration"] = _with_risk_coverage(migrated["calibration"])
    if "training" in migrated:
        training = migrated["training"] = _renamed(migrated["training"], {"start": "pretrained"})
        if isinstance(training, dict) and "split" in training:
            training["split"] = _renamed(training["split"], {"speakers_apart": "speaker_disjoint"})
    return migrated


def result(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a result file under today's names; its settings stay as they are.

    Examples:
        >>> result({"certainty": [{"threshold": 0.5, "answered": 0.9, "accuracy": 0.8}]})
        {'risk_coverage': [{'threshold': 0.5, 'accuracy': 0.8, 'coverage': 0.9}]}
    """
    migrated = dict(_with_tested_classes(_with_risk_coverage(content)))
    if isinstance(sounds := migrated.get("nonspeech"), Mapping):
        migrated["nonspeech"] = {name: _renamed(each, {"answered": "coverage"}) for name, each in sounds.items()}
    return migrated


def _with_tested_classes(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A summary with `classes_tested` and `chance`, which older ones leave to the confusion matrix."""
    if "classes_tested" in content or not {"classes", "confusion"} <= set(content):
        return content
    try:
        pairs = zip(content["classes"], content["confusion"], strict=True)
        tested = [name for name, row in pairs if sum(row)]
    except (TypeError, ValueError):  # `Summary.from_dict` raises on such values
        return content
    return {**content, "classes_tested": tested, "chance": round(1 / len(tested), 4) if len(tested) > 1 else None}


def _with_risk_coverage(value: Any) -> Any:
    """A table whose `certainty` becomes `risk_coverage`."""
    renamed = _renamed(value, {"certainty": "risk_coverage"})
    if isinstance(renamed, dict) and isinstance(curve := renamed.get("risk_coverage"), list):
        renamed["risk_coverage"] = [_renamed(point, {"answered": "coverage"}) for point in curve]
    return renamed


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A copy of a table with some keys renamed; what is no table stays as it is."""
    if not isinstance(value, Mapping):
        return value
    unchanged = {key: item for key, item in value.items() if key not in names}
    return unchanged | {new: value[old] for old, new in names.items() if old in value}


def _copied(tables: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, Mapping) else value for key, value in tables.items()}
