"""The training step: what happens to a batch between its features and its loss.

Lightning (`training.fit`) and networks side by side (`runs.side_by_side`) both take it. Nothing here waits for the
device, so that a CUDA graph can hold it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from voxaffect.augment import ChannelParameters, WarpParameters
from voxaffect.models import Classifier
from voxaffect.settings import AugmentSettings, TrainingSettings


class Mix(NamedTuple):
    """Partners in a batch. partner: (batch,) indices. share: (batch,) of oneself."""

    partner: Tensor
    share: Tensor


class Draws(NamedTuple):
    """What was drawn for the augmentations of a batch; None where an augmentation is off.

    Attributes:
        channel: `ChannelParameters`, batched.
        warp: `WarpParameters`, batched.
        masks: (batch, n_mels, frames) of 0 and 1.
        mixstyle: `Mix`.
        mixup: `Mix`.
    """

    channel: Any = None
    warp: Any = None
    masks: Any = None
    mixstyle: Any = None
    mixup: Any = None


def augmented(
    model: Classifier, augment: AugmentSettings, features: Tensor, targets: Tensor, draws: Draws
) -> tuple[Tensor, Tensor]:
    """Augment and normalise a batch.

    Args:
        model: In training mode.
        augment: Which augmentations are on.
        features: Of the front end, (batch, n_features, frames), or as `batches.collate` pads them.
        targets: (batch, classes), rows sum to 1.
        draws: One for each augmentation that is on.

    Returns:
        Normalised features (batch, n_features + clip_features, frames), and targets, mixed as the features are.
    """
    if augment.channel is not None:
        features = augment.channel.apply(features, draws.channel, model.frontend.floor)
    features = model.normalise(features)
    # Clip features, or the weights of frames, are no part of a spectrum: they are mixed alone.
    sizes = [model.frontend.n_features, features.shape[1] - model.frontend.n_features]
    features, clip_features = torch.split(features, sizes, dim=1)
    if augment.warp is not None:
        features = augment.warp.apply(features, draws.warp)
    if augment.mixstyle is not None:
        partner, share = draws.mixstyle
        features = augment.mixstyle.apply(features, partner, share[:, None, None])
    if augment.masks is not None:
        features = augment.masks.apply(features, draws.masks)
    features = torch.cat([features, clip_features], dim=1)
    if augment.mixup is not None:
        partner, share = draws.mixup
        features = augment.mixup.apply(features, partner, share[:, None, None])
        targets = augment.mixup.apply(targets, partner, share[:, None])
    return features, targets


def loss(model: Classifier, training: TrainingSettings, features: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy of a batch, a scalar.

    Args:
        model: In training mode.
        training: Precision and label smoothing.
        features: Normalised, (batch, rows, frames).
        targets: (batch, classes), rows sum to 1.
    """
    half = training.precision == "bf16"
    # The front end is not in here: in bfloat16 quiet parts of a spectrum are lost. A CUDA graph allows no cache.
    with torch.autocast(features.device.type, torch.bfloat16, enabled=half, cache_enabled=False):
        logits, _ = model.classify(features)
    return nn.functional.cross_entropy(logits.float(), targets, label_smoothing=training.targets.label_smoothing)


def draws_of(batch: Mapping[str, Tensor], augment: AugmentSettings, rng: np.random.Generator) -> Draws:
    """The draws of a batch of `TrainingClips`, and what is drawn for the batch as a whole."""
    targets = batch["targets"]

    def mix(drawn: tuple[np.ndarray, np.ndarray]) -> Mix:
        return Mix(*(torch.from_numpy(part).to(targets.device) for part in drawn))

    return Draws(
        ChannelParameters(batch["channel_curve"], batch["channel_noise"]) if augment.channel else None,
        WarpParameters(batch["warp_mel"], batch["warp_time"]) if augment.warp else None,
        batch.get("masks"),
        mix(augment.mixstyle.draw(rng, len(targets))) if augment.mixstyle else None,
        mix(augment.mixup.draw(rng, len(targets))) if augment.mixup else None,
    )
