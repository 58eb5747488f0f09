"""The training step, which Lightning and CUDA graphs share."""

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensor, FakeTensorMode

from voxaffect.models import build
from voxaffect.settings import read_experiment
from voxaffect.training import step

ALL = [
    "network.channels=[8, 16]",
    "augment.channel={level=2, equalizer=1, telephone=0.2, noise=0.5}",
    "augment.warp={mel=0.1, time=0.15}",
    "augment.mixstyle={alpha=0.3, probability=0.5}",
    "augment.masks={count=2, mel=8, frames=20}",
    "augment.mixup={alpha=0.3}",
    "frontend.append_level=true",
]
BATCH, FRAMES = 6, 40


@pytest.fixture
def parts():
    """A model and a batch of everything that can be drawn."""
    experiment = read_experiment("cnn", ALL)
    model, rng = build(experiment).train(), np.random.default_rng(0)
    shape, augment = (model.frontend.n_features, FRAMES), experiment.augment
    channel = [augment.channel.draw(rng, shape, model.frontend.centres) for _ in range(BATCH)]
    warp = [augment.warp.draw(rng, shape) for _ in range(BATCH)]
    rows = {
        "channel_curve": [each.curve for each in channel],
        "channel_noise": [each.noise for each in channel],
        "warp_mel": [each.mel for each in warp],
        "warp_time": [each.time for each in warp],
        "masks": [augment.masks.draw(rng, shape) for _ in range(BATCH)],
        "features": rng.uniform(-80, 0, (BATCH, *shape)).astype(np.float32),
        "targets": np.eye(8, dtype=np.float32)[:BATCH],
    }
    return experiment, model, {name: torch.from_numpy(np.stack(values)) for name, values in rows.items()}


def take(experiment, model, batch, draws):
    features, targets = step.augmented(model, experiment.augment, batch["features"], batch["targets"], draws)
    return features, targets, step.loss(model, experiment.training, features, targets)


def test_nothing_waits_for_the_device(parts):
    """Tensors without values cannot be waited for: a step that asked for one could not be in a CUDA graph."""
    experiment, model, batch = parts
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        fake = {name: mode.from_tensor(value) for name, value in batch.items()}
        draws = step.draws_of(fake, experiment.augment, np.random.default_rng(0))
        *_, loss = take(experiment, model, fake, draws)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        assert all(isinstance(each, FakeTensor) for each in (loss, *gradients))
        with pytest.raises(DataDependentOutputException):
            loss.item()


def test_targets_are_mixed_as_features_are(parts):
    experiment, model, batch = parts
    draws = step.draws_of(batch, experiment.augment, np.random.default_rng(0))
    partner, share = draws.mixup
    features, targets, loss = take(experiment, model, batch, draws)
    assert features.shape == (BATCH, model.frontend.n_features + 1, FRAMES)
    mixed = share[:, None] * batch["targets"] + (1 - share[:, None]) * batch["targets"][partner]
    assert torch.allclose(targets, mixed)
    assert torch.isfinite(loss)
    # The level is the same in every frame: it is mixed, but neither warped nor masked.
    assert torch.equal(features[:, -1], features[:, -1, :1].expand(-1, FRAMES))


def test_an_augmentation_without_its_draws_is_an_error(parts):
    experiment, model, batch = parts
    with pytest.raises((TypeError, AttributeError)):
        take(experiment, model, batch, step.Draws())
