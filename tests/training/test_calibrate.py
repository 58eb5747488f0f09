"""A model made as sure as it is right, by development speakers, in the graph itself."""

import numpy as np
import pytest
import torch

from voxaffect import audio, corpora
from voxaffect.calibration import temperature
from voxaffect.card.scores import Calibration, Scores
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.inference.recognizer import Recognizer
from voxaffect.labels import scheme
from voxaffect.models import build
from voxaffect.runs import recipe
from voxaffect.runs.run import CrossValidation, Run, RunOptions
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training.calibrate import calibrate, soften

SETTINGS = read_experiment("cnn", ["network.channels=[8, 16]", "network.embedding=16", "training.epochs=1"])
CLASSES = scheme(SETTINGS.training.scheme).classes


@pytest.fixture
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


def test_the_graph_itself_is_calibrated_on_development_speakers(utterances):
    split = by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01"])
    model = build(SETTINGS).eval()
    soften(model, 0.01)  # it knows nothing and is sure of it
    dev = [each for each in split.select(utterances, "dev") if each.emotion in CLASSES]
    before = heard(model, dev)
    about = calibrate(model, SETTINGS, utterances, split)
    truth = np.array([CLASSES.index(each.emotion) for each in dev])
    assert about.temperature == pytest.approx(temperature(truth, before), rel=0.02)
    assert about.temperature > 2
    assert about.on == "the 2 development speakers of split test"
    assert about.risk_coverage[0].coverage == 1
    assert heard(model, dev) == pytest.approx(before / about.temperature, rel=1e-3, abs=1e-3)


def heard(model, utterances) -> np.ndarray:
    with torch.no_grad():
        return np.stack([model(torch.from_numpy(audio.load(each.path))[None])[0][0].numpy() for each in utterances])


def test_without_development_speakers_nothing_is_done_or_said(utterances):
    model = build(SETTINGS).eval()
    before = model.head.weight.clone()
    assert calibrate(model, SETTINGS, utterances, by_speaker("all", utterances)) is None
    assert torch.equal(model.head.weight, before)


def test_with_nobody_to_tell_it_by_it_is_as_sure_as_its_cross_validation_says(utterances, tmp_path):
    split = by_speaker("all", utterances)
    settings = read_experiment(
        "cnn", ["name=x", "network.channels=[8, 16]", "training.epochs=1", "training.sampling.clips_per_epoch=32"]
    )
    said = Calibration("others", 2.0, ())
    ways = {
        "alone": None,
        "stood for": CrossValidation(Scores(on="others"), said),
    }
    trained = {
        name: recipe.train(
            Run(settings, (RAVDESS,), utterances, split, tmp_path / name),
            RunOptions(threads=1),
            scores_from=scores_from,
        )
        for name, scores_from in ways.items()
    }
    assert trained["alone"].bundle.card.calibration is None
    assert trained["stood for"].bundle.card.calibration == said
    assert trained["stood for"].bundle.card.scores == Scores(on="others")
    waveform = audio.load(utterances[0].path)
    plain, softened = (Recognizer(each.bundle).forward(waveform)[0] for each in trained.values())
    assert softened == pytest.approx(plain / 2, abs=1e-4)
