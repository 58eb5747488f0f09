import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from voxaffect.models import build
from voxaffect.models.frontend import LogMel, LogMelSettings, fourier_basis
from voxaffect.settings import read_experiment
from voxaffect.training import export
from voxaffect.training.compact import compact

N_FFT = 1024
SMALL = ["network.channels=[8, 16]", "network.embedding=48", "augment.channel=false"]

BASIS = "frontend.spectrogram.basis"


@pytest.fixture(scope="module")
def exported():
    model = build(read_experiment("cnn", [*SMALL, f"frontend.n_fft={N_FFT}"])).eval()
    graph = export.to_onnx(model, 16_000)
    return model, graph, compact(graph)


def run(graph, output, waveform):
    model = onnx.load_from_string(graph)
    if output not in [each.name for each in model.graph.output]:
        model.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([output], {"waveform": waveform})[0]


def test_the_basis_is_made_again(exported):
    _, _, small = exported
    made = run(small, BASIS, np.zeros((1, 16_000), np.float32))
    assert np.abs(made[:, 0] - fourier_basis(N_FFT)).max() < 5e-7


def test_quiet_parts_of_a_spectrum_are_not_lost(exported):
    _, _, small = exported
    time = np.arange(16_000) / 16_000
    loud_and_quiet = (0.5 * np.sin(2 * np.pi * 440 * time) + 3e-5 * np.sin(2 * np.pi * 5000 * time)).astype(np.float32)
    model = onnx.load_from_string(small)
    energies = next(each.output[0] for each in model.graph.node if each.op_type == "Clip")
    found = run(small, energies, loud_and_quiet[None])
    settings = LogMelSettings(n_fft=N_FFT, floor=-100)
    expected = LogMel(settings, 16_000)(torch.from_numpy(loud_and_quiet)[None]).numpy()
    assert np.abs(10 * np.log10(found) - expected).max() < 0.1


def test_large_weights_are_in_half_precision_and_nothing_of_the_front_end_is(exported):
    model, graph, small = exported
    kept = {each.name: each for each in onnx.load_from_string(small).graph.initializer}
    halves = {name: each for name, each in kept.items() if each.data_type == TensorProto.FLOAT16}
    assert sum(int(np.prod(each.dims)) for each in halves.values()) > 0.8 * sum(p.numel() for p in model.parameters())
    assert not any(name.startswith("frontend.") for name in halves)
    assert BASIS not in kept
    assert len(small) < 0.25 * len(graph)
    assert export.gap(model, small, 16_000) < 2e-3


def test_a_basis_of_another_kind_is_left_alone(exported):
    _, graph, _ = exported
    other = onnx.load_from_string(graph)
    basis = next(each for each in other.graph.initializer if each.name == BASIS)
    values = onnx.numpy_helper.to_array(basis).copy()
    values[3] *= 1.01
    basis.CopyFrom(onnx.numpy_helper.from_array(values, BASIS))
    kept = {each.name: each for each in onnx.load_from_string(compact(other.SerializeToString())).graph.initializer}
    assert np.array_equal(onnx.numpy_helper.to_array(kept[BASIS]), values)
