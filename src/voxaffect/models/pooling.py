"""Hidden states of an encoder, pooled over time."""

from typing import Any

import torch
from torch import Tensor, nn

from voxaffect.errors import missing_extra
from voxaffect.models.encoder.layers import Layers
from voxaffect.settings.networks import PoolingSettings

_HIDDEN = 128  # of the attention
_STEEPEST = 10.0  # logarithm of the highest weight of a frame; that of the lowest is as far below 0
_ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
_FEED_FORWARD = ("fc1", "fc2", "intermediate_dense", "output_dense")


class Pooling(nn.Module):
    """Hidden states, added up or concatenated, pooled, and no more than a linear layer on that.

    Every value is normalised twice as batch normalisation does, by frames before pooling and by clips after it. Once
    trained this is linear, so the embedding of a mean is the mean of `frames`.

    Args:
        settings: How it pools.
        n_features: Rows of the front end's output.
        n_states: Hidden states among them.
        upper: The layers that are part of this network; None: none are.

    Attributes:
        commutes: Whether the embedding is a weighted mean of `frames`.
        uniform: Whether all weights are the same.
    """

    def __init__(self, settings: PoolingSettings, n_features: int, n_states: int, upper: Layers | None) -> None:
        super().__init__()
        self.n_features, self.commutes = n_features, settings.pooling != "statistics"
        self.uniform = settings.pooling == "mean"
        self.deviations = settings.pooling == "statistics"
        self.upper = upper if upper is None or not settings.lora else _adapted(upper, settings.lora)
        dim, states = n_features // n_states, n_states if upper is None else len(upper.layers)
        self.normalise = nn.BatchNorm1d(states * dim, affine=False)
        self.mix = nn.Parameter(torch.zeros(states)) if settings.mix else None
        size = dim if settings.mix else states * dim
        self.attention: nn.Module | None = None
        if settings.pooling == "attention":
            self.attention = nn.Sequential(nn.Linear(size, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, 1))
        pooled = 2 * size if self.deviations else size
        self.normalise_pooled = nn.BatchNorm1d(pooled, affine=False)
        self.dropout = nn.Dropout(settings.dropout)
        self.embedding_size = settings.embedding or pooled
        self.project: nn.Module = nn.Linear(pooled, settings.embedding) if settings.embedding else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """Pool.

        Args:
            features: (batch, n_features, frames). Where clips are of different lengths, one more row holds the weight
                of each frame, and features are multiplied by it: 0 behind a clip's end, 1 elsewhere, and what is
                between where clips were mixed.

        Returns:
            Embedding (batch, embedding_size).
        """
        states, weights = self._states(features)
        mean = _mean(states, weights)
        if self.deviations:
            variance = _mean((states - mean.unsqueeze(1)).square(), weights)
            mean = torch.cat([mean, torch.sqrt(variance + 1e-5)], dim=1)
        embedding = self.project(self.dropout(self.normalise_pooled(mean)))
        return embedding if isinstance(self.project, nn.Identity) else self.dropout(embedding)

    def frames(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Frame by frame, of a network in evaluation mode that `commutes`.

        Args:
            features: (batch, n_features, frames).

        Returns:
            Values (batch, frames, embedding_size) and weights (batch, frames): the embedding of any part of a clip is
            the weighted mean of the part's values.
        """
        states, weights = self._states(features)
        normalise = self.normalise_pooled
        assert normalise.running_mean is not None and normalise.running_var is not None  # noqa: PT018
        scale = torch.rsqrt(normalise.running_var + normalise.eps)
        return self.project((states - normalise.running_mean) * scale), weights

    def merge(self) -> None:
        """Add adapters, if there are any, to the weights that they adapt."""
        if self.upper is not None:
            _merge(self.upper)

    def _states(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised states (batch, frames, size), and the weights of frames (batch, frames)."""
        states = features[:, : self.n_features].transpose(1, 2)
        weights = features[:, self.n_features] if features.shape[1] > self.n_features else None
        there = None if weights is None else weights > 0
        if weights is not None:
            states = states / weights.clamp(min=1e-6).unsqueeze(2)
        if self.upper is not None:
            states = torch.cat(self.upper(states, there), dim=2)
        states = self._normalised(states.float(), there)
        if self.mix is not None:
            batch, frames, _ = states.shape
            share = torch.softmax(self.mix, dim=0)
            states = (states.reshape(batch, frames, len(share), -1) * share[:, None]).sum(dim=2)
        attended = torch.ones_like(states[:, :, 0]) if weights is None else weights.to(states)
        if self.attention is not None:
            score = self.attention(states).squeeze(2).float()
            # Bounded and not divided by their sum, so that frames of one block can be weighed against another's.
            attended = attended * torch.exp(_STEEPEST * torch.tanh(score / _STEEPEST))
        return states, attended

    def _normalised(self, states: Tensor, there: Tensor | None) -> Tensor:
        """Of frames that are there; the others become 0."""
        if there is None or bool(there.all()):
            return self.normalise(states.transpose(1, 2)).transpose(1, 2)
        result = torch.zeros_like(states)
        result[there] = self.normalise(states[there])
        return result


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """(batch, frames, size), (batch, frames) -> weighted mean (batch, size)."""
    return (values * weights.unsqueeze(2)).sum(dim=1) / weights.sum(dim=1, keepdim=True)


def _adapted(layers: Layers, rank: int) -> Layers:
    """The same layers, frozen, with adapters that are trained."""
    try:
        import peft
    except ImportError as error:
        raise missing_extra("encoders", error) from error
    # WavLM's attention takes the weights of its linear layers and never calls these.
    adapted = _FEED_FORWARD if layers.relative else (*_ATTENTION, *_FEED_FORWARD)
    peft.inject_adapter_in_model(
        peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=list(adapted), lora_dropout=0.0), layers
    )
    for name, parameter in layers.named_parameters():
        parameter.requires_grad_("lora_" in name)
    return layers


def _merge(module: nn.Module) -> None:
    for name, child in list(module.named_children()):
        layer: Any = child
        if hasattr(layer, "get_base_layer") and hasattr(layer, "merge"):
            layer.merge()
            setattr(module, name, layer.get_base_layer())
        else:
            _merge(child)
