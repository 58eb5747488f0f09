"""The optimisers and schedules of the article and its ancestor, against what Keras documents of its own."""

import math

import pytest
import torch
from torch import nn

from voxaffect.settings import OptimizerSettings
from voxaffect.training import optimizers


def settings(**chosen) -> OptimizerSettings:
    return OptimizerSettings(**{"weight_decay": 0.0, "learning_rate": 0.01} | chosen)


def made(parameter: nn.Parameter, **chosen):
    found = optimizers.configure(settings(**chosen), [parameter], steps=100)
    return found["optimizer"], found["lr_scheduler"]


def test_sgd_has_no_momentum():
    weight = nn.Parameter(torch.tensor([1.0]))
    optimizer, _ = made(weight, name="sgd", schedule="plateau")
    for expected in (1 - 0.01 * 3, 1 - 2 * 0.01 * 3):
        weight.grad = torch.tensor([3.0])
        optimizer.step()
        assert float(weight.detach()) == pytest.approx(expected)


def test_rmsprop_is_keras():
    """v = 0.9 v + 0.1 g^2; w -= rate g / (sqrt(v) + 1e-7), the rate divided by 1 + 1e-6 x step."""
    weight = nn.Parameter(torch.tensor([1.0]))
    optimizer, schedule = made(weight, name="rmsprop", schedule="inverse-time")
    expected, v = 1.0, 0.0
    for step, gradient in enumerate((3.0, -1.0, 0.5)):
        weight.grad = torch.tensor([gradient])
        optimizer.step()
        schedule["scheduler"].step()
        v = 0.9 * v + 0.1 * gradient**2
        expected -= 0.01 / (1 + 1e-6 * step) * gradient / (math.sqrt(v) + 1e-7)
        assert float(weight.detach()) == pytest.approx(expected, abs=1e-6)
    assert schedule["interval"] == "step"


def test_a_plateau_of_twenty_epochs_takes_a_tenth_off_and_1e6_is_the_least():
    optimizer, schedule = made(nn.Parameter(torch.zeros(1)), name="sgd", schedule="plateau")
    assert (schedule["monitor"], schedule["interval"]) == ("dev_loss", "epoch")
    rates = []
    for _ in range(41):
        schedule["scheduler"].step(1.0)
        rates.append(optimizer.param_groups[0]["lr"])
    # Keras counts the epochs after the best one, and acts at the end of the twentieth.
    assert rates[19] == pytest.approx(0.01)
    assert rates[20] == pytest.approx(0.009)
    assert rates[40] == pytest.approx(0.0081)
    for _ in range(4000):
        schedule["scheduler"].step(1.0)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-6)


def test_one_cycle_rises_and_falls():
    optimizer, schedule = made(nn.Parameter(torch.zeros(1)))
    rates = []
    for _ in range(100):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule["scheduler"].step() if len(rates) < 100 else None
    assert max(rates) == pytest.approx(0.01)
    assert rates[0] < 0.001
    assert rates[-1] < 1e-5
