"""Optimisers and learning rate schedules."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR, ReduceLROnPlateau

from voxaffect.settings import OptimizerSettings

KERAS_DECAY = 1e-6
"""The `decay` that Speech-Emotion-Analyzer (2017) gives Keras's optimiser."""


def configure(settings: OptimizerSettings, parameters: Iterable[nn.Parameter], steps: int) -> dict[str, Any]:
    """Optimiser and schedule in Lightning's form.

    Args:
        settings: Of the optimiser.
        parameters: That it updates.
        steps: Of the whole run.
    """
    rate, decay = settings.learning_rate, settings.weight_decay
    optimizer: torch.optim.Optimizer
    if settings.name == "sgd":
        optimizer = torch.optim.SGD(parameters, rate, weight_decay=decay)
    elif settings.name == "rmsprop":
        optimizer = torch.optim.RMSprop(parameters, rate, alpha=0.9, eps=1e-7, weight_decay=decay)  # Keras's own
    else:
        optimizer = torch.optim.AdamW(parameters, rate, weight_decay=decay)
    if settings.schedule == "plateau":
        # The article's. Keras waits for `patience` epochs and PyTorch for one more.
        plateau = ReduceLROnPlateau(
            optimizer, factor=0.9, patience=19, threshold=1e-4, threshold_mode="abs", min_lr=1e-6
        )
        schedule = {"scheduler": plateau, "interval": "epoch", "monitor": "dev_loss"}
    elif settings.schedule == "inverse-time":
        schedule = {"scheduler": LambdaLR(optimizer, lambda step: 1 / (1 + KERAS_DECAY * step)), "interval": "step"}
    else:
        schedule = {"scheduler": OneCycleLR(optimizer, rate, total_steps=steps), "interval": "step"}
    return {"optimizer": optimizer, "lr_scheduler": schedule}
