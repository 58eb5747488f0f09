"""Recurrent networks: over the spectrogram itself, or over what convolutions make of it.

The cells are LSTM (Hochreiter & Schmidhuber 1997) and not GRU, which PyTorch does not export for any length.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from voxaffect.errors import SettingsError
from voxaffect.models.cnn import AttentivePooling, Stages, refuse_stages


@dataclass(frozen=True)
class RecurrentSettings:
    """Settings of the recurrent networks.

    hidden: units in each direction. layers: of cells. channels: of the convolutional stages before them, none for a
    purely recurrent network; stem_stride: (mel, time) of the first convolution. dropout: between layers and before the
    classes.
    """

    hidden: int = 96
    layers: int = 2
    channels: tuple[int, ...] = ()
    stem_stride: tuple[int, int] = (2, 2)
    dropout: float = 0.3

    def __post_init__(self) -> None:
        if min(self.hidden, self.layers) < 1:
            raise SettingsError(f"hidden={self.hidden}, layers={self.layers}: choose at least 1")
        refuse_stages(self.channels, self.stem_stride)
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"dropout={self.dropout} is not a share; choose 0 to below 1")


class Recurrent(nn.Module):
    """Convolutional stages, if any, cells that read both ways, attentive pooling."""

    def __init__(self, settings: RecurrentSettings, n_features: int, n_frames: int) -> None:
        super().__init__()
        self.stages: nn.Module = nn.Identity()
        inputs = n_features
        if settings.channels:
            self.stages = Stages(settings.channels, settings.stem_stride, n_features)
            inputs = self.stages.size
        between = settings.dropout if settings.layers > 1 else 0.0
        self.cells = nn.LSTM(
            inputs, settings.hidden, settings.layers, batch_first=True, bidirectional=True, dropout=between
        )
        self.pool = AttentivePooling(2 * settings.hidden)
        self.embedding_size = 4 * settings.hidden
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features, frames), normalised -> embedding (batch, 4 * hidden)."""
        frames, _ = self.cells(self.stages(features).transpose(1, 2))
        return self.dropout(self.pool(frames.transpose(1, 2)))
