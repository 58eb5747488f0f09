"""Parameters are counted here as Keras counts them: weights and biases, and four numbers a channel of normalisation."""

import pytest
import torch

from voxaffect.errors import SettingsError
from voxaffect.models import build
from voxaffect.settings import read_experiment


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
    model = build(read_experiment(name, [f"training.scheme={scheme}"]))
    assert as_keras_counts(model) == counted(classes)


def layers(name: str) -> list[str]:
    """The network as a list of words: 256x5 for a convolution, and so on."""
    words = []
    for layer in build(read_experiment(name)).network.layers:
        if isinstance(layer, torch.nn.Conv1d):
            words.append(f"{layer.out_channels}x{layer.kernel_size[0]}")
        elif isinstance(layer, torch.nn.BatchNorm1d):
            assert (layer.eps, layer.momentum) == (1e-3, pytest.approx(0.01))  # Keras's 0.99 is what it keeps
            words.append("norm")
        else:
            words.append(
                {"ReLU": "relu", "Dropout": f"drop {getattr(layer, 'p', 0)}", "MaxPool1d": "pool"}[type(layer).__name__]
            )
    return words


def test_layers_are_those_published():
    narrow = ["128x5", "relu"]
    begin = ["256x5", "relu", *narrow, "drop 0.1", "pool"]
    assert layers("ancestor") == [*begin, *narrow, *narrow]
    assert layers("ancestor-long") == [*begin, *narrow, *narrow, *narrow, "drop 0.2", *narrow]
    middle = ["128x8", "relu"] * 3 + ["128x8", "norm", "relu", "drop 0.25", "pool"]
    assert layers("article") == [
        *("256x8", "relu", "256x8", "norm", "relu", "drop 0.25", "pool"),
        *middle,
        *("64x8", "relu", "64x8", "relu"),
    ]


def test_training_is_as_published():
    def settings(training):
        return (training.optimizer.name, training.optimizer.learning_rate, training.optimizer.schedule)

    article, ancestor = read_experiment("article").training, read_experiment("ancestor").training
    assert (article.optimizer.name, article.optimizer.learning_rate, article.optimizer.schedule) == (
        "sgd",
        1e-4,
        "plateau",
    )
    assert (ancestor.optimizer.name, ancestor.optimizer.learning_rate, ancestor.optimizer.schedule) == (
        "rmsprop",
        1e-5,
        "inverse-time",
    )
    for each in (article, ancestor):
        assert (each.epochs, each.patience, each.sampling.batch_size) == (700, 700, 16)
        assert (each.optimizer.weight_decay, each.optimizer.gradient_clip, each.targets.label_smoothing) == (0, None, 0)


def test_a_window_that_is_too_short_for_the_pools():
    with pytest.raises(SettingsError, match=r"61 frames are too few for pools of 8; set input\.window longer"):
        build(read_experiment("article", ["input.window=0.7"]))


@pytest.mark.parametrize("name", ["article", "ancestor", "ancestor-long"])
def test_weights_begin_as_in_keras(name):
    """Glorot's uniform distribution: bounded by sqrt(6 / (fan in + fan out)); biases zero."""
    model = build(read_experiment(name))
    layers = [each for each in model.modules() if isinstance(each, torch.nn.Conv1d | torch.nn.Linear)]
    assert len(layers) == {"article": 9, "ancestor": 5, "ancestor-long": 7}[name]
    for layer in layers:
        outputs, inputs, *width = layer.weight.shape
        bound = (6 / ((inputs + outputs) * (width[0] if width else 1))) ** 0.5
        assert 0.9 * bound < float(layer.weight.detach().abs().max()) <= bound
        assert not layer.bias.detach().any()
