"""Files that version 0.1.0 wrote are read, and mean what they meant: see fixtures/schema1/README.md."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import voxaffect as va
from conftest import write_ravdess
from voxaffect import migration
from voxaffect.apps.cli import main
from voxaffect.errors import BundleError, SettingsError
from voxaffect.evaluation.predictions import Predictions
from voxaffect.evaluation.protocols import Part
from voxaffect.evaluation.summary import summarise
from voxaffect.models import build
from voxaffect.runs.cross_calibration import cross_validation
from voxaffect.settings import experiment_from_tables, read_experiment
from voxaffect.splits import Split
from voxaffect.training import pretrained

ROOT = Path(__file__).parents[1]
OLD = Path(__file__).parent / "fixtures" / "schema1"
CLIP = OLD / "clip.flac"

ACTORS = [f"ravdess/{actor:02d}" for actor in range(25)]


def close(expected):
    """Equal but for the last bits, in which processors differ."""
    return pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "emotion", "probabilities"),
    [
        ("common4", "happy", {"angry": 0.283812, "happy": 0.322816, "neutral": 0.267468, "sad": 0.125904}),
        ("common4-commercial", "angry", {"angry": 0.490504, "happy": 0.378295, "neutral": 0.089731, "sad": 0.041470}),
        (
            "ravdess-small",
            "happy",
            {
                "angry": 0.093942,
                "calm": 0.050742,
                "disgust": 0.060122,
                "fearful": 0.028535,
                "happy": 0.443521,
                "neutral": 0.052483,
                "sad": 0.246697,
                "surprised": 0.023958,
            },
        ),
    ],
)
def test_the_bundles_in_the_package_give_the_probabilities_that_they_gave(example, name, emotion, probabilities):
    found = va.load(name).recognize(example)
    assert dict(found.probabilities) == close(probabilities)
    assert list(found.probabilities) == list(probabilities)
    assert found.emotion == emotion
    assert found.confidence == close(max(probabilities.values()))


def test_a_bundle():
    recognizer = va.load(OLD / "tiny")
    assert recognizer.classes == ("angry", "happy", "sad")
    assert (recognizer.sample_rate, recognizer.shortest) == (8000, 0.5)
    found = recognizer.recognize(CLIP)
    # Trimmed to the sample, where a grid of 25 ms trimmed the training clips.
    assert found.probabilities == close({"angry": 0.0240334, "happy": 0.8609658, "sad": 0.1150007})
    assert found.embedding == pytest.approx([0, 0.183518, 0, 0, 0, 0.065504, 0.776988, 0], abs=1e-4)
    assert found.duration == pytest.approx(0.7)
    card = recognizer.bundle.card
    assert card.scheme == "angry,happy,sad"
    assert card.calibration.temperature == 0.8609
    assert card.scores.uar.value == 1.0
    assert card.scores.by_sex["female"].wa.value == 1.0
    assert card.training.split.test == tuple(ACTORS[7:9])
    assert card.versions["voxaffect"] == "0.1.0"


def test_a_baseline():
    """Its mean and deviation cannot be added to, so it is made anew; the layer that uses it is read."""
    with pytest.raises(SettingsError, match=r"not a baseline \(it is of schema 1, not 2; make it anew"):
        va.load(OLD / "tiny", baseline=OLD / "baseline.json")
    plain = va.load(OLD / "tiny")
    found = va.load(OLD / "tiny", baseline=plain.baseline([CLIP])).recognize(CLIP)
    assert found.probabilities != plain.recognize(CLIP).probabilities


def test_a_bundle_that_began_with_weights_and_has_no_calibration(tmp_path, capsys):
    recognizer = va.load(OLD / "begun")
    probabilities = {
        "angry": 0.2319675,
        "calm": 0.2172146,
        "fearful": 0.0726879,
        "happy": 0.2087168,
        "neutral": 0.1007063,
        "sad": 0.1687068,
    }
    assert recognizer.recognize(CLIP).probabilities == close(probabilities)
    with pytest.raises(SettingsError):
        va.load(OLD / "begun", accuracy=0.8)
    with pytest.raises(BundleError):
        recognizer.baseline([CLIP])
    # Whom it was trained on, and whom its weights had met before.
    corpus = write_ravdess(tmp_path, range(5, 12))
    assert main(["evaluate", str(OLD / "begun"), "--corpus", f"ravdess={corpus}"]) == 0
    met = re.findall(r"(\d+) of these speakers, (\S+) first", capsys.readouterr().err)
    assert met == [("2", "ravdess/05"), ("3", "ravdess/09")]


def test_a_card_of_before_calibration_baselines_and_settings_of_the_input(tmp_path):
    """What a card may lack: none of it was there in the first ones."""
    folder = tmp_path / "first"
    shutil.copytree(OLD / "tiny", folder)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    for key in ("calibration", "relative"):
        del card[key]
    for key in ("trim", "pad", "training"):
        del card["window"][key]
    del card["training"]["experiment"]
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    found = va.load(folder).recognize(CLIP)
    # Neither trimmed nor padded, so another answer than with them.
    assert found.probabilities == close({"angry": 0.0308028, "happy": 0.8497456, "sad": 0.1194515})
    assert main(["info", str(folder)]) == 0


def test_weights_to_begin_with(monkeypatch):
    monkeypatch.chdir(OLD)
    settings = read_experiment("begun.toml")
    (found,) = pretrained.load_pretrained(settings)
    assert found.speakers == set(ACTORS[9:13])
    assert [each.name for each in found.corpora] == ["ravdess"]
    assert found.sha256 == va.load("begun").bundle.card.training.pretrained.weights[0].sha256
    alone = read_experiment("begun.toml", ["training.members=1", "frontend.append_level=false", "training.seed=99"])
    model = build(alone).eval()
    pretrained.initialize(model, found)
    waveform, _ = va.load("tiny").waveform(CLIP)
    with torch.no_grad():
        embedding = model(torch.from_numpy(waveform)[None])[1][0]
    expected = [0, 0, 1.4275024, 1.1774918, 0, 0, 0, 1.1660358]
    assert embedding.tolist() == pytest.approx(expected, abs=1e-4)


def test_an_experiment():
    found = read_experiment(OLD / "tiny.toml")
    assert (found.name, found.model, found.features) == ("tiny", "cnn", "log-mel")
    heard, frontend, network, training = found.input, found.frontend, found.network, found.training
    optimizer, sampling, targets = training.optimizer, training.sampling, training.targets
    assert (heard.sample_rate, heard.window, heard.trim, heard.pad, heard.start) == (8000, 0.8, 40, True, None)
    assert (frontend.n_fft, frontend.hop_length, frontend.n_mels) == (128, 80, 12)
    assert (frontend.f_min, frontend.f_max, frontend.floor) == (50, 3800, -100)
    assert (frontend.dynamic_range, frontend.append_level) == (60, True)
    assert (network.channels, network.stem_stride, network.embedding, network.dropout) == ((4,), (2, 2), 8, 0.1)
    assert (found.augment.channel.equalizer, found.augment.channel.low, found.augment.warp.time) == (1, 15, 0.15)
    assert (found.augment.masks.frames, found.augment.mixup.alpha, found.augment.mixstyle.probability) == (8, 0.3, 0.5)
    assert (found.augment.gain, found.copies.kinds) == (None, ("gain",))
    assert (targets.extra_classes, targets.listener_weight, sampling.nonspeech) == (True, 0.5, 0.1)
    assert training.baseline_head
    assert (training.scheme, sampling.balance) == ("angry,happy,sad", ("corpus", "class", "speaker"))
    assert (optimizer.ema_decay, sampling.clips_per_epoch, optimizer.gradient_clip, training.patience) == (
        0.9,
        128,
        1.0,
        3,
    )
    assert (training.epochs, sampling.batch_size, optimizer.learning_rate) == (3, 16, 0.01)
    assert (targets.label_smoothing, training.precision, training.seed) == (0.05, "32", 3)
    assert (training.validate, training.members, training.pretrained) == (True, 1, ())
    begun = read_experiment(OLD / "begun.toml").training
    assert (begun.validate, begun.members, begun.pretrained) == (False, 2, ("weights",))
    assert (begun.targets.extra_classes, begun.targets.listener_weight, begun.baseline_head) == (False, 0.0, False)


def test_settings_as_cards_and_results_have_them():
    old = {
        name: experiment_from_tables(tables) for name, tables in json.loads((OLD / "settings.json").read_text()).items()
    }
    for name in ("tiny.toml", "begun.toml"):
        assert old[name] == read_experiment(OLD / name)
        trained = va.load(OLD / name.removesuffix(".toml")).bundle.card.training.experiment
        assert experiment_from_tables(trained) == old[name]
    small, strangers = old["small"], old["cnn-strangers"]
    assert (small.training.pretrained, small.training.members, small.frontend.append_level) == (
        ("small-0", "small-1"),
        2,
        True,
    )
    assert strangers.training.targets.extra_classes
    assert (strangers.training.baseline_head, strangers.frontend.dynamic_range) == (True, 15)
    assert (strangers.frontend.append_level, strangers.network.embedding) == (False, 64)
    ancestor, best = old["ancestor-long"], old["article-best"]
    assert (ancestor.features, ancestor.frontend.averaged, ancestor.network.longer) == ("mfcc", True, True)
    assert (ancestor.input.start, ancestor.training.optimizer.gradient_clip) == (0.5, None)
    assert (best.augment.noise.probability, best.augment.shift.seconds, best.frontend.dynamic_range) == (0.3, 0.3, None)


def test_settings_of_every_committed_result_are_read():
    results = [json.loads(path.read_text("utf-8")) for path in (ROOT / "benchmarks" / "results").rglob("*.json")]
    names = {experiment_from_tables(each["settings"]).name for each in results if "settings" in each}
    assert names >= {"small", "cnn", "cnn-long", "cnn-strangers", "article-best", "men-5-leaky", "ancestor-corrected"}


def test_a_split():
    found = Split.read(OLD / "split.json")
    assert found.name == "tiny"
    assert list(found.train) == ACTORS[1:5]
    assert list(found.dev) == ACTORS[5:7]
    assert list(found.test) == ACTORS[7:9]
    assert {len(ids) for side in (found.train, found.dev, found.test) for ids in side.values()} == {16}
    assert found.ids("test")[0] == "ravdess/03-01-01-01-01-01-07"


def test_a_result_and_its_predictions():
    result, found = json.loads((OLD / "result.json").read_text("utf-8")), Predictions.read(OLD / "result.csv")
    assert found.classes == tuple(result["classes"])
    assert (len(found.truth), np.unique(found.seed).tolist()) == (144, ["0", "1"])
    assert (found.utterance[0], found.speaker[0], found.sex[0]) == (
        "ravdess/03-01-03-01-01-02-02",
        "ravdess/02",
        "female",
    )
    assert found.probabilities[0].tolist() == [0.0792, 0.0051, 0.0051, 0.0051, 0.8718, 0.0051, 0.0236, 0.0051]
    summary, result = summarise(found).to_dict(), migration.result(result)
    for key in (
        "uar",
        "wa",
        "f1",
        "ece",
        "risk_coverage",
        "women_less_men",
        "by_seed",
        "by_speaker",
        "confusion",
    ):
        assert summary[key] == result[key], key
    # Which the file does not say.
    assert (result["classes_tested"], result["chance"]) == (["angry", "happy", "sad"], 0.3333)
    names = ("uar", "wa", "f1")
    assert {sex: {name: each[name] for name in names} for sex, each in summary["by_sex"].items()} == result["by_sex"]
    # As what stands for a bundle that everybody was trained on.
    settings = read_experiment(OLD / "tiny.toml", ["training.scheme=ravdess-8"])
    stand_in = cross_validation(OLD / "result.json", settings, [Part("ravdess")])
    assert stand_in.scores.uar.to_dict() == {"value": 0.9931, "interval": [0.9792, 1.0]}
    assert stand_in.scores.ece == 0.0246
    assert stand_in.calibration.temperature == 0.7471
