"""What the layers of wav2vec 2.0, HuBERT, WavLM and data2vec-audio take: convolutions on the waveform."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Standardised(nn.Module):
    """A waveform of mean 0 and variance 1, as some of these encoders were trained on."""

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) -> the same."""
        centred = waveform - waveform.mean(dim=1, keepdim=True)
        return centred / torch.sqrt(centred.square().mean(dim=1, keepdim=True) + 1e-7)


class Convolutions(nn.Module):
    """Waveform to the hidden state before the first layer.

    Args:
        extractor: Convolutions, (batch, samples) -> (batch, channels, frames).
        projection: Of each frame.
        positions: A convolution that is added.
        normalise: After it.
        widths: (kernel, stride) of each of the extractor's convolutions.
    """

    def __init__(
        self,
        extractor: nn.Module,
        projection: nn.Module,
        positions: nn.Module,
        normalise: nn.Module,
        widths: Sequence[tuple[int, int]],
    ) -> None:
        super().__init__()
        self.extractor, self.projection, self.positions = extractor, projection, positions
        self.normalise, self.widths = normalise, tuple(widths)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) -> (batch, frames, dim)."""
        state = self.projection(self.extractor(waveform).transpose(1, 2))
        state = state[0] if isinstance(state, tuple) else state  # the second part is for pretraining
        return self.normalise(state + self.positions(state))

    def frames(self, samples: int) -> int:
        """Frames of 20 ms of a waveform of `samples`."""
        for kernel, stride in self.widths:
            samples = (samples - kernel) // stride + 1
        return samples
