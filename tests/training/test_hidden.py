"""Hidden states through the cache, and trainings on them, with encoders of random weights."""

import json
import os
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
import torch

from tiny_encoders import write
from voxaffect import corpora
from voxaffect.apps.cli import main
from voxaffect.augment import copied
from voxaffect.card import Card
from voxaffect.corpora.ravdess import RAVDESS
from voxaffect.errors import AudioError, SettingsError
from voxaffect.inference.recognizer import Recognizer
from voxaffect.models import EncoderFrontend
from voxaffect.runs import recipe
from voxaffect.runs.run import Run
from voxaffect.settings import InputSettings, experiment_from_tables
from voxaffect.settings.frontends import EncoderSettings
from voxaffect.splits import by_speaker
from voxaffect.training import batches, hidden, speech_detector
from voxaffect.training.batches import TrainingClips, collate
from voxaffect.training.clips import load_clip
from voxaffect.training.hidden import encode, of_waveform
from voxaffect.training.prepared import prepare

pytest.importorskip("transformers")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "whisper", "whisper")
    return tmp_path / "whisper"


@pytest.fixture
def encoded(monkeypatch):
    """How many clips an encoder has run on."""
    counts = []
    run = EncoderFrontend.states

    def states(self, x):
        counts.extend([x.shape[0]] if type(x.shape[0]) is int else [])  # in an export it is a symbol
        return run(self, x)

    monkeypatch.setattr(EncoderFrontend, "states", states)
    return counts


def frontend(folder, states=(1, 3), pool=2):
    return EncoderFrontend(EncoderSettings(str(folder), states, pool), 16_000)


def clips(count, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.choice([9_000, 9_100, 12_345, 16_000], count)
    return [of_waveform((0.1 * rng.standard_normal(length)).astype(np.float32)) for length in lengths]


def test_states_are_those_of_each_clip_alone(folder, encoded):
    sounds, made = clips(30), frontend(folder)
    states = encode(sounds, made)
    assert len(states) == 30
    assert len(encoded) < 12  # clips of one length go together
    for sound, ours in zip(sounds, states, strict=True):
        alone = made(torch.from_numpy(sound.load())[None])[0]
        assert ours.dtype == torch.float32
        assert torch.allclose(ours, alone, atol=5e-3)


def test_what_is_cached_is_not_encoded_again_and_other_weights_are(folder, encoded):
    sounds = clips(5)
    first = list(encode(sounds, frontend(folder)))
    done = sum(encoded)
    assert done == 5
    again = list(encode([*sounds, *clips(2, seed=1)], frontend(folder)))
    assert sum(encoded) == done + 2
    assert all(torch.equal(a, b) for a, b in zip(first, again[:5], strict=True))
    encode(sounds, frontend(folder, pool=3))
    assert sum(encoded) == done + 7
    write(folder, "whisper", seed=1)
    other = list(encode(sounds, frontend(folder)))
    assert sum(encoded) == done + 12
    assert not torch.allclose(first[0], other[0], atol=0.1)


def test_what_another_process_encodes_meanwhile_is_taken(folder, encoded):
    one, other = clips(2)

    def load(own, another):
        if not encoded:
            encode([another], frontend(folder))
        return own.load()

    sounds = [one._replace(load=lambda: load(one, other)), other._replace(load=lambda: load(other, one))]
    states = encode(sounds, frontend(folder))
    assert sum(encoded) == 2
    assert [each.shape for each in states] == [each.shape for each in encode([one, other], frontend(folder))]


def test_a_damaged_file_of_the_cache_is_made_anew(folder, tmp_path):
    sounds = clips(1)
    whole = encode(sounds, frontend(folder))[0]
    (place,) = (tmp_path / "cache" / "states").iterdir()
    place.write_bytes(place.read_bytes()[:300])
    assert torch.equal(encode(sounds, frontend(folder))[0], whole)


def test_a_cache_that_cannot_be_written_stops_nothing(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VOXAFFECT_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="hidden states cannot be cached"):
        assert encode(clips(1), frontend(folder))[0].shape[0] == 48


def test_half_precision_changes_little(folder, monkeypatch):
    sounds, made = clips(8), frontend(folder)
    whole = list(encode(sounds, made))
    monkeypatch.setenv("VOXAFFECT_CACHE", os.environ["VOXAFFECT_CACHE"] + "-half")
    monkeypatch.setattr(hidden, "_TIMED", 1)
    times = iter(range(10_000, 0, -1))  # the second that is tried seems the faster
    monkeypatch.setattr(hidden.time, "perf_counter", lambda: next(times) ** 2)
    half = list(encode(sounds, made))
    assert 1e-4 < max((a - b).abs().max() / a.std() for a, b in zip(whole, half, strict=True)) < 0.1


def test_of_a_long_recording_the_middle_is_encoded(folder):
    waveform = np.random.default_rng(0).standard_normal(32 * 16_000).astype(np.float32)
    both = encode([of_waveform(waveform), of_waveform(waveform[16_000:-16_000])], frontend(folder))
    assert torch.equal(both[0], both[1])
    assert both[0].shape[1] == 750


def test_a_full_memory_is_one_line(folder, monkeypatch):
    def full(self, x):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried")

    monkeypatch.setattr(EncoderFrontend, "states", full)
    with pytest.raises(SettingsError, match=r"^frontend.encoder=.*: the memory is full; choose a smaller encoder"):
        encode(clips(1), frontend(folder))


def tables(folder, **more):
    return {
        "name": "tiny",
        "model": "pooling",
        "features": "encoder",
        "frontend": {"encoder": str(folder), "states": [1, 2], "pool": 2},
        "input": {"window": 1.0},
        "training": {
            "scheme": "common-4",
            "epochs": 6,
            "sampling": {"batch_size": 8},
            "optimizer": {"learning_rate": 0.01},
        },
        **more,
    }


@pytest.fixture(scope="module")
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


@pytest.fixture(scope="module")
def split(utterances):
    return by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01", "ravdess/02"])


def test_batches_pad_what_is_shorter_and_weigh_it_0(folder, utterances, split):
    prepared = prepare(experiment_from_tables(tables(folder, input={"window": 1.5})), utterances, split)
    data = TrainingClips(prepared)
    items = [data[0, index] for index in range(64)]
    lengths = [item["features"].shape[1] for item in items]
    assert max(lengths) == prepared.frontend.frames(24_000)  # the middle of longer ones
    assert min(lengths) < max(lengths)
    features = collate(items)["features"]
    assert features.shape == (64, 49, max(lengths))
    for row, item, length in zip(features, items, lengths, strict=True):
        assert torch.equal(row[:-1, :length], item["features"])
        assert row[-1].tolist() == [1] * length + [0] * (max(lengths) - length)
        assert not row[:, length:].any()


def test_an_experiment_trains_to_a_bundle_that_recognises(folder, utterances, split, tmp_path, encoded, monkeypatch):
    monkeypatch.setattr(batches, "_SOUNDS", 1)
    network = {"pooling": "attention", "mix": True, "embedding": 8, "dropout": 0.0}
    more = {"network": network, "augment": {"mixup": {"alpha": 0.3}}, "copies": {"kinds": ["gain"]}}
    settings = tables(folder, **more)
    settings["training"]["sampling"]["nonspeech"] = 0.01
    experiment = experiment_from_tables(settings)
    made = recipe.train(Run(experiment, (RAVDESS,), utterances, split, tmp_path / "run"))
    assert made.predictions is not None
    accuracy = np.mean(made.predictions.probabilities.argmax(axis=1) == made.predictions.truth)
    assert accuracy > 0.6  # four voices that differ in pitch and level
    record = made.bundle.card.training.encoder
    assert record is not None
    assert (record.name, record.licence) == ("whisper", "MIT")
    assert str(tmp_path) not in json.dumps(made.bundle.card.to_dict())
    assert made.bundle.card.model.parameters > 10_000
    checkpoint = torch.load(tmp_path / "run" / "last.ckpt", weights_only=True)
    assert sum(each.numel() for each in checkpoint["state_dict"].values()) < 10_000
    # The graph's further outputs, of which the embedding is the mean.
    session = onnxruntime.InferenceSession(made.bundle.model, providers=["CPUExecutionProvider"])
    waveform = np.random.default_rng(0).standard_normal((2, 20_000)).astype(np.float32)
    embedding, frames, weights = session.run(["embedding", "frames", "weights"], {"waveform": waveform})
    assert frames.shape == (2, 31, 8)
    mean = (frames * weights[:, :, None]).sum(axis=1) / weights.sum(axis=1, keepdims=True)
    assert np.allclose(mean, embedding, atol=1e-4)
    done = sum(encoded)
    prepare(experiment, utterances, split).features(prepare(experiment, utterances, split).train)
    assert sum(encoded) == done


def test_a_discriminant_comes_with_a_detector_of_speech(folder, utterances, split, tmp_path, monkeypatch):
    monkeypatch.setattr(speech_detector, "_COUNT", 3)
    settings = tables(folder, network={"pooling": "mean"}, copies={"kinds": ["telephone"]})
    settings["training"] = {"scheme": "common-4", "epochs": 0, "validate": False, "discriminant": {}}
    run = Run(experiment_from_tables(settings), (RAVDESS,), utterances, split, tmp_path / "run")
    made = recipe.train(run).bundle
    detector = Card.from_dict(json.loads(json.dumps(made.card.to_dict()))).speech_detector
    assert detector is not None
    assert len(detector.weight) == len(made.card.baseline_head.mean)
    assert detector.missed["ravdess"] <= 0.05
    recognizer = Recognizer(made)
    voices = [each.sound.load(16_000) for each in utterances[::8]]
    assert np.mean([recognizer.answer(each).speech for each in voices]) > 0.9
    noise = (np.random.default_rng(0).standard_normal(40_000) * 0.1).astype(np.float32)
    with pytest.raises(AudioError, match="no speech"):
        recognizer.recognize((noise, 16_000))


def test_upper_layers_are_fine_tuned_by_adapters_and_merged(folder, utterances, split, tmp_path):
    from voxaffect.training.fit import fit

    settings = tables(folder, network={"upper": 1, "lora": 2})
    settings["frontend"] |= {"states": [2], "pool": 1}
    settings["training"] |= {"epochs": 2, "optimizer": {"learning_rate": 0.01, "ema_decay": 0.9}}
    prepared = prepare(experiment_from_tables(settings), utterances, split)
    model = fit(prepared, tmp_path / "run").model
    assert not [name for name, _ in model.named_parameters() if "lora" in name]
    before = prepared.frontend.take_upper()
    assert before is not None
    changed = [
        name
        for name, each in before.named_parameters()
        if not torch.equal(each, model.network.upper.get_parameter(name))
    ]
    assert changed
    assert all(name.endswith(("proj.weight", "fc1.weight", "fc2.weight")) for name in changed)


def test_copies_that_one_process_cached_are_found_by_another(utterances, tmp_path):
    code = (
        "import sys; from pathlib import Path; from voxaffect import corpora\n"
        "from voxaffect.augment import copied; from voxaffect.settings import InputSettings\n"
        "from voxaffect.training.clips import load_clip\n"
        "load_clip(copied(corpora.load('ravdess', Path(sys.argv[1])).utterances[:1], 'telephone')[0],"
        " InputSettings(), 0)\n"
    )
    load_clip(copied(utterances[:1], "telephone")[0], InputSettings(), 0)
    cached = sorted((tmp_path / "cache" / "waveforms").iterdir())
    assert len(cached) == 2  # the recording and its copy
    subprocess.run([sys.executable, "-c", code, utterances[0].path.parents[2]], check=True, timeout=120)
    assert sorted((tmp_path / "cache" / "waveforms").iterdir()) == cached


def test_what_is_wrong_with_an_encoder_is_one_line_before_anything_is_decoded(folder, made_up, tmp_path, capfd):
    experiment = tmp_path / "mine.toml"
    experiment.write_text(
        'model = "pooling"\nfeatures = "encoder"\n[frontend]\nencoder = "x"\n[training]\nscheme = "common-4"\n'
    )
    words = ["train", str(made_up), "--corpus", f"ravdess={made_up}", "--experiment", str(experiment)]
    for setting, match in (
        (f"frontend.encoder={tmp_path / 'nowhere'}", "nowhere: is no folder in"),
        (f"frontend.encoder={folder}", "frontend.states=[2, 3, 4, 5]: "),
    ):
        assert main([*words[:1], *words[2:], "--set", setting, "--out", str(tmp_path / "out")]) != 0
        out, err = capfd.readouterr()
        assert out == ""
        assert match in err
        assert err.count("\n") == 1
    assert not (tmp_path / "cache" / "waveforms").exists()


def test_info_names_the_encoder_and_its_licence():
    from test_card import CONTENT
    from voxaffect.apps.cli.info import _lines

    training = CONTENT["training"] | {"encoder": {"name": "openai/whisper-base", "sha256": "0" * 64, "licence": "MIT"}}
    lines = dict(_lines("mine", Card.from_dict(CONTENT | {"training": training})))
    assert lines["encoder"] == "openai/whisper-base, pretrained; licence of its weights: MIT"
