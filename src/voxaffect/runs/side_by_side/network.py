"""A network in training whose step is one CUDA graph, so that many of them can share a GPU."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from voxaffect.augment import ChannelParameters, WarpParameters
from voxaffect.files.atomic import replacing
from voxaffect.models import Classifier
from voxaffect.settings import Experiment, OptimizerSettings
from voxaffect.training import optimizers, run_folder, step
from voxaffect.training.step import Draws, Mix

POOL = 4096
"""Draws of each augmentation that all networks share."""

BETA = 0.999
"""PyTorch's own for AdamW's second moment."""

_STEPS = 100  # of each network in turn: enough for the GPU to be busy while the next network is made ready
_LINE = 64  # numbers: pieces of a row of weights begin at multiples, as the GPU's vector loads need it


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What a network is trained on, arrays.

    Args:
        features: (clips, n_features, frames).
        targets: (clips, classes), rows sum to 1.
        order: (steps, batch) indices of clips.
    """

    features: Any
    targets: Any
    order: Any


class DrawPool:
    """Draws of an experiment's augmentations, on the device.

    Args:
        experiment: The settings.
        model: Its network.
        shape: Of features, (n_features, frames).
        device: Where the draws go.
    """

    def __init__(self, experiment: Experiment, model: Classifier, shape: tuple[int, int], device: torch.device) -> None:
        augment, rng = experiment.augment, np.random.default_rng(POOL)

        def many(draw: Any, parts: int) -> list[torch.Tensor]:
            drawn = [draw() for _ in range(POOL)]
            return [torch.from_numpy(np.stack([each[part] for each in drawn])).to(device) for part in range(parts)]

        channel, warp, masks = augment.channel, augment.warp, augment.masks
        centres = model.frontend.centres
        self._channel = many(lambda: channel.draw(rng, shape, centres), 2) if channel else []
        if channel and not channel.noise:  # all zeros
            self._channel[1] = torch.zeros(1, 1, 1, device=device).expand(POOL, -1, -1)
        self._warp = many(lambda: warp.draw(rng, shape), 2) if warp else []
        self._masks = many(lambda: (masks.draw(rng, shape).astype(bool),), 1) if masks else []

    def draws(self, picked: torch.Tensor, mixup: Mix | None) -> Draws:
        """Those of a batch. picked: (3, batch) indices, for channel, warp and masks."""
        return Draws(
            ChannelParameters(*(part[picked[0]] for part in self._channel)) if self._channel else None,
            WarpParameters(*(part[picked[1]] for part in self._warp)) if self._warp else None,
            self._masks[0][picked[2]] if self._masks else None,
            mixup=mixup,
        )


class Network:
    """One network in training: its weights in one row, its step one graph.

    Args:
        experiment: The settings.
        model: Its network, which is trained.
        data: What it is trained on.
        pool: Draws of its augmentations.
        device: Where it is trained.
    """

    def __init__(
        self, experiment: Experiment, model: Classifier, data: TrainingSet, pool: DrawPool, device: torch.device
    ) -> None:
        self.experiment, self.model, self.pool, self.device = experiment, model.to(device).train(), pool, device
        self.done, self.seconds = 0, 0.0
        self.graph: torch.cuda.CUDAGraph | None = None
        training, mixup = experiment.training, experiment.augment.mixup
        self.steps, batch = data.order.shape
        self.features, self.targets = _on(data.features, device), _on(data.targets, device)
        self.order = _on(data.order, device)
        rng = np.random.default_rng((training.seed, self.steps))
        self.picked = _on(rng.integers(POOL, size=(self.steps, 3, batch)), device)
        drawn = [mixup.draw(rng, batch) for _ in range(self.steps)] if mixup else []
        self.mixed = [_on(np.stack([each[part] for each in drawn]), device) for part in range(2)] if mixup else []
        self.parameters = list(model.parameters())
        self.weights, places = _as_row([each.data for each in self.parameters], device)
        for parameter, place in zip(self.parameters, places, strict=True):
            parameter.data = place
        self.norms = [each for each in model.modules() if isinstance(each, _BatchNorm)]
        self.counts = [each.num_batches_tracked for each in self.norms]
        statistics: list[Any] = [each.running_mean for each in self.norms] + [each.running_var for each in self.norms]
        self.statistics, places = _as_row(statistics, device)
        for norm, mean, variance in zip(self.norms, places, places[len(self.norms) :], strict=False):
            # An unused count would cost a kernel of its own.
            norm.running_mean, norm.running_var, norm.num_batches_tracked = mean, variance, None
        self.gaps = [torch.zeros(-each.numel() % _LINE, device=device) for each in self.parameters]
        self.first, self.second = torch.zeros_like(self.weights), torch.zeros_like(self.weights)
        self.average, self.average_statistics = self.weights.clone(), self.statistics.clone()
        self.rates = _on(rates(training.optimizer, self.steps), device)
        self.losses = torch.zeros(self.steps, device=device)
        self.at = torch.zeros(1, dtype=torch.long, device=device)

    def step(self) -> None:
        """Take one step of training; the number of the step is on the device."""
        at, training = self.at, self.experiment.training
        rows, picked = self.order.index_select(0, at)[0], self.picked.index_select(0, at)[0]
        features, targets = self.features.index_select(0, rows).float(), self.targets.index_select(0, rows)
        mixup = Mix(*(part.index_select(0, at)[0] for part in self.mixed)) if self.mixed else None
        draws = self.pool.draws(picked, mixup)
        features, targets = step.augmented(self.model, self.experiment.augment, features, targets, draws)
        loss = step.loss(self.model, training, features, targets)
        gradients = torch.autograd.grad(loss, self.parameters)
        with torch.no_grad():
            self.update(gradients)
            self.losses.index_copy_(0, at, loss.detach()[None])
            at.add_(1)

    def update(self, gradients: Sequence[torch.Tensor]) -> None:
        """One step of AdamW, and of the moving average."""
        pieces = zip(map(_flat, gradients), self.gaps, strict=True)
        gradient = torch.cat([part for piece in pieces for part in piece])
        clip = self.experiment.training.optimizer.gradient_clip
        if clip is not None:
            gradient = gradient * (clip / (torch.linalg.vector_norm(gradient) + 1e-6)).clamp(max=1)
        keep, beta, rate, root, new = self.rates.index_select(0, self.at)[0].unbind()
        self.weights.mul_(keep)
        self.first.mul_(beta).add_(gradient * (1 - beta))
        self.second.mul_(BETA).addcmul_(gradient, gradient, value=1 - BETA)
        self.weights.sub_(rate * self.first / (self.second.sqrt() * root + 1e-8))
        self.average.lerp_(self.weights, new)
        self.average_statistics.lerp_(self.statistics, new)

    def capture(self) -> None:
        """Make a graph of a step, and leave everything as if none had been taken."""
        state = [self.weights, self.first, self.second, self.average, self.statistics, self.average_statistics]
        state += [self.losses, self.at]
        before = [value.clone() for value in state]
        self.stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            self.step()
        self.stream.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=self.stream):
            self.step()
        for value, old in zip(state, before, strict=True):
            value.copy_(old)
        torch.cuda.synchronize()

    def advance(self) -> None:
        """Take some steps; where there is a graph, without waiting for them."""
        count = min(_STEPS, self.steps - self.done)
        if self.graph is None:
            for _ in range(count):
                self.step()
        else:
            with torch.cuda.stream(self.stream):
                for _ in range(count):
                    self.graph.replay()
        self.done += count

    def write(self, folder: Path, identity: str) -> None:
        """Write what `fit` reads of the checkpoint after the last epoch. identity: of the run."""
        if self.graph is not None:
            self.stream.synchronize()
        self.weights.copy_(self.average)
        self.statistics.copy_(self.average_statistics)
        for norm, count in zip(self.norms, self.counts, strict=True):
            norm.num_batches_tracked = count + self.steps
        epochs = self.experiment.training.epochs
        losses = self.losses.reshape(epochs, -1).mean(dim=1).tolist()
        history = [{"epoch": float(place + 1), "train_loss": loss} for place, loss in enumerate(losses)]
        state = {f"model.{name}": value.detach().cpu().contiguous() for name, value in self.model.state_dict().items()}
        about = run_folder.about(history, self.seconds, f"{self.device.type}, side by side", identity)
        with replacing(folder / run_folder.LAST) as partial:
            torch.save({"state_dict": state, "epoch": epochs - 1, "voxaffect": about}, partial)


@functools.cache
def rates(training: OptimizerSettings, steps: int) -> Any:
    """What AdamW and the average multiply by at each step, PyTorch's corrections included: (steps, 5)."""
    configured = optimizers.configure(training, [nn.Parameter(torch.zeros(1))], steps)
    optimizer, schedule = configured["optimizer"], configured["lr_scheduler"]["scheduler"]
    table = np.zeros((steps, 5), np.float32)
    for number in range(steps):
        rate, (beta, _) = optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["betas"]
        new = 1.0 if number == 0 or training.ema_decay is None else 1 - training.ema_decay
        corrected = rate / (1 - beta ** (number + 1)), 1 / np.sqrt(1 - BETA ** (number + 1))
        table[number] = (1 - rate * training.weight_decay, beta, *corrected, new)
        optimizer.step()
        if number + 1 < steps:
            schedule.step()
    return table


def _on(values: Any, device: torch.device) -> torch.Tensor:
    return torch.as_tensor(values).to(device)


def _flat(values: torch.Tensor) -> torch.Tensor:
    """As one row, channels last."""
    return (values.permute(0, 2, 3, 1) if values.dim() == 4 else values).reshape(-1)


def _as_row(parts: Sequence[torch.Tensor], device: torch.device) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """One row that holds copies of all parts, and each part's place in it, in its shape, channels last."""
    row = torch.zeros(sum(each.numel() + -each.numel() % _LINE for each in parts), device=device)
    places, begin = [], 0
    for each in parts:
        place = row[begin : begin + each.numel()]
        if each.dim() == 4:
            outputs, inputs, height, width = each.shape
            place = place.view(outputs, height, width, inputs).permute(0, 3, 1, 2)
        else:
            place = place.view(each.shape)
        place.copy_(each)
        places.append(place)
        begin += each.numel() + -each.numel() % _LINE
    return row, places
