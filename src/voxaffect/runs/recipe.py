"""From an experiment and a split to a bundle that has been scored: the one way that training goes."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import labels
from voxaffect.augment import augmented
from voxaffect.bundle import Bundle
from voxaffect.corpora import Description, Utterance, any_unknown
from voxaffect.errors import SettingsError, missing_extra
from voxaffect.evaluation.predictions import Predictions, predict
from voxaffect.evaluation.report import summarise
from voxaffect.inference.recognizer import Recognizer
from voxaffect.splits import Sides

try:
    from voxaffect.provenance import versions
    from voxaffect.settings.experiment import Experiment
    from voxaffect.training.baseline_head import learn
    from voxaffect.training.calibrate import calibrate, soften
    from voxaffect.training.card import card
    from voxaffect.training.ensemble import fit_members
    from voxaffect.training.export import export
    from voxaffect.training.fit import Fitted
except ImportError as error:
    raise missing_extra("train", error) from error

_SCORES = (
    "uar",
    "wa",
    "f1",
    "ece",
    "by_sex",
    "women_less_men",
    "mean_of_corpora",
    "by_corpus",
    "utterances",
    "speakers",
)


@dataclass(frozen=True)
class StandIn:
    """What a benchmark says of a bundle of the same experiment that was trained on everybody.

    scores: for its card. calibration: the same, with the temperature that its logits shall be divided by.
    """

    scores: Mapping[str, Any]
    calibration: Mapping[str, Any]


@dataclass(frozen=True)
class Trained:
    """A scored bundle, how it was fitted, and what it said of the test side (None without one)."""

    bundle: Bundle
    fitted: Fitted
    predictions: Predictions | None


def train(
    experiment: Experiment,
    corpora: Iterable[Description],
    utterances: Sequence[Utterance],
    split: Sides,
    runs: Path,
    resume: bool = False,
    threads: int | None = None,
    fold: str = "",
    seed: str = "",
    device: str = "auto",
    stand_in: StandIn | None = None,
) -> Trained:
    """Fit on train, choose the epoch and calibrate on dev, export, and score the exported graph on test.

    Where the experiment does not validate, fit on train and dev, and choose nothing.

    runs: the folder of checkpoints; resume: go on from those that are there.
    fold, seed: the names of the split's fold, and of the seed where there are several, for progress and predictions.
    device: "auto", "cpu" or "gpu".
    stand_in: what the card shall say, and how sure the model shall be, where the split has nobody to tell it by.

    Raises what `fit`, `export` and `predict` raise; SettingsError where the experiment needs to know who speaks and
    nobody does.
    """
    if not experiment.training.validate:
        split = split.without_dev()
    if experiment.training.baseline_head and any_unknown(split.train):
        raise SettingsError(
            f"{split.name}: nobody knows who speaks, and {experiment.name} learns what is normal for a voice; name the "
            "speakers, or --set training.baseline_head=false"
        )
    if experiment.copies.kinds:
        # After the split, and of training clips alone: a copy of a clip that is tested would be a leak.
        scheme = labels.scheme(experiment.training.scheme)
        copies = augmented(
            split.select(utterances, "train"), experiment.copies.kinds, experiment.copies.classes, scheme
        )
        utterances = [*utterances, *copies]
        split = split.with_copies(copies)
    label = " ".join(filter(None, (experiment.name, fold and f"fold {fold}", seed and f"seed {seed}")))
    fitted = fit_members(experiment, utterances, split, runs, resume, threads, label, device)
    about = card(experiment, corpora, utterances, split, fitted, versions(), stand_in.scores if stand_in else None)
    layer = learn(fitted.model, experiment, utterances, split) if experiment.training.baseline_head else None
    calibration: Mapping[str, Any] = calibrate(fitted.model, experiment, utterances, split)
    if stand_in and not calibration:
        calibration = stand_in.calibration
        soften(fitted.model, calibration["temperature"])
    if calibration:
        about["calibration"] = dict(calibration)
    if layer:
        about["relative"] = layer.softened(calibration.get("temperature", 1.0)).to_dict()
    bundle = export(fitted.model, experiment.input.sample_rate, experiment.name, about)
    if not split.test:
        return Trained(bundle, fitted, None)
    scheme = labels.scheme(experiment.training.scheme)
    predictions = predict(Recognizer(bundle), split.select(utterances, "test"), scheme, fold, seed)
    summary = summarise(predictions)
    scored = {"on": f"the {summary['speakers']} test speakers of split {split.name}", **scores_of(summary)}
    return Trained(dataclasses.replace(bundle, card={**bundle.card, "scores": scored}), fitted, predictions)


def scores_of(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What of a summary goes onto a card: those figures that it has."""
    return {key: summary[key] for key in _SCORES if key in summary}
