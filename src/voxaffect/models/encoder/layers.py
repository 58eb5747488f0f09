"""The layers of an encoder, from one hidden state to those after it."""

from collections.abc import Sequence

from torch import Tensor, nn


class Rows(nn.Module):
    """Rows of a matrix by their numbers, as PyTorch's Embedding, whose name the exporter gives to an output.

    Args:
        weight: (rows, dim), which is copied.
    """

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.detach().clone())

    def forward(self, numbers: Tensor) -> Tensor:
        """(any...) -> (any..., dim)."""
        return self.weight[numbers]


class Layers(nn.Module):
    """Successive layers of one encoder.

    Args:
        layers: As `transformers` has them.
        final: The normalisation after the encoder's last layer, where that is among them and has one; else None.
        relative: They are WavLM's, the first of which computes the relative positions that all of them use.
    """

    def __init__(self, layers: Sequence[nn.Module], final: nn.Module | None, *, relative: bool) -> None:
        super().__init__()
        self.layers, self.final, self.relative = nn.ModuleList(layers), final, relative

    def forward(self, state: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        """Run all of them.

        Args:
            state: (batch, frames, dim).
            mask: (batch, frames), True where there is a frame; None: everywhere.

        Returns:
            The hidden state after each layer, (batch, frames, dim).
        """
        states, positions = [], None
        attended = mask if mask is None or self.relative else mask[:, None, None, :]
        for layer in self.layers:
            if self.relative:
                state, positions = layer(state, attention_mask=attended, position_bias=positions)
            else:
                state = layer(state, attention_mask=attended)
            states.append(state)
        if self.final is not None:
            states[-1] = self.final(states[-1])
        return states
