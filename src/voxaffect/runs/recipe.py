"""From a run to a scored bundle: the one way that training goes."""

import dataclasses
from dataclasses import dataclass

from voxaffect.baseline_head import BaselineHead
from voxaffect.bundle import Bundle
from voxaffect.card import SpeechDetectorRecord
from voxaffect.card.scores import Calibration
from voxaffect.evaluation.caveats import scores as scores_of
from voxaffect.evaluation.predictions import Predictions, predict
from voxaffect.evaluation.summary import summarise
from voxaffect.inference.recognizer import Recognizer
from voxaffect.models import Classifier
from voxaffect.provenance import versions
from voxaffect.runs.record import RunRecord
from voxaffect.runs.run import CrossValidation, Run, RunOptions
from voxaffect.training import run_folder
from voxaffect.training.baseline_head import fit_baseline_head
from voxaffect.training.calibrate import calibrate, divide_logits
from voxaffect.training.card import card
from voxaffect.training.discriminant import HeldOut, fit_discriminant
from voxaffect.training.embeddings import Embeddings, embed
from voxaffect.training.ensemble import fit_members
from voxaffect.training.export import export
from voxaffect.training.fit import Fitted
from voxaffect.training.prepared import Prepared, prepare

INT8_CLIPS = 200
"""Recordings by which a graph in eight bits is judged."""


@dataclass(frozen=True)
class Trained:
    """A trained, exported model.

    Attributes:
        bundle: The model and its card.
        fitted: How it was fitted.
        predictions: Of the test side, or of all folds of a cross-validation; None without either.
        folds: Of a cross-validation.
    """

    bundle: Bundle
    fitted: Fitted
    predictions: Predictions | None
    folds: tuple[RunRecord, ...] = ()


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
    prepared = prepare(run.experiment, run.utterances, run.split)
    if options.threads is not None:
        import torch  # here, so that without it `voxaffect.training` names the extra

        torch.set_num_threads(options.threads)
    identity = run_folder.identity(run.experiment, run.split, prepared.pretrained)
    with run_folder.claimed(run.folder, identity, resume=options.resume):
        fitted = fit_members(prepared, run.folder, resume=options.resume, device=options.device, label=run.label)
    model, split, dev = fitted.model, prepared.split, prepared.dev
    embeddings = embed(model, dev, prepared.dev_features) if len(dev) else None
    head, held_out, detector = _baseline_head(model, prepared, embeddings)
    calibration: Calibration | None = None
    if embeddings:
        calibration = calibrate(model, embeddings, f"the {len(split.dev)} development speakers of split {split.name}")
    elif scores_from:
        calibration = scores_from.calibration
        divide_logits(model, calibration.temperature)
    elif held_out:
        calibration = held_out.calibration()
        divide_logits(model, calibration.temperature)
    about = card(
        prepared,
        fitted,
        corpora=run.corpora,
        versions=versions(),
        scores=scores_from.scores if scores_from else None,
        calibration=calibration,
        baseline_head=head.scaled(calibration.temperature if calibration else 1.0).to_record() if head else None,
        speech_detector=detector,
    )
    judged = prepared.sample(INT8_CLIPS) if run.experiment.training.int8 else None
    bundle = export(model, run.experiment.input.sample_rate, run.experiment.name, about, judged)
    if not prepared.test:
        return Trained(bundle, fitted, None)
    predictions = predict(Recognizer(bundle), prepared.test, prepared.scheme, fold=run.fold, seed=run.seed)
    summary = summarise(predictions)
    scores = scores_of(summary, f"the {summary.speakers} test speakers of split {split.name}")
    scored = dataclasses.replace(bundle, card=dataclasses.replace(bundle.card, scores=scores))
    return Trained(scored, fitted, predictions)


def _baseline_head(
    model: Classifier, prepared: Prepared, dev: Embeddings | None
) -> tuple[BaselineHead | None, HeldOut | None, SpeechDetectorRecord | None]:
    """The baseline head that the experiment asks for; the model's output layer becomes that without a baseline.

    Of a discriminant, with logits to calibrate it by, and with a speech detector.
    """
    training = prepared.experiment.training
    if training.discriminant:
        return fit_discriminant(model, prepared, training.discriminant)
    return (fit_baseline_head(model, prepared, dev) if training.baseline_head else None), None, None
