"""Networks trained side by side are those that `fit` trains."""

import copy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from voxaffect import corpora
from voxaffect.errors import SettingsError
from voxaffect.models import build
from voxaffect.runs.run import Run
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import optimizers, run_folder
from voxaffect.training.ensemble import fit_members
from voxaffect.training.fit import fit

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import together

SMALL = [
    "network.channels=[8, 16]",
    "network.embedding=24",
    "network.dropout=0.0",
    "input.window=1.0",
    "training.pretrained=[]",
    "training.precision='32'",
    "training.sampling.clips_per_epoch=256",
    "training.epochs=2",
]


@pytest.fixture(scope="module")
def utterances(made_up):
    return corpora.load("ravdess", made_up).utterances


@pytest.fixture
def task(utterances, tmp_path):
    def of(*settings):
        split = by_speaker("test", utterances, test=["ravdess/01", "ravdess/02"])
        asked = read_experiment("small", [*SMALL, *settings])
        return Run(asked, (), tuple(utterances), split, tmp_path / "run", fold="1")

    return of


def test_the_same_rule_and_the_same_clips_in_the_same_order(task, tmp_path):
    """With nothing drawn at random in a step, the weights are the same but for rounding."""
    one = task("augment={}", "training.members=1", "training.sampling.nonspeech=0.2")
    together.train(together.jobs_of(one), torch.device("cpu"), processes=1)
    found = torch.load(one.folder / run_folder.LAST, weights_only=True)
    fit(one.experiment, one.utterances, one.split, tmp_path / "fitted", threads=1, device="cpu")
    expected = torch.load(tmp_path / "fitted" / run_folder.LAST, weights_only=True)
    assert found["epoch"] == expected["epoch"]
    assert found["state_dict"].keys() == expected["state_dict"].keys()
    before = build(one.experiment).state_dict()
    weights = [name for name, value in before.items() if value.is_floating_point()]
    moved, apart = (
        torch.cat([(kept["state_dict"][f"model.{name}"] - before[name]).flatten() for name in weights])
        for kept in (expected, found)
    )
    # Energies come in half precision, which is 0.06 dB at most.
    assert (moved - apart).norm() < 0.05 * moved.norm()
    losses = [[each["train_loss"] for each in kept["voxaffect"]["history"]] for kept in (found, expected)]
    assert losses[0] == pytest.approx(losses[1], abs=2e-3)


def test_all_members_are_trained_and_taken_as_done(task):
    several = task()
    jobs = together.jobs_of(several)
    assert [each.experiment.training.seed for each in jobs] == [0, 1]
    together.train(jobs, torch.device("cpu"), processes=1, at_once=1)
    assert together.jobs_of(several) == []
    before = [(each.folder / run_folder.LAST).read_bytes() for each in jobs]
    assert before[0] != before[1]
    fitted = fit_members(several.experiment, several.utterances, several.split, several.folder, resume=True, threads=1)
    assert [(each.folder / run_folder.LAST).read_bytes() for each in jobs] == before
    assert (fitted.epochs, fitted.device) == (2, "cpu, side by side")
    assert all(np.isfinite(each["train_loss"]) for each in fitted.history)


def test_what_is_not_like_small_is_refused(task):
    together.refuse(task().experiment)
    for setting in (
        "training.optimizer.name='sgd'",
        "augment.gain={decibels=6}",
        "training.targets.extra_classes=true",
    ):
        with pytest.raises(SettingsError, match="use voxaffect benchmark"):
            together.refuse(task(setting).experiment)


def test_where_a_run_was_trained_is_said_wherever_it_is_taken_up(task):
    one = task("training.members=1", "training.epochs=1")
    together.train(together.jobs_of(one), torch.device("cpu"), processes=1)
    kept = torch.load(one.folder / run_folder.LAST, weights_only=True)
    kept["voxaffect"]["device"] = "cuda"
    torch.save(kept, one.folder / run_folder.LAST)
    fitted = fit(one.experiment, one.utterances, one.split, one.folder, resume=True, threads=1, device="cpu")
    assert fitted.device == "cuda"


def test_the_rule_is_pytorchs(task):
    """AdamW in one cycle and the moving average, on gradients that are made up."""
    settings = task("training.members=1").experiment
    model = together.build(settings)
    lessons = together.Lessons(np.zeros((8, 64, 51), np.float16), np.zeros((8, 8), np.float32), np.zeros((6, 4), int))
    stock = together.Stock(settings, model, (64, 51), torch.device("cpu"))
    network = together.Network(settings, copy.deepcopy(model), lessons, stock, torch.device("cpu"))
    configured = optimizers.configure(settings.training.optimizer, model.parameters(), 6)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.training.optimizer.ema_decay)
    )
    generator = torch.Generator().manual_seed(0)
    for _ in range(6):
        gradients = [torch.randn(each.shape, generator=generator) for each in model.parameters()]
        network.follow([each.clone() for each in gradients])
        network.at.add_(1)
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter.grad = gradient
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.training.optimizer.gradient_clip)
        configured["optimizer"].step()
        if network.at < 6:
            configured["lr_scheduler"]["scheduler"].step()
        average.update_parameters(model)
    for mine, theirs in zip(network.parameters, model.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)
    network.weights.copy_(network.average)
    for mine, theirs in zip(network.parameters, average.module.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)
