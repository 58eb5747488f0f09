"""What Whisper's layers take (Radford et al. 2022): log-mel energies, two convolutions, sinusoidal positions."""

import math

import torch
from torch import Tensor, nn

from voxaffect.models.frontend import MelSpectrogram
from voxaffect.settings.frontends import MelSettings

N_FFT, HOP_LENGTH = 400, 160


class LogMel(MelSpectrogram):
    """Whisper's log-mel energies of a clip with silence behind it, without the frames of that silence.

    Args:
        n_mels: 80, or 128 in `large-v3`.
        sample_rate: Hz.
    """

    DYNAMIC_RANGE = 8.0  # powers of ten below the clip's highest energy

    def __init__(self, n_mels: int, sample_rate: int) -> None:
        super().__init__(MelSettings(N_FFT, HOP_LENGTH, n_mels, 0.0, sample_rate / 2), sample_rate)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) in [-1, 1] -> (batch, n_mels, samples // HOP_LENGTH) float32."""
        half = self.n_fft // 2
        padded = torch.cat([waveform[:, 1 : half + 1].flip(1), waveform], dim=1)
        padded = nn.functional.pad(padded, (0, half - self.hop_length))
        real, imaginary = nn.functional.conv1d(padded.unsqueeze(1), self.basis, stride=self.hop_length).chunk(2, dim=1)
        energy = torch.log((self.mel @ (real * real + imaginary * imaginary)).clamp(min=1e-10)) / math.log(10)
        lowest = energy.amax(dim=(1, 2), keepdim=True) - self.DYNAMIC_RANGE
        return (torch.maximum(energy, lowest) + 4) / 4


class Convolutions(nn.Module):
    """Log-mel energies to the hidden state before the first layer.

    Positions are computed and begin at 0, so a clip is as long as it is and a graph holds no table of 30 s.

    Args:
        first: The first convolution.
        second: The second one, which halves the frames.
    """

    def __init__(self, first: nn.Module, second: nn.Module) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, energies: Tensor) -> Tensor:
        """(batch, n_mels, frames) -> (batch, (frames + 1) // 2, dim)."""
        state = nn.functional.gelu(self.second(nn.functional.gelu(self.first(energies)))).transpose(1, 2)
        return state + positions(state.shape[1], state.shape[2]).to(state)

    @staticmethod
    def frames(samples: int) -> int:
        """Frames of 20 ms of a waveform of `samples`."""
        return (samples // HOP_LENGTH + 1) // 2


def positions(frames: int, dim: int) -> Tensor:
    """Sinusoidal positions (Vaswani et al. 2017), sines then cosines: (frames, dim)."""
    step = math.log(10_000) / (dim // 2 - 1)
    angles = torch.arange(frames).unsqueeze(1) * torch.exp(-step * torch.arange(dim // 2))
    return torch.cat([angles.sin(), angles.cos()], dim=1)
