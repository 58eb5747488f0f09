"""A compact residual network on log-mel energies, pooled by attention over time."""

import torch
from torch import Tensor, nn

from voxaffect.settings.networks import CnnSettings


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016).

    Args:
        inputs: Channels.
        outputs: Channels.
        stride: Of the first convolution, in both axes.
    """

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
        """(batch, inputs, mel, time) -> (batch, outputs, mel / stride, time / stride)."""
        return self.activation(self.body(x) + self.shortcut(x))


class AttentivePooling(nn.Module):
    """Attention-weighted mean and deviation over time (Okabe et al. 2018), one weight a channel and frame.

    Args:
        channels: Of the input.
        hidden: Of the attention.
    """

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
    """A first convolution and residual stages; every stage but the first halves both axes.

    Args:
        channels: Of each stage.
        stem_stride: Of the first convolution, (mel, time).
        n_features: Rows of the input.

    Attributes:
        size: Channels times rows of the output.
    """

    def __init__(self, channels: tuple[int, ...], stem_stride: tuple[int, int], n_features: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, channels[0], 5, stride=stem_stride, padding=2, bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(inplace=True),
        )
        stages, inputs, rows = [], channels[0], -(-n_features // stem_stride[0])
        for number, outputs in enumerate(channels):
            stride = 1 if number == 0 else 2
            stages.append(Residual(inputs, outputs, stride))
            inputs, rows = outputs, -(-rows // stride)
        self.stages = nn.Sequential(*stages)
        self.size = inputs * rows

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features, frames) -> (batch, size, frames / strides)."""
        return self.stages(self.stem(features.unsqueeze(1))).flatten(1, 2)


class Cnn(nn.Module):
    """Stem, residual stages, one projection a frame, attentive pooling, embedding; any number of frames.

    Args:
        settings: Its sizes.
        n_features: Rows of a spectrum.
        clip_features: Rows after them that describe the whole clip.
    """

    def __init__(self, settings: CnnSettings, n_features: int, clip_features: int = 0) -> None:
        super().__init__()
        self.embedding_size, self.n_features, self.clip_features = settings.embedding, n_features, clip_features
        self.stages = Stages(settings.channels, settings.stem_stride, n_features)
        self.project = nn.Sequential(
            nn.Conv1d(self.stages.size, settings.embedding, 1, bias=False),
            nn.BatchNorm1d(settings.embedding),
            nn.ReLU(),
        )
        self.pool = AttentivePooling(settings.embedding)
        self.embed = nn.Sequential(
            nn.Dropout(settings.dropout),
            nn.Linear(2 * settings.embedding + clip_features, settings.embedding),
            nn.BatchNorm1d(settings.embedding),
            nn.ReLU(),
            nn.Dropout(settings.dropout),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features + clip_features, frames), normalised -> embedding (batch, embedding)."""
        pooled = self.pool(self.project(self.stages(features[:, : self.n_features])))
        if self.clip_features:
            pooled = torch.cat([pooled, features[:, self.n_features :].mean(dim=2)], dim=1)
        return self.embed(pooled)
