"""A compact residual network on log-mel energies, pooled by attention over time."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from voxaffect.errors import SettingsError


@dataclass(frozen=True)
class CnnSettings:
    """Settings of the residual network.

    channels: of each stage. Every stage halves both axes, but the first does so only where `stem` is set.
    stem: channels of the first convolution; None: as many as the first stage has.
    stem_stride: (mel, time) of the first convolution.
    embedding: size of the embedding. dropout: before the embedding and before the classes.
    """

    channels: tuple[int, ...] = (32, 64, 96, 128)
    stem: int | None = None
    stem_stride: tuple[int, int] = (2, 2)
    embedding: int = 128
    dropout: float = 0.3

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        object.__setattr__(self, "stem_stride", tuple(self.stem_stride))
        if not self.channels:
            raise SettingsError("channels=() is not a list of sizes; choose for example [32, 64, 128]")
        refuse_stages(self.channels, self.stem_stride)
        if self.stem is not None and self.stem < 1:
            raise SettingsError(f"stem={self.stem} is not a size; choose for example 16, or false")
        if self.embedding < 1:
            raise SettingsError(f"embedding={self.embedding} is not a size; choose for example 128")
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"dropout={self.dropout} is not a share; choose 0 to below 1")


def refuse_stages(channels: tuple[int, ...], stem_stride: tuple[int, ...]) -> None:
    """Raise SettingsError for sizes of stages, or strides, that are none."""
    if min(channels, default=1) < 1:
        raise SettingsError(f"channels={channels} is not a list of sizes; choose for example [32, 64, 128]")
    if len(stem_stride) != 2 or not set(stem_stride) <= {1, 2}:
        raise SettingsError(f"stem_stride={stem_stride} is not (mel, time); choose 1 or 2 for each")


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016): (batch, c, mel, time) -> (batch, d, mel/s, time/s)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
            )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, c, mel, time) -> (batch, d, mel/stride, time/stride)."""
        return self.activation(self.body(x) + self.shortcut(x))


class AttentivePooling(nn.Module):
    """Attention-weighted mean and deviation over time (Okabe et al. 2018), one weight a channel and frame."""

    def __init__(self, channels: int, hidden: int = 64) -> None:
        super().__init__()
        self.attention = nn.Sequential(nn.Conv1d(channels, hidden, 1), nn.Tanh(), nn.Conv1d(hidden, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, time) -> (batch, 2 * channels)."""
        weight = torch.softmax(self.attention(x), dim=-1)
        mean = (weight * x).sum(dim=-1)
        variance = (weight * (x - mean.unsqueeze(-1)) ** 2).sum(dim=-1)
        return torch.cat([mean, torch.sqrt(variance + 1e-5)], dim=1)


class Stages(nn.Module):
    """A first convolution and residual stages, which halve both axes; the first does so where `stem` is set.

    size: channels x bands of the output, as one axis.
    """

    def __init__(
        self, channels: tuple[int, ...], stem_stride: tuple[int, int], n_features: int, stem: int | None = None
    ) -> None:
        super().__init__()
        first = stem or channels[0]
        self.stem = nn.Sequential(
            nn.Conv2d(1, first, 5, stride=stem_stride, padding=2, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
        )
        stages, inputs, rows = [], first, -(-n_features // stem_stride[0])
        for number, outputs in enumerate(channels):
            stride = 1 if number == 0 and stem is None else 2
            stages.append(Residual(inputs, outputs, stride))
            inputs, rows = outputs, -(-rows // stride)
        self.stages = nn.Sequential(*stages)
        self.size = inputs * rows

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features, frames) -> (batch, size, frames / strides)."""
        return self.stages(self.stem(features.unsqueeze(1))).flatten(1, 2)


class Cnn(nn.Module):
    """Stem, residual stages, one projection a frame, attentive pooling, embedding."""

    def __init__(self, settings: CnnSettings, n_features: int, n_frames: int = 0, beside: int = 0) -> None:
        """n_frames is not looked at: any number of frames will do. beside: rows after the features, one thing each."""
        super().__init__()
        self.embedding_size, self.n_features, self.beside = settings.embedding, n_features, beside
        self.stages = Stages(settings.channels, settings.stem_stride, n_features, settings.stem)
        self.project = nn.Sequential(
            nn.Conv1d(self.stages.size, settings.embedding, 1, bias=False),
            nn.BatchNorm1d(settings.embedding),
            nn.ReLU(),
        )
        self.pool = AttentivePooling(settings.embedding)
        self.embed = nn.Sequential(
            nn.Dropout(settings.dropout),
            nn.Linear(2 * settings.embedding + beside, settings.embedding),
            nn.BatchNorm1d(settings.embedding),
            nn.ReLU(),
            nn.Dropout(settings.dropout),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features + beside, frames), normalised -> embedding (batch, embedding)."""
        pooled = self.pool(self.project(self.stages(features[:, : self.n_features])))
        if self.beside:
            pooled = torch.cat([pooled, features[:, self.n_features :].mean(dim=2)], dim=1)
        return self.embed(pooled)
