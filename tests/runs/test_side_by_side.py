"""Networks trained side by side are those that `fit` trains."""

import copy
import dataclasses

import numpy as np
import pytest
import torch

from voxaffect import corpora
from voxaffect.errors import SettingsError
from voxaffect.models import build
from voxaffect.runs import recipe
from voxaffect.runs.run import Run, RunOptions
from voxaffect.runs.side_by_side import check_side_by_side, train_side_by_side
from voxaffect.runs.side_by_side.network import DrawPool, Network, TrainingSet
from voxaffect.settings import read_experiment
from voxaffect.splits import by_speaker
from voxaffect.training import optimizers, run_folder
from voxaffect.training.fit import fit
from voxaffect.training.prepared import prepare

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
def run(utterances, tmp_path):
    def of(*settings):
        split = by_speaker("test", utterances, test=["ravdess/01", "ravdess/02"])
        experiment = read_experiment("small", [*SMALL, *settings])
        return Run(experiment, (), utterances, split, tmp_path / "run")

    return of


CPU = RunOptions(device="cpu", threads=1)


def test_the_same_rule_and_the_same_clips_in_the_same_order(run, tmp_path):
    """With nothing drawn at random in a step, the weights are the same but for rounding."""
    one = run("augment={}", "training.members=1", "training.sampling.nonspeech=0.2")
    train_side_by_side([one], CPU, workers=1)
    found = torch.load(one.folder / run_folder.LAST, weights_only=True)
    fit(prepare(one.experiment, one.utterances, one.split), tmp_path / "fitted", device="cpu")
    expected = torch.load(tmp_path / "fitted" / run_folder.LAST, weights_only=True)
    assert found["epoch"] == expected["epoch"]
    assert found["state_dict"].keys() == expected["state_dict"].keys()
    assert found["voxaffect"]["run"] == expected["voxaffect"]["run"]
    before = build(one.experiment).state_dict()
    weights = [name for name, value in before.items() if value.is_floating_point()]
    moved, apart = (
        torch.cat([(kept["state_dict"][f"model.{name}"] - before[name]).flatten() for name in weights])
        for kept in (expected, found)
    )
    # Features come in half precision, which is 0.06 dB at most.
    assert (moved - apart).norm() < 0.05 * moved.norm()
    losses = [[each["train_loss"] for each in kept["voxaffect"]["history"]] for kept in (found, expected)]
    assert losses[0] == pytest.approx(losses[1], abs=3e-3)


def test_all_members_are_trained_and_taken_as_done(run):
    several = run()
    train_side_by_side([several], CPU, workers=1, at_once=1)
    paths = [run_folder.member(several.folder, place) / run_folder.LAST for place in range(2)]
    before = [path.read_bytes() for path in paths]
    assert before[0] != before[1]
    with pytest.raises(SettingsError, match="holds this run already"):
        train_side_by_side([several], CPU, workers=1)
    resumed = RunOptions(resume=True, device="cpu", threads=1)
    train_side_by_side([several], resumed, workers=1)
    trained = recipe.train(several, resumed)
    assert [path.read_bytes() for path in paths] == before
    assert (trained.fitted.epochs, trained.fitted.device) == (2, "cpu, side by side")
    assert all(np.isfinite(each["train_loss"]) for each in trained.fitted.history)
    assert len(trained.predictions.truth) == len(several.split.ids("test"))


def test_worker_processes_prepare_the_same(run):
    """Whatever process reads the clips, the network is the same."""
    weights = []
    for workers in (1, 2):
        one = run("training.members=1", "training.epochs=1")
        one = dataclasses.replace(one, folder=one.folder.with_name(f"run{workers}"))
        train_side_by_side([one], CPU, workers=workers)
        kept = torch.load(one.folder / run_folder.LAST, weights_only=True)
        weights.append(kept["state_dict"]["model.head.weight"])
    assert torch.equal(*weights)


@pytest.mark.parametrize(
    "setting",
    ["training.optimizer.name='sgd'", "augment.gain={decibels=6}", "training.targets.extra_classes=true"],
)
def test_what_is_not_like_small_is_refused(run, setting):
    check_side_by_side(run().experiment)
    with pytest.raises(SettingsError, match="cannot be trained side by side"):
        train_side_by_side([run(setting)], CPU)


def test_the_device_that_a_run_was_trained_on_is_kept_when_it_is_resumed(run):
    one = run("training.members=1", "training.epochs=1")
    train_side_by_side([one], CPU, workers=1)
    kept = torch.load(one.folder / run_folder.LAST, weights_only=True)
    kept["voxaffect"]["device"] = "cuda"
    torch.save(kept, one.folder / run_folder.LAST)
    fitted = fit(prepare(one.experiment, one.utterances, one.split), one.folder, resume=True, device="cpu")
    assert fitted.device == "cuda"


def test_the_rule_is_pytorchs(run):
    """AdamW in one cycle and the moving average, on gradients that are made up."""
    settings = run("training.members=1").experiment
    model = build(settings)
    data = TrainingSet(np.zeros((8, 64, 51), np.float16), np.zeros((8, 8), np.float32), np.zeros((6, 4), int))
    pool = DrawPool(settings, model, (64, 51), torch.device("cpu"))
    network = Network(settings, copy.deepcopy(model), data, pool, torch.device("cpu"))
    configured = optimizers.configure(settings.training.optimizer, model.parameters(), 6)
    average = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.training.optimizer.ema_decay)
    )
    generator = torch.Generator().manual_seed(0)
    for _ in range(6):
        gradients = [torch.randn(each.shape, generator=generator) for each in model.parameters()]
        network.update([each.clone() for each in gradients])
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
