"""From a run to a scored bundle: the one way that training goes."""

import dataclasses
from dataclasses import dataclass

from voxaffect.augment import augmented
from voxaffect.bundle import Bundle
from voxaffect.corpora import any_unknown
from voxaffect.errors import SettingsError
from voxaffect.evaluation.predictions import Predictions, predict
from voxaffect.evaluation.summary import summarise
from voxaffect.inference.recognizer import Recognizer
from voxaffect.provenance import versions
from voxaffect.runs.run import CrossValidation, Run, RunOptions
from voxaffect.training.baseline_head import learn
from voxaffect.training.calibrate import calibrate, soften
from voxaffect.training.card import card
from voxaffect.training.ensemble import fit_members
from voxaffect.training.export import export
from voxaffect.training.fit import Fitted
from voxaffect.training.run_folder import claimed


@dataclass(frozen=True)
class Trained:
    """What a run gives.

    Args:
        bundle: The model, scored where the split has a test side.
        fitted: How it was fitted.
        predictions: Of the test side; None without one.
    """

    bundle: Bundle
    fitted: Fitted
    predictions: Predictions | None


_DEFAULT = RunOptions()


def train(run: Run, options: RunOptions = _DEFAULT, *, scores_from: CrossValidation | None = None) -> Trained:
    """Fit on train, choose the epoch and calibrate on dev, export, and score the exported graph on test.

    Where the experiment does not validate, fit on train and dev, and keep the last epoch. No other process can train in
    the run's folder meanwhile.

    Args:
        run: What is trained.
        options: How it is executed.
        scores_from: Scores and calibration for the card where the split has no test and no dev side.

    Raises:
        SettingsError: The folder is in use or holds another run; settings do not fit the data; speakers are unknown
            where the experiment needs them; the device is missing; a checkpoint is damaged.
        BundleError: Pretrained weights are missing, or the export is not exact.
        SplitError: Utterances are missing, or pretrained weights were trained on speakers of dev or test.
    """
    experiment, utterances, split = run.experiment, run.utterances, run.split
    claim = claimed(run.folder, experiment, split, resume=options.resume)
    if not experiment.training.validate:
        split = split.without_dev()
    if experiment.training.baseline_head and any_unknown(split.train):
        raise SettingsError(
            f"{split.name}: speakers are unknown, and the baseline head of {experiment.name} needs them; name the "
            "speakers, or set training.baseline_head=false"
        )
    if experiment.copies.kinds:
        # After the split, and of training clips alone: a copy of a clip that is tested would be a leak.
        copies = augmented(
            split.select(utterances, "train"), experiment.copies.kinds, experiment.copies.classes, run.scheme
        )
        utterances = (*utterances, *copies)
        split = split.with_copies(copies)
    with claim:
        fitted = fit_members(
            experiment, utterances, split, run.folder, options.resume, options.threads, run.label, options.device
        )
    layer = learn(fitted.model, experiment, utterances, split) if experiment.training.baseline_head else None
    calibration = calibrate(fitted.model, experiment, utterances, split)
    if scores_from and not calibration:
        calibration = scores_from.calibration
        soften(fitted.model, calibration.temperature)
    about = card(
        experiment,
        run.corpora,
        utterances,
        split,
        fitted,
        versions=versions(),
        scores=scores_from.scores if scores_from else None,
        calibration=calibration,
        baseline_head=layer.scaled(calibration.temperature if calibration else 1.0).to_record() if layer else None,
    )
    bundle = export(fitted.model, experiment.input.sample_rate, experiment.name, about)
    if not split.test:
        return Trained(bundle, fitted, None)
    predictions = predict(
        Recognizer(bundle), split.select(utterances, "test"), run.scheme, fold=run.fold, seed=run.seed
    )
    summary = summarise(predictions)
    scores = summary.scores(f"the {summary.speakers} test speakers of split {split.name}")
    scored = dataclasses.replace(bundle, card=dataclasses.replace(bundle.card, scores=scores))
    return Trained(scored, fitted, predictions)
