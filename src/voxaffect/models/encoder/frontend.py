"""A frozen encoder as a front end."""

from typing import Self

import torch
from torch import Tensor, nn

from voxaffect.errors import check
from voxaffect.models.encoder.files import find
from voxaffect.models.encoder.layers import Layers
from voxaffect.models.encoder.loading import joined, read
from voxaffect.models.frontend import Frontend
from voxaffect.settings.frontends import EncoderSettings


class EncoderFrontend(Frontend):
    """Waveform to hidden states of an encoder, which is cut after the highest of them.

    Its weights are buffers: no optimiser sees them and no checkpoint holds them.

    Args:
        settings: Which encoder and which states.
        sample_rate: Hz, the encoder's.
        upper: Further layers, for a network that goes on from the highest state.

    Attributes:
        files: Where the encoder was read.
        n_states: Hidden states in the output.
        frozen: Number of its weights.

    Raises:
        SettingsError: The encoder cannot be found or read, or has fewer layers.
        MissingExtraError: `voxaffect[encoders]` is not installed.
    """

    def __init__(self, settings: EncoderSettings, sample_rate: int, upper: int = 0) -> None:
        super().__init__()
        self.settings, self.files, self.n_states = settings, find(settings.encoder), len(settings.states)
        top, there = settings.states[-1], self.files.layers
        check(
            top <= there,
            f"frontend.states={list(settings.states)}: {settings.encoder} has {there} layers; choose 0 to {there}",
        )
        check(
            top + upper <= there,
            f"network.upper={upper} after frontend.states={list(settings.states)}: {settings.encoder} has {there} "
            f"layers; choose at most {there - top}",
        )
        parts = read(self.files, top + upper, sample_rate)
        self.input, self.convolutions = parts.input, parts.convolutions
        above = joined(self.files, parts.layers[top:], parts.final, parts.layers[0] if top else None) if upper else None
        self._upper = [above] if above else []  # in a list, so that it is no part of this module
        self.encoder = joined(self.files, parts.layers[:top], None if upper else parts.final)
        self.n_features = self.n_states * parts.dim
        _freeze(self)
        self.frozen = sum(each.numel() for each in self.buffers())
        self.train(False)

    def take_upper(self) -> Layers | None:
        """The further layers, for their network; None: there are none."""
        return self._upper.pop() if self._upper else None

    def unload(self) -> None:
        """Let the encoder go, where its output is computed already."""
        self.input = self.convolutions = self.encoder = nn.Identity()  # type: ignore[assignment]

    def train(self, mode: bool = True) -> Self:
        """Stays in evaluation mode: its dropout is off."""
        return super().train(False)

    def frames(self, samples: int) -> int:
        """Frames of the output for a waveform of `samples`."""
        return self.convolutions.frames(samples) // self.settings.pool

    def states(self, state: Tensor) -> Tensor:
        """What `input` gives -> hidden states (batch, n_features, frames)."""
        state = self.convolutions(state)
        every = [state, *self.encoder(state)]
        chosen = torch.cat([every[number] for number in self.settings.states], dim=2)
        pool = self.settings.pool
        if pool > 1:
            frames = chosen.shape[1] // pool
            chosen = chosen[:, : frames * pool].reshape(chosen.shape[0], frames, pool, self.n_features).mean(dim=2)
        return chosen.transpose(1, 2)

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) in [-1, 1] -> (batch, n_features, frames) float32, state after state."""
        return self.states(self.input(waveform))


def _freeze(module: nn.Module) -> None:
    """Make weights buffers that no checkpoint holds."""
    for each in module.modules():
        for name, parameter in list(each.named_parameters(recurse=False)):
            delattr(each, name)
            each.register_buffer(name, parameter.data, persistent=False)
        for name, _ in list(each.named_buffers(recurse=False)):
            each._non_persistent_buffers_set.add(name)
