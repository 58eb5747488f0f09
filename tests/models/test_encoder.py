"""Encoders: what transformers' own models give, in parts, at any length, in a graph."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from tiny_encoders import LAYERS, write
from voxaffect import audio
from voxaffect.errors import SettingsError
from voxaffect.models import EncoderFrontend, build
from voxaffect.models.encoder import files as encoder_files
from voxaffect.models.encoder import whisper
from voxaffect.models.encoder.waveform import Standardised
from voxaffect.settings import experiment_from_tables
from voxaffect.settings.frontends import EncoderSettings
from voxaffect.training.export import gap, to_onnx

transformers = pytest.importorskip("transformers")

SAMPLES = 2 * 16_000 + 123
EVERY = tuple(range(LAYERS + 1))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """kind -> its folder and transformers' model."""
    folder = tmp_path_factory.mktemp("encoders")
    made = {}

    def of(kind: str):
        if kind not in made:
            made[kind] = folder / kind, write(folder / kind, kind)
        return made[kind]

    return of


@pytest.fixture(scope="session")
def whisper_base(data: Path) -> Path:
    folder = data.parent / "weights" / "whisper-base-encoder"
    if not folder.is_dir():
        pytest.skip(f"a real encoder: {folder} is not there")
    return folder


def noise(samples: int = SAMPLES, batch: int = 2, seed: int = 0) -> torch.Tensor:
    return 0.1 * torch.randn(batch, samples, generator=torch.Generator().manual_seed(seed))


def frontend(folder: Path, states=EVERY, pool: int = 1, upper: int = 0) -> EncoderFrontend:
    return EncoderFrontend(EncoderSettings(str(folder), tuple(states), pool), 16_000, upper)


def split(features: torch.Tensor, states: int) -> list[torch.Tensor]:
    """(batch, states * dim, frames) -> of each state (batch, frames, dim)."""
    return [each.transpose(1, 2) for each in features.chunk(states, dim=1)]


def experiment(folder: Path, network=None, **frontend):
    return experiment_from_tables(
        {
            "name": "tiny",
            "model": "pooling",
            "features": "encoder",
            "network": network or {},
            "frontend": {"encoder": str(folder), "states": [1, 2], **frontend},
            "training": {"scheme": "common-4"},
        }
    )


@pytest.mark.parametrize("n_mels", [80, 128])
@pytest.mark.parametrize("samples", [16_000, 31_999, 8_000 + 161])
def test_log_mel_is_whispers(n_mels, samples, example):
    waveform = audio.load(example, 16_000)[:samples]
    golden = transformers.WhisperFeatureExtractor(feature_size=n_mels)(
        waveform, sampling_rate=16_000, return_tensors="np"
    )
    ours = whisper.LogMel(n_mels, 16_000)(torch.from_numpy(waveform)[None])[0].numpy()
    assert ours.shape == (n_mels, samples // 160)
    assert np.abs(ours - golden["input_features"][0, :, : samples // 160]).max() < 2e-4


def test_whispers_states_are_those_of_transformers(tmp_path):
    model = write(tmp_path, "whisper", max_source_positions=100)  # transformers takes this length alone
    waveform, made = noise(2 * 16_000), frontend(tmp_path)
    golden = model.encoder(made.input(waveform), output_hidden_states=True).hidden_states
    for ours, theirs in zip(split(made(waveform), LAYERS + 1), golden, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "stable"),
    [("wav2vec2", True), ("hubert", False), ("wavlm", True), ("wavlm", False), ("data2vec-audio", False)],
)
def test_states_are_those_of_transformers(kind, stable, tmp_path):
    settings = {"do_stable_layer_norm": True, "feat_extract_norm": "layer"} if stable else {}
    model, waveform = write(tmp_path, kind, **settings), noise()
    golden = model(waveform if kind == "wavlm" else Standardised()(waveform), output_hidden_states=True)
    made = frontend(tmp_path)
    ours = split(made(waveform), LAYERS + 1)
    assert ours[0].shape[1] == made.frames(SAMPLES)
    for mine, theirs in zip(ours[:-1], golden.hidden_states[:-1], strict=True):
        assert torch.allclose(mine, theirs, atol=2e-5)
    assert torch.allclose(ours[-1], golden.last_hidden_state, atol=2e-5)


def test_a_waveform_is_standardised_as_the_feature_extractor_does_it():
    waveform = 3 + noise(4000)
    extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    golden = extractor(list(waveform.numpy()), sampling_rate=16_000, return_tensors="pt")["input_values"]
    assert torch.allclose(Standardised()(waveform), golden, atol=1e-5)


@pytest.mark.parametrize("kind", ["whisper", "wavlm", "data2vec-audio"])
def test_a_cut_encoder_gives_the_states_of_the_whole_one(kind, tiny):
    folder, _ = tiny(kind)
    whole, cut = frontend(folder), frontend(folder, (1, 2))
    assert len(cut.encoder.layers) == 2
    assert cut.frozen < whole.frozen
    waveform = noise()
    assert torch.equal(torch.cat(whole(waveform).chunk(LAYERS + 1, dim=1)[1:3], dim=1), cut(waveform))


@pytest.mark.parametrize("kind", ["whisper", "hubert", "wavlm"])
def test_upper_layers_go_on_where_the_front_end_ends(kind, tiny):
    folder, _ = tiny(kind)
    below, waveform = frontend(folder, (1,), upper=2), noise()
    upper = below.take_upper()
    assert upper is not None
    states = upper(below(waveform).transpose(1, 2))
    golden = split(frontend(folder)(waveform), LAYERS + 1)
    assert torch.allclose(states[0], golden[2], atol=1e-5)
    assert torch.allclose(states[1], golden[3], atol=1e-5)
    assert below.take_upper() is None


@pytest.mark.parametrize("kind", ["whisper", "wav2vec2"])
@pytest.mark.parametrize("pool", [1, 4])
def test_any_length_has_the_frames_it_says(kind, pool, tiny):
    made = frontend(tiny(kind)[0], (1,), pool)
    for samples in (8_000, 8_001, 8_319, 8_320, 16_479):
        assert made(noise(samples)).shape[2] == made.frames(samples)


def test_pooled_frames_are_means_of_frames(tiny):
    folder, _ = tiny("whisper")
    each, pooled = frontend(folder, (2,))(noise()), frontend(folder, (2,), 4)(noise())
    assert torch.allclose(pooled[:, :, 7], each[:, :, 28:32].mean(dim=2), atol=1e-6)


def test_a_frozen_encoder_is_no_part_of_checkpoints_and_has_no_parameters(tiny):
    folder, _ = tiny("wav2vec2")
    model = build(experiment(folder))
    assert not [name for name in model.state_dict() if name.startswith("frontend.")]
    assert not list(model.frontend.parameters())
    assert not model.train().frontend.training
    assert model.frontend.frozen > 1000


@pytest.mark.parametrize(
    ("kind", "network"),
    [
        ("whisper", {"pooling": "statistics"}),
        ("whisper", {"pooling": "mean", "mix": True, "embedding": 5}),
        ("whisper", {"pooling": "attention", "upper": 2}),
        ("wavlm", {"pooling": "mean", "upper": 1, "lora": 2}),
    ],
)
def test_padding_never_enters_an_embedding(kind, network, tiny):
    folder, _ = tiny(kind)
    states = {"states": [1]} if "upper" in network else {}
    model = build(experiment(folder, network, **states)).eval()
    features = model.frontend(noise())
    padded = torch.zeros(2, features.shape[1] + 1, features.shape[2] + 9)
    padded[:, :-1, :-9], padded[:, -1, :-9] = features, 1
    assert torch.allclose(model.network(padded), model.network(features), atol=1e-5)
    model.network.train()
    if model.network.upper is not None:
        model.network.upper.eval()  # their dropout would differ
    model.network(features)
    statistics = model.network.normalise.running_mean.clone()
    model.network.normalise.reset_running_stats()
    model.network(padded)
    assert torch.allclose(model.network.normalise.running_mean, statistics, atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_the_embedding_of_a_part_is_the_mean_of_its_frames(pooling, tiny):
    folder, _ = tiny("whisper")
    model = build(experiment(folder, {"pooling": pooling, "embedding": 6, "mix": True}))
    for seed in range(5):
        model.classify(model.frontend(noise(seed=seed)))  # in training mode: statistics are no longer 0 and 1
    model.eval()
    logits, embedding, frames, weights = model(noise())
    assert model.outputs == ("logits", "embedding", "frames", "weights")
    features = model.frontend(noise())
    expected = model.classify(features)
    assert torch.allclose(logits, expected[0], atol=1e-5)
    assert torch.allclose(embedding, expected[1], atol=1e-5)
    part = slice(10, 47)
    mean = (frames * weights[:, :, None])[:, part].sum(dim=1) / weights[:, part].sum(dim=1, keepdim=True)
    assert torch.allclose(mean, model.network(features[:, :, part]), atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "attention"])
def test_members_are_one_mean_where_all_weigh_frames_alike(pooling, tiny):
    folder, _ = tiny("whisper")
    models = [build(experiment(folder, {"pooling": pooling, "embedding": 4}).seeded(seed)).eval() for seed in (0, 1)]
    apart = [model(noise()) for model in models]
    models[0].join(models[1:])
    outputs = models[0](noise())
    assert torch.allclose(outputs[0], (apart[0][0] + apart[1][0]) / 2, atol=1e-5)
    assert torch.allclose(outputs[1], torch.cat([apart[0][1], apart[1][1]], dim=1), atol=1e-5)
    if pooling == "attention":
        assert models[0].outputs == ("logits", "embedding")
    else:
        assert torch.allclose(outputs[2].mean(dim=1), outputs[1], atol=1e-5)


def test_mixed_clips_weigh_as_their_parts(tiny):
    folder, _ = tiny("whisper")
    model = build(experiment(folder)).eval()
    one, other = model.frontend(noise(16_000))[:1], model.frontend(noise(8_000, seed=1))[:1]

    def padded(features):
        return torch.nn.functional.pad(torch.cat([features, torch.ones(1, 1, features.shape[2])], 1), (0, 50))[..., :50]

    mixed = model.network(0.75 * padded(one) + 0.25 * padded(other))
    mean = (0.75 * 50 * model.network(one) + 0.25 * 25 * model.network(other)) / (0.75 * 50 + 0.25 * 25)
    assert torch.allclose(mixed, mean, atol=1e-4)


def test_adapters_alone_are_trained_and_merged(tiny):
    folder, _ = tiny("whisper")
    model = build(experiment(folder, {"upper": 2, "lora": 3}, states=[1]))
    trained = {name for name, each in model.named_parameters() if each.requires_grad}
    assert {name.split(".")[0] for name in trained} == {"network", "head"}
    assert all("lora_" in name for name in trained if name.startswith("network."))
    optimizer = torch.optim.Adam([each for each in model.parameters() if each.requires_grad], 0.02)
    for _ in range(3):
        optimizer.zero_grad()
        model.classify(model.frontend(noise()))[0].square().sum().backward()
        optimizer.step()
    assert all(each.abs().max() > 0.01 for name, each in model.named_parameters() if "lora_B" in name)
    changed = model.eval()(noise())[1].detach()
    model.network.merge()
    assert torch.allclose(model(noise())[1], changed, atol=1e-4)
    assert not [name for name, _ in model.named_modules() if "lora" in name]


def test_a_graph_of_wavlm_with_upper_layers_is_pytorchs(tmp_path):
    write(tmp_path, "wavlm", num_hidden_layers=2, conv_dim=(8,), conv_kernel=(320,), conv_stride=(320,))
    model = build(experiment(tmp_path, {"upper": 1, "pooling": "statistics"}, states=[1])).eval()
    graph = to_onnx(model, 16_000)
    assert gap(model, graph, 16_000) < 1e-4
    assert b"network.upper.layers.0." in graph
    assert b"network.upper.layers.1." not in graph


def test_the_real_encoder_is_transformers(whisper_base, example):
    waveform = audio.load(example, 16_000)
    padded = np.zeros((1, 30 * 16_000), np.float32)
    padded[0, : len(waveform)] = waveform
    made = frontend(whisper_base, range(7))
    config = transformers.WhisperConfig(**json.loads((whisper_base / "config.json").read_text()))
    model = transformers.models.whisper.modeling_whisper.WhisperEncoder(config).eval()
    files = encoder_files.find(str(whisper_base))
    model.load_state_dict(files.tensors(("encoder.",), model.state_dict()))
    extractor = transformers.WhisperFeatureExtractor()
    energies = extractor(waveform, sampling_rate=16_000, return_tensors="pt")["input_features"]
    with torch.no_grad():
        golden = model(energies, output_hidden_states=True).hidden_states
        ours = split(made(torch.from_numpy(padded)), 7)
    for mine, theirs in zip(ours, golden, strict=True):
        # Positions are in half precision there and computed here.
        assert (mine - theirs).square().mean().sqrt() < 3e-3 * theirs.std()
        voiced = slice(len(waveform) // 320)
        assert (mine - theirs)[:, voiced].square().mean().sqrt() < 1e-3 * theirs.std()


def test_a_cut_whisper_has_its_own_licence_and_others_that_of_their_model_card(tiny, tmp_path):
    assert encoder_files.find(str(tiny("whisper")[0])).licence == "MIT"
    assert encoder_files.find(str(tiny("hubert")[0])).licence == "not stated"
    folder = shutil.copytree(tiny("hubert")[0], tmp_path / "hubert")
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# HuBERT\nlicense: none\n")
    assert encoder_files.find(str(folder)).licence == "apache-2.0"


def test_weights_in_parts_and_in_pytorchs_own_file_are_the_same(tiny, tmp_path):
    whole, model = tiny("hubert")
    expected = frontend(whole)(noise())
    for name in ("parts", "bin"):
        folder = shutil.copytree(whole, tmp_path / name)
        (folder / "model.safetensors").unlink()
        if name == "parts":
            model.save_pretrained(folder, max_shard_size="20KB")
            assert len(encoder_files.find(str(folder)).weights) > 2
        else:  # as older files call a weight in two factors, below the name of the whole model
            state = {f"hubert.{key}": each for key, each in model.state_dict().items()}
            for new, old in (
                ("parametrizations.weight.original0", "weight_g"),
                ("parametrizations.weight.original1", "weight_v"),
            ):
                state = {key.replace(new, old): each for key, each in state.items()}
            torch.save(state, folder / "pytorch_model.bin")
        assert torch.equal(frontend(folder)(noise()), expected)
    torch.save({"x": Path("code")}, tmp_path / "bin" / "pytorch_model.bin")
    refused(r"pytorch_model.bin is damaged", lambda: frontend(tmp_path / "bin"))


def refused(match: str, call) -> None:
    with pytest.raises(SettingsError, match=match) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_errors_name_value_reason_and_remedy(tiny, tmp_path, monkeypatch):
    whole, _ = tiny("whisper")

    def copy(name: str) -> Path:
        return shutil.copytree(whole, tmp_path / name)

    refused(r"states=\[1, 9\]: .* has 3 layers; choose 0 to 3", lambda: frontend(whole, (1, 9)))
    refused(r"upper=3 after .*choose at most 2", lambda: frontend(whole, (1,), upper=3))
    refused(
        "input.sample_rate says 8000 Hz, and encoders take 16000; set it",
        lambda: EncoderFrontend(EncoderSettings(str(whole), (1,)), 8_000),
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    refused("holds no config.json; name a folder", lambda: frontend(empty))
    other = copy("other")
    (other / "config.json").write_text('{"model_type": "bert"}')
    refused("is of kind 'bert', which cannot be read; choose a Whisper, wav2vec", lambda: frontend(other))
    (other / "config.json").write_text('{"model_type": ')
    refused(r"config.json is damaged", lambda: frontend(other))
    without = copy("without")
    (without / "model.safetensors").unlink()
    refused("holds no weights", lambda: frontend(without))
    damaged = copy("damaged")
    content = (damaged / "model.safetensors").read_bytes()
    for wrong in (content[: len(content) // 2], b"\0" * 100, b""):
        (damaged / "model.safetensors").write_bytes(wrong)
        refused(r"model.safetensors is damaged .*copy or fetch it again", lambda: frontend(damaged))
    resized = copy("resized")
    config = json.loads((resized / "config.json").read_text())
    (resized / "config.json").write_text(json.dumps({**config, "d_model": 16}))
    refused("is of shape", lambda: frontend(resized))
    (resized / "config.json").write_text(json.dumps({**config, "encoder_layers": 4}))
    refused("is missing", lambda: frontend(resized, (4,)))
    refused("is no folder in .* and no name on huggingface.co", lambda: frontend(tmp_path / "nowhere"))

    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(encoder_files, "_stored", full)
    refused("the memory is full; choose a smaller encoder", lambda: frontend(whole))


ANSWERS = {"gated": (401, "GatedRepo"), "missing": (404, "RepoNotFound")}

FETCH = """
import sys
from voxaffect.errors import SettingsError
from voxaffect.models.encoder.files import find
for name in sys.stdin:
    try:
        find(name.strip())
    except SettingsError as error:
        print(error, flush=True)
"""


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers as huggingface.co does, by the name that is asked for."""

    def do_GET(self):
        status, code = next(answer for name, answer in ANSWERS.items() if name in self.path)
        self.send_response(status)
        self.send_header("x-error-code", code)
        self.send_header("content-length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


def test_what_huggingface_answers_is_one_line(tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1"}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", FETCH], env=os.environ | own, text=True, **pipes) as child:
        assert child.stdin is not None and child.stdout is not None  # noqa: PT018

        def answer(name: str) -> str:
            child.stdin.write(f"{name}\n")
            child.stdin.flush()
            return child.stdout.readline()

        assert "=gated/x: is given to those alone who ask for it on huggingface.co; ask there" in answer("gated/x")
        assert "=missing/x: is no folder in" in (line := answer("missing/x"))
        assert "huggingface.co has none of that name; write openai/whisper-base" in line
        server.shutdown()
        server.server_close()
        assert "=any/x: huggingface.co cannot be reached, and no copy is here; name a folder" in answer("any/x")
        rest, noise = child.communicate()
    assert (rest, noise) == ("", "")
