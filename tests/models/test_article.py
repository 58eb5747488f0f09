"""Parameters are counted here as Keras counts them: weights and biases, and four numbers a channel of normalisation."""

import pytest
import torch

from voxaffect.training import experiment
from voxaffect.training.fit import build


def convolution(inputs: int, outputs: int, width: int) -> int:
    return (inputs * width + 1) * outputs


def article(classes: int, frames: int) -> int:
    return (
        convolution(1, 256, 8)
        + convolution(256, 256, 8)
        + 4 * 256
        + convolution(256, 128, 8)
        + 3 * convolution(128, 128, 8)
        + 4 * 128
        + convolution(128, 64, 8)
        + convolution(64, 64, 8)
        + (frames // 8 // 8 * 64 + 1) * classes
    )


def ancestor(classes: int, frames: int, longer: bool) -> int:
    after = 4 if longer else 2
    return (
        convolution(1, 256, 5)
        + convolution(256, 128, 5)
        + after * convolution(128, 128, 5)
        + (frames // 8 * 128 + 1) * classes
    )


def as_keras_counts(model: torch.nn.Module) -> int:
    running = [each for name, each in model.named_buffers() if "running" in name]
    return sum(each.numel() for each in [*model.parameters(), *running])


@pytest.mark.parametrize(
    ("scheme", "classes"), [("article-10", 10), ("article-5", 5), ("article-3", 3), ("article-2", 2)]
)
@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("article", lambda classes: article(classes, 259)),
        ("ancestor", lambda classes: ancestor(classes, 216, longer=False)),
        ("ancestor-long", lambda classes: ancestor(classes, 216, longer=True)),
    ],
)
def test_parameters_are_those_of_keras(name, counted, scheme, classes):
    model = build(experiment.read(name, [f"training.scheme={scheme}"]))
    assert as_keras_counts(model) == counted(classes)


def test_known_layers():
    """The numbers that Keras's summary prints for the article's layers."""
    assert [convolution(1, 256, 8), convolution(256, 256, 8), convolution(256, 128, 8)] == [2304, 524_544, 262_272]
    assert [convolution(128, 128, 8), convolution(128, 64, 8), convolution(64, 64, 8)] == [131_200, 65_600, 32_832]
    assert [convolution(1, 256, 5), convolution(256, 128, 5), convolution(128, 128, 5)] == [1536, 163_968, 82_048]


@pytest.mark.parametrize("name", ["article", "ancestor", "ancestor-long"])
def test_weights_begin_as_in_keras(name):
    """Glorot's uniform distribution: bounded by sqrt(6 / (fan in + fan out)); biases zero."""
    model = build(experiment.read(name))
    layers = [each for each in model.modules() if isinstance(each, torch.nn.Conv1d | torch.nn.Linear)]
    assert len(layers) == {"article": 9, "ancestor": 5, "ancestor-long": 7}[name]
    for layer in layers:
        outputs, inputs, *width = layer.weight.shape
        bound = (6 / ((inputs + outputs) * (width[0] if width else 1))) ** 0.5
        assert 0.9 * bound < float(layer.weight.detach().abs().max()) <= bound
        assert not layer.bias.detach().any()
