"""A model whose confidence matches its accuracy, in the graph itself."""

import numpy as np
import pytest
import torch

from voxaffect import audio, corpora
from voxaffect.calibration import temperature
from voxaffect.card import Calibration, Scores
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.inference.recognizer import Recognizer
from voxaffect.models import build
from voxaffect.runs import recipe
from voxaffect.runs.run import CrossValidation, Run, RunOptions
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training.calibrate import calibrate, divide_logits
from voxaffect.training.embeddings import embed
from voxaffect.training.prepared import prepare

SETTINGS = read_experiment("cnn", ["network.channels=[8, 16]", "network.embedding=16", "training.epochs=1"])


@pytest.fixture
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


def test_the_graph_itself_is_calibrated_on_development_speakers(utterances):
    split = by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01"])
    prepared, model = prepare(SETTINGS, utterances, split), build(SETTINGS).eval()
    divide_logits(model, 0.01)  # it is sure of answers that are chance
    dev = prepared.dev
    before = logits_of(model, dev.utterances)
    calibration = calibrate(model, embed(model, dev, prepared.dev_features), "some recordings")
    assert calibration.temperature == pytest.approx(temperature(dev.labels, before), rel=0.02)
    assert calibration.temperature > 2
    assert calibration.on == "some recordings"
    assert calibration.risk_coverage[0].coverage == 1
    assert logits_of(model, dev.utterances) == pytest.approx(before / calibration.temperature, rel=1e-3, abs=1e-3)


def logits_of(model, utterances) -> np.ndarray:
    with torch.no_grad():
        return np.stack([model(torch.from_numpy(audio.load(each.path))[None])[0][0].numpy() for each in utterances])


@pytest.mark.parametrize("dev", [True, False])
def test_a_run_is_calibrated_on_development_speakers_where_there_are_any(utterances, tmp_path, dev):
    split = by_speaker("some", utterances, dev=["ravdess/03", "ravdess/04"] if dev else [])
    words = ["network.channels=[8, 16]", "training.epochs=1", "training.sampling.clips_per_epoch=32"]
    run = Run(read_experiment("cnn", words), (RAVDESS,), utterances, split, tmp_path)
    calibration = recipe.train(run, RunOptions(threads=1)).bundle.card.calibration
    assert (calibration and calibration.on) == ("the 2 development speakers of split some" if dev else None)


def test_without_speakers_to_calibrate_on_the_temperature_is_that_of_the_cross_validation(utterances, tmp_path):
    split = by_speaker("all", utterances)
    settings = read_experiment(
        "cnn", ["name=x", "network.channels=[8, 16]", "training.epochs=1", "training.sampling.clips_per_epoch=32"]
    )
    calibration, scores = Calibration("others", 2.0, ()), Scores(on="others")
    ways = {"alone": None, "cross-validated": CrossValidation(scores, calibration)}
    trained = {
        name: recipe.train(
            Run(settings, (RAVDESS,), utterances, split, tmp_path / name),
            RunOptions(threads=1),
            scores_from=scores_from,
        )
        for name, scores_from in ways.items()
    }
    assert trained["alone"].bundle.card.calibration is None
    card = trained["cross-validated"].bundle.card
    assert (card.calibration, card.scores) == (calibration, scores)
    waveform = audio.load(utterances[0].path)
    plain, divided = (Recognizer(each.bundle).forward(waveform)[0] for each in trained.values())
    assert divided == pytest.approx(plain / 2, abs=1e-4)
