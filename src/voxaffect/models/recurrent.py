"""Recurrent networks: over the spectrogram, or over the output of convolutions.

The cells are LSTM (Hochreiter & Schmidhuber 1997) and not GRU, which PyTorch does not export for any length.
"""

from torch import Tensor, nn

from voxaffect.models.cnn import AttentivePooling, Stages
from voxaffect.settings.networks import RecurrentSettings


class Recurrent(nn.Module):
    """Convolutional stages, if any, bidirectional LSTM layers, attentive pooling.

    Args:
        settings: Its sizes.
        n_features: Rows of the input.
    """

    def __init__(self, settings: RecurrentSettings, n_features: int) -> None:
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
