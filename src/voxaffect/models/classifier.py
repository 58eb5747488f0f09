"""The classifier that joins a front end and a network with classes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from voxaffect.models.frontend import Frontend


class Excerpt(nn.Module):
    """From `start` on, `length` samples or what there is of them."""

    def __init__(self, start: int, length: int) -> None:
        super().__init__()
        self.start, self.length = start, length

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) -> (batch, at most length)."""
        return waveform[:, self.start : self.start + self.length]


class Members(nn.Module):
    """Networks on the same features, each with its own normalisation, their embeddings concatenated.

    embedding_size: of all of them together.
    """

    def __init__(self, members: Sequence[nn.Module], embedding_size: int) -> None:
        super().__init__()
        self.members, self.embedding_size = nn.ModuleList(members), embedding_size

    def forward(self, features: Tensor) -> Tensor:
        """(batch, rows, frames) -> embeddings (batch, dim)."""
        return torch.cat([member(features) for member in self.members], dim=1)


class Classifier(nn.Module):
    """Waveform to classes: excerpt, if there is one, front end, normalisation, network, one linear layer.

    Args:
        frontend: From waveform to features.
        network: From features to embeddings of its `embedding_size`.
        n_classes: Outputs of the last layer.
        excerpt: The part of the waveform that is used; None: all of it.
        normalised: Whether to batch-normalise the features.
        glorot: Initial weights of the last layer as Keras draws them (Glorot & Bengio 2010), not as PyTorch does.
    """

    def __init__(
        self,
        frontend: Frontend,
        network: nn.Module,
        n_classes: int,
        excerpt: Excerpt | None = None,
        normalised: bool = True,
        glorot: bool = False,
    ) -> None:
        super().__init__()
        self.excerpt: nn.Module = excerpt or nn.Identity()
        self.frontend = frontend
        rows = frontend.n_features + frontend.clip_features
        self.normalise = nn.Sequential(frontend.reference, nn.BatchNorm1d(rows) if normalised else nn.Identity())
        self.network = network
        self.head = nn.Linear(int(network.embedding_size), n_classes)  # type: ignore[arg-type]
        if glorot:
            nn.init.xavier_uniform_(self.head.weight)
            nn.init.zeros_(self.head.bias)

    def keep(self, n_classes: int) -> None:
        """Drop all classes but the first ones."""
        self._set_head(self.head.weight.data[:n_classes], self.head.bias.data[:n_classes])

    def join(self, members: "Sequence[Classifier]") -> None:
        """Add networks of the same front end and classes; logits are then the means over all of them."""
        models = [self, *members]
        weights, biases = [each.head.weight.data for each in models], [each.head.bias.data for each in models]
        self._set_head(torch.cat(weights, dim=1) / len(models), torch.stack(biases).mean(dim=0))
        networks = [nn.Sequential(each.normalise[1], each.network) for each in models]
        self.network = Members(networks, self.head.in_features)
        self.normalise = nn.Sequential(self.frontend.reference, nn.Identity())

    def _set_head(self, weight: Tensor, bias: Tensor) -> None:
        self.head = nn.Linear(weight.shape[1], len(bias))
        self.head.weight.data, self.head.bias.data = weight, bias

    def classify(self, energies: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features (batch, rows, frames) -> logits (batch, classes), embedding (batch, dim)."""
        embedding = self.network(energies)
        return self.head(embedding), embedding

    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, samples) -> logits (batch, classes), embedding (batch, dim)."""
        return self.classify(self.normalise(self.frontend(self.excerpt(waveform))))
