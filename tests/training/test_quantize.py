"""Matrices in eight bits: how near, of what each result depends, and what the export says of them."""

from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from test_card import CONTENT
from voxaffect import corpora, graph
from voxaffect.card import Card
from voxaffect.errors import BundleError
from voxaffect.inference.recognizer import Recognizer
from voxaffect.models.classifier import Classifier
from voxaffect.models.frontend import LogMel, LogMelSettings
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import export
from voxaffect.training.compact import compact
from voxaffect.training.prepared import prepare
from voxaffect.training.quantize import LARGE, PREFIX, eight_bits, quantize, quantize_graph

CLASSES, BASIS = 4, "frontend.spectrogram.basis"
CARD = Card.from_dict(CONTENT | {"classes": ["angry", "happy", "neutral", "sad"], "scheme": "common-4"})


class Transformer(nn.Module):
    """Two convolutions and a layer of attention, its queries, keys and values by a matrix each."""

    embedding_size = 512

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv1d(64, 512, 3, padding=1), nn.Conv1d(512, 512, 3, stride=2, padding=1)
        self.query, self.key, self.value, self.out = (nn.Linear(512, 512) for _ in range(4))
        self.up, self.down = nn.Linear(512, 1024), nn.Linear(1024, 512)
        self.norms = nn.ModuleList(nn.LayerNorm(512) for _ in range(2))

    def forward(self, features):
        state = nn.functional.gelu(self.second(nn.functional.gelu(self.first(features)))).transpose(1, 2)
        normal = self.norms[0](state)
        query, key, value = (
            each(normal).unflatten(2, (8, 64)).transpose(1, 2) for each in (self.query, self.key, self.value)
        )
        heard = nn.functional.scaled_dot_product_attention(query, key, value)
        state = state + self.out(heard.transpose(1, 2).flatten(2))
        return (state + self.down(nn.functional.gelu(self.up(self.norms[1](state))))).mean(dim=1)


def classifier():
    torch.manual_seed(0)
    return Classifier(LogMel(LogMelSettings(), 16_000), Transformer(), CLASSES).eval()


@pytest.fixture(scope="module")
def exact():
    return export.to_onnx(classifier(), 16_000)


@pytest.fixture(scope="module")
def small(exact):
    return quantize_graph(exact)


def run(content, waveforms):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["logits", "embedding"], {"waveform": waveforms})


def noise(batch, samples=16_000, level=0.1):
    return (level * np.random.default_rng(batch).standard_normal((batch, samples))).astype(np.float32)


def clips(count=12):
    """Sounds that differ, so that their answers do."""
    time, rng = np.arange(16_000) / 16_000, np.random.default_rng(3)
    waves = [np.sin(2 * np.pi * pitch * time) for pitch in np.geomspace(100, 4_000, count)]
    return [
        (10 ** rng.uniform(-3, -0.5) * wave + 1e-3 * rng.standard_normal(16_000)).astype(np.float32) for wave in waves
    ]


def product(weight, rows=("batch", "frames"), operator="MatMul", **attributes):
    """A graph of one node."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [*rows, None]) for name in "xy"]
    node = helper.make_node(operator, ["x", "weight"], ["y"], **attributes)
    inside = helper.make_graph([node], "product", ends[:1], ends[1:], [numpy_helper.from_array(weight, "weight")])
    return helper.make_model(inside, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def answer(model, x):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


@pytest.fixture(scope="module")
def multiplied():
    weight = np.random.default_rng(0).standard_normal((512, 512)).astype(np.float32)
    weight[:, 7] *= 1e-4  # a quiet channel
    weight[:, 8] = 0
    model = quantize(product(weight))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return weight, lambda x: session.run(None, {"x": x})[0]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 5), lowest=st.floats(-6, 4))
def test_a_product_is_as_near_as_rounding_allows(multiplied, seed, rows, lowest):
    weight, given_rows = multiplied
    rng = np.random.default_rng(seed)
    x = (10 ** rng.uniform(lowest, 4, (1, rows, 1)) * rng.standard_normal((1, rows, 512))).astype(np.float32)
    _, scale = eight_bits(weight)
    step = np.abs(x).max(axis=-1, keepdims=True) / 127
    # Half a step of each activation times the weights, and half a step of each weight times the rounded activations.
    bound = step / 2 * np.abs(weight).sum(axis=0) + scale / 2 * (np.abs(x) + step / 2).sum(axis=-1, keepdims=True)
    assert (np.abs(given_rows(x) - x.astype(np.float64) @ weight) <= 1.001 * bound + 1e-12).all()


def test_neither_other_rows_nor_other_items_change_a_row(multiplied):
    _, given_rows = multiplied
    rng = np.random.default_rng(1)
    quiet = 1e-4 * rng.standard_normal((1, 3, 512)).astype(np.float32)
    loud = 1e4 * rng.standard_normal((1, 3, 512)).astype(np.float32)
    alone = given_rows(quiet)
    assert np.array_equal(given_rows(np.concatenate([quiet, loud], axis=1))[:, :3], alone)
    assert np.array_equal(given_rows(np.concatenate([loud, quiet], axis=0))[1:], alone)


def test_rows_of_zeros_and_of_the_smallest_numbers_give_numbers(multiplied):
    _, given_rows = multiplied
    x = np.zeros((1, 2, 512), np.float32)
    x[0, 1] = 1e-40
    assert np.abs(given_rows(x)).max() < 1e-10


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40), tail=st.floats(0.5, 3))
def test_sixteen_bits_hold_two_products(seed, rows, tail):
    rng = np.random.default_rng(seed)
    matrix = (rng.standard_t(tail, (rows, 6)) * 10 ** rng.uniform(-4, 2, 6)).astype(np.float32)
    values, scale = eight_bits(matrix)
    assert (np.abs(values * scale - matrix) <= 0.501 * scale).all()
    assert np.abs(values.astype(int)).max() <= 127
    even = np.concatenate([values, np.zeros((rows % 2, 6), np.int8)]).astype(int).reshape(-1, 2, 6)
    for worst in (even.clip(min=0).sum(axis=1).max(), -even.clip(max=0).sum(axis=1).min()):
        assert 255 * worst <= 2**15 - 1


@pytest.mark.parametrize(
    ("kernel", "stride", "pads", "frames"),
    [(3, 1, (1, 1), 20), (3, 2, (1, 1), 21), (2, 2, (0, 0), 20), (5, 3, (0, 4), 5)],
)
def test_a_convolution_is_a_product_of_the_frames_under_its_kernel(kernel, stride, pads, frames):
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((512, 512, kernel)).astype(np.float32)
    model = product(weight, ("batch", 512), "Conv", strides=[stride], pads=pads)
    x = rng.standard_normal((2, 512, frames)).astype(np.float32)
    small = quantize(model)
    assert [each.op_type for each in small.graph.node].count("MatMulInteger") == 1
    expected = answer(model, x)
    found = answer(small, x)
    assert found.shape == expected.shape
    assert (found - expected).std() < 0.03 * expected.std()


@pytest.mark.parametrize(
    ("shape", "operator", "attributes"),
    [
        ((512, 511), "MatMul", {}),  # a little below LARGE
        ((512, 256, 4), "Conv", {"group": 2}),
        ((512, 512, 3), "Conv", {"dilations": [2]}),
        ((512, 512, 3), "Conv", {"auto_pad": "SAME_UPPER"}),
        ((512, 1, 512), "Conv", {}),  # a Fourier transform
        ((256, 256, 3, 3), "Conv", {}),
        ((4, 512, 512), "MatMul", {}),
    ],
)
def test_what_is_small_or_of_another_kind_is_left_alone(shape, operator, attributes):
    model = product(np.ones(shape, np.float32), ("batch", 512), operator, **attributes)
    assert quantize(model) == model


def test_a_transformer_in_eight_bits_answers_as_before(exact, small):
    for waveforms in (noise(1), noise(3, 33_000), np.stack(clips())):
        for before, after in zip(run(exact, waveforms), run(small, waveforms), strict=True):
            assert 0 < np.abs(after - before).max() < 0.03 * np.abs(before).max()


def test_a_clip_in_a_batch_answers_as_alone(small):
    quiet, loud = noise(1, level=1e-3), noise(2, level=0.5)
    together, alone = run(small, np.concatenate([quiet, loud]))[1][:1], run(small, quiet)[1]
    assert np.abs(together - alone).max() < 2e-3 * np.abs(alone).max()


def test_operators_are_standard_and_the_file_is_small(exact, small):
    before, model = onnx.load_from_string(exact), onnx.load_from_string(small)
    onnx.checker.check_model(model, full_check=True)
    assert {each.domain for each in model.graph.node} == {""}
    counts = Counter(each.op_type for each in model.graph.node)
    assert counts["MatMulInteger"] == 7  # six matrices and the second convolution
    assert counts["QuantizeLinear"] == 5  # queries, keys and values are of the same rows
    held = {each.name: each for each in model.graph.initializer}
    large = {each.name: 4 * int(np.prod(each.dims)) for each in before.graph.initializer if np.prod(each.dims) >= LARGE}
    assert set(large) & set(held) == {BASIS}
    assert len(small) < len(exact) - 0.74 * (sum(large.values()) - large[BASIS])
    assert any(name.startswith(PREFIX) for name in held)


def test_the_export_says_what_eight_bits_change(exact, monkeypatch):
    monkeypatch.setattr(export, "to_onnx", lambda *_: exact)  # made once: it takes seconds
    waveforms = clips()
    made = export.export(classifier(), 16_000, "small", CARD, waveforms)
    graph.check(made)
    assert len(made.model) < 0.6 * len(compact(exact))
    said = made.card.model.int8
    assert Card.from_dict(made.card.to_dict()).model.int8 == said
    before = np.array([run(exact, each[None])[0][0] for each in waveforms])
    after = np.array([Recognizer(made).logits([each])[0] for each in waveforms])
    assert said.clips == len(waveforms)
    assert said.logits == pytest.approx(np.abs(after - before).max(), rel=0.1)
    assert said.answers == (after.argmax(axis=1) != before.argmax(axis=1)).mean()


def test_a_network_that_eight_bits_ruin_is_not_handed_out():
    model = classifier()
    with torch.no_grad():
        # A channel that is always 0 has the largest weights, so that all others are rounded to 0.
        model.network.first.weight[0], model.network.first.bias[0] = 0.0, 0.0
        model.network.second.weight[:, 0] = 5e3
        model.head.bias -= model(torch.from_numpy(np.stack(clips())))[0].mean(dim=0)  # answers differ
    with pytest.raises(BundleError, match=r"eight bits change .* answers, .* set training\.int8=false"):
        export.export(model, 16_000, "ruined", CARD, clips())


@pytest.mark.parametrize(("validate", "side"), [("true", "dev"), ("false", "train")])
def test_it_is_judged_by_recordings_that_were_held_back_if_there_are_any(made_up, validate, side):
    utterances = corpora.load("ravdess", made_up).utterances
    split = by_speaker("test", utterances, dev=["ravdess/03", "ravdess/04"], test=["ravdess/01"])
    chosen = ["training.scheme=ravdess-8", "training.sampling.batch_size=2", f"training.validate={validate}"]
    prepared = prepare(read_experiment("cnn", chosen), utterances, split)
    sample = prepared.sample(5)
    whole = getattr(prepared, side).waveforms(0)
    assert len(sample) == 5
    assert np.array_equal(sample[0], whole[0])
    assert np.array_equal(sample[-1], whole[-1])
    assert len(prepared.sample(10_000)) == len(whole)


class Level(nn.Module):
    """Outputs of which the last is as large as an encoder's hidden states."""

    outputs = ("logits", "embedding", "frames")

    def forward(self, waveform):
        level = waveform.mean(dim=1, keepdim=True)
        return level, level, level + 500


@pytest.mark.parametrize(("errors", "expected"), [((0, 0, 0.005), 1e-5), ((0.005, 0, 0), 5e-3), ((0, 0.005, 0), 5e-3)])
def test_the_gap_of_hidden_states_is_in_units_of_the_largest(errors, expected):
    names = ("waveform", *Level.outputs)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None]) for name in names]
    added = [
        numpy_helper.from_array(np.float32([error]), f"+{name}") for name, error in zip(names[1:], errors, strict=True)
    ]
    added[-1] = numpy_helper.from_array(np.float32([500 + errors[-1]]), added[-1].name)
    axes = numpy_helper.from_array(np.array([1]), "axes")
    nodes = [helper.make_node("ReduceMean", ["waveform", "axes"], ["level"])]
    nodes += [helper.make_node("Add", ["level", f"+{name}"], [name]) for name in Level.outputs]
    inside = helper.make_graph(nodes, "level", ends[:1], ends[1:], [axes, *added])
    model = helper.make_model(inside, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    assert export.gap(Level(), model.SerializeToString(), 16_000) == pytest.approx(expected, rel=0.1)
