"""Front ends as layers, since a model takes the waveform; the spectral ones."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from voxaffect.errors import check
from voxaffect.settings.frontends import LogMelMfccSettings, LogMelSettings, MelSettings, MfccSettings

TOP_DB = 80.0
"""dB below a clip's strongest band at which MFCC energies are clipped, as in librosa."""


class MelSpectrogram(nn.Module):
    """Mel energies, as librosa's melspectrogram gives them.

    The Fourier transform is a convolution with a windowed basis: the one form that every ONNX runtime runs, and for
    short frames as fast as any.

    Args:
        settings: Of the spectrogram.
        sample_rate: Hz.

    Raises:
        SettingsError: The bands do not fit the sample rate or `n_fft`.
    """

    def __init__(self, settings: MelSettings, sample_rate: int) -> None:
        super().__init__()
        check(
            settings.f_max <= sample_rate / 2,
            f"f_max={settings.f_max} exceeds half the sample rate, {sample_rate} Hz; choose at most {sample_rate / 2}",
        )
        self.n_fft, self.hop_length = settings.n_fft, settings.hop_length
        self.basis: Tensor
        self.mel: Tensor
        basis = torch.from_numpy(fourier_basis(settings.n_fft))
        self.register_buffer("basis", basis.unsqueeze(1), persistent=False)
        mel = mel_filters(sample_rate, settings.n_fft, settings.n_mels, settings.f_min, settings.f_max)
        self.register_buffer("mel", torch.from_numpy(mel), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) in [-1, 1] -> energies (batch, n_mels, samples // hop_length + 1) float32."""
        spectrum = nn.functional.conv1d(
            waveform.unsqueeze(1), self.basis, stride=self.hop_length, padding=self.n_fft // 2
        )
        real, imaginary = spectrum.chunk(2, dim=1)
        return self.mel @ (real * real + imaginary * imaginary)


class ActiveLevel(nn.Module):
    """Log-mel energies relative to the clip's active speech level, so that gain and distance do not matter.

    The level is the mean power of the frames at most `ACTIVE` dB below the loudest one, after the active level of ITU-T
    P.56. Energies are clipped below it, so that the silence of a studio is that of a room.

    Args:
        dynamic_range: dB below the level at which energies are clipped.
        append_level: Append the level, dB re full scale, as one more row that is the same in every frame.
    """

    ACTIVE = 30.0

    def __init__(self, dynamic_range: float, append_level: bool = False) -> None:
        super().__init__()
        self.dynamic_range, self.append_level = dynamic_range, append_level

    def forward(self, energies: Tensor) -> Tensor:
        """(batch, n_mels, frames) dB re full scale -> (batch, n_mels or one more, frames) dB re the clip's level."""
        power = torch.exp(energies * (math.log(10) / 10)).sum(dim=1, keepdim=True)
        active = (power >= power.amax(dim=2, keepdim=True) * 10 ** (-self.ACTIVE / 10)).float()
        level = (power * active).sum(dim=2, keepdim=True) / active.sum(dim=2, keepdim=True)
        decibels = _decibels(level, 1e-20)
        relative = (energies - decibels).clamp(min=-self.dynamic_range)
        if not self.append_level:
            return relative
        return torch.cat([relative, decibels.expand(-1, -1, energies.shape[2])], dim=1)


class Frontend(nn.Module):
    """Waveform to features, without trainable parameters.

    Attributes:
        n_features: Rows of the output.
        centres: (n_mels,) centre frequencies of the bands, Hz; empty where rows are no bands.
        reference: Applied to features before they are normalised, and after channel augmentation.
        floor: Lowest energy, dB re full scale.
        clip_features: Rows that `reference` appends, the same in every frame.
        frozen: Number of weights of a pretrained encoder.
    """

    n_features: int
    centres: npt.NDArray[np.float64]
    floor: float = -100.0
    clip_features: int = 0
    frozen: int = 0
    reference: nn.Module

    def __init__(self) -> None:
        super().__init__()
        self.reference = nn.Identity()
        self.centres = np.empty(0)

    def frames(self, samples: int) -> int:
        """Frames of the output for a waveform of `samples`."""
        raise NotImplementedError


class Spectral(Frontend):
    """A front end on a mel spectrogram."""

    def __init__(self, settings: MelSettings, sample_rate: int) -> None:
        super().__init__()
        self.settings = settings
        self.spectrogram = MelSpectrogram(settings, sample_rate)
        self.centres = mel_edges(settings.n_mels, settings.f_min, settings.f_max)[1:-1]

    def frames(self, samples: int) -> int:
        """Frames of the output for a waveform of `samples`."""
        return samples // self.settings.hop_length + 1


class LogMel(Spectral):
    """Log-mel energies (Davis & Mermelstein 1980), as librosa's melspectrogram and power_to_db give them."""

    def __init__(self, settings: LogMelSettings, sample_rate: int) -> None:
        super().__init__(settings, sample_rate)
        self.n_features = settings.n_mels
        self.floor = settings.floor
        if settings.dynamic_range is not None:
            self.reference = ActiveLevel(settings.dynamic_range, settings.append_level)
            self.clip_features = int(settings.append_level)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) in [-1, 1] -> (batch, n_mels, frames) float32, dB re full scale, not below the floor."""
        return _decibels(self.spectrogram(waveform), 10 ** (self.floor / 10))


class Mfcc(Spectral):
    """Mel-frequency cepstral coefficients (Davis & Mermelstein 1980), as librosa's mfcc gives them."""

    def __init__(self, settings: MfccSettings, sample_rate: int) -> None:
        super().__init__(settings, sample_rate)
        self.n_features = 1 if settings.averaged else settings.n_mfcc
        cosines = cosine_basis(settings.n_mfcc, settings.n_mels)
        if settings.averaged:
            cosines = cosines.mean(axis=0, keepdims=True)
        self.cosines: Tensor
        self.register_buffer("cosines", torch.from_numpy(cosines), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) in [-1, 1] -> (batch, n_mfcc or 1, frames) float32."""
        energy = _decibels(self.spectrogram(waveform), 1e-10)
        return self.cosines @ torch.maximum(energy, energy.amax(dim=(1, 2), keepdim=True) - TOP_DB)


class LogMelMfcc(Spectral):
    """Log-mel energies and the cepstral coefficients of the same bands, stacked."""

    def __init__(self, settings: LogMelMfccSettings, sample_rate: int) -> None:
        super().__init__(settings, sample_rate)
        self.n_features = settings.n_mels + settings.n_mfcc
        self.floor = settings.floor
        self.cosines: Tensor
        cosines = torch.from_numpy(cosine_basis(settings.n_mfcc, settings.n_mels))
        self.register_buffer("cosines", cosines, persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) in [-1, 1] -> (batch, n_mels + n_mfcc, frames) float32."""
        energy = _decibels(self.spectrogram(waveform), 10 ** (self.floor / 10))
        return torch.cat([energy, self.cosines @ energy], dim=1)


def _decibels(energy: Tensor, lowest: float) -> Tensor:
    return torch.log(energy.clamp(min=lowest)) * (10 / math.log(10))


def cosine_basis(n_mfcc: int, n_mels: int) -> npt.NDArray[np.float32]:
    """The first rows of an orthonormal discrete cosine transform of type II: (n_mfcc, n_mels)."""
    phase = np.pi / n_mels * np.outer(np.arange(n_mfcc), np.arange(n_mels) + 0.5)
    rows = np.sqrt(2 / n_mels) * np.cos(phase)
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)


def fourier_basis(n_fft: int) -> npt.NDArray[np.float32]:
    """Rows of a Hann-windowed discrete Fourier transform, cosines then sines: (2 * (n_fft // 2 + 1), n_fft)."""
    sample = np.arange(n_fft)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * sample / n_fft)
    phase = 2 * np.pi * np.outer(np.arange(n_fft // 2 + 1), sample) / n_fft
    return np.concatenate([np.cos(phase) * hann, -np.sin(phase) * hann]).astype(np.float32)


def mel_edges(n_mels: int, f_min: float, f_max: float) -> npt.NDArray[np.float64]:
    """Edges and peaks of the triangles, ascending: (n_mels + 2,) Hz."""
    return _mel_to_hertz(np.linspace(_hertz_to_mel(f_min), _hertz_to_mel(f_max), n_mels + 2))


def mel_filters(sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float) -> npt.NDArray[np.float32]:
    """Triangles of equal area on Slaney's mel scale (Auditory Toolbox, 1998).

    Raises:
        SettingsError: A triangle lies between two bins and would always give 0.
    """
    edges = mel_edges(n_mels, f_min, f_max)
    bins = np.linspace(0, sample_rate / 2, n_fft // 2 + 1)
    width = np.diff(edges)[:, None]
    ramp = edges[:, None] - bins[None, :]
    filters = np.maximum(0, np.minimum(-ramp[:-2] / width[:-1], ramp[2:] / width[1:]))
    filters *= (2 / (edges[2:] - edges[:-2]))[:, None]
    check(
        bool(filters.any(axis=1).all()),
        f"n_mels={n_mels} is too many for n_fft={n_fft} at {sample_rate} Hz: some bands hold no bin; "
        "choose fewer bands or a longer n_fft",
    )
    return filters.astype(np.float32)


# Slaney's scale: linear to 1 kHz in steps of 200/3 Hz, then 27 steps to each factor of 6.4.
_STEP, _CORNER, _LOG_STEP = 200 / 3, 1000.0, math.log(6.4) / 27


def _hertz_to_mel(hertz: float) -> float:
    if hertz < _CORNER:
        return hertz / _STEP
    return _CORNER / _STEP + math.log(hertz / _CORNER) / _LOG_STEP


def _mel_to_hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    corner = _CORNER / _STEP
    return np.where(mel < corner, mel * _STEP, _CORNER * np.exp(_LOG_STEP * (mel - corner)))
