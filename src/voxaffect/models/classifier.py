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
    """Networks beside each other on the same features, each with its own normalisation, their embeddings in a row."""

    def __init__(self, members: Sequence[nn.Module], embedding_size: int) -> None:
        """embedding_size: of all of them together."""
        super().__init__()
        self.members, self.embedding_size = nn.ModuleList(members), embedding_size

    def forward(self, features: Tensor) -> Tensor:
        """(batch, rows, frames) -> embeddings (batch, dim)."""
        return torch.cat([member(features) for member in self.members], dim=1)


class Classifier(nn.Module):
    """Waveform to classes: excerpt, if there is one, front end, normalisation, network, one linear layer."""

    def __init__(
        self,
        frontend: Frontend,
        network: nn.Module,
        n_classes: int,
        excerpt: Excerpt | None = None,
        normalised: bool = True,
        glorot: bool = False,
    ) -> None:
        """network: features to embeddings of its `embedding_size`. normalised: batch-normalise the features.

        glorot: initial weights of the last layer as Keras draws them (Glorot & Bengio 2010), not as PyTorch does.
        """
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
        """Forget all classes but the first ones."""
        kept = nn.Linear(self.head.in_features, n_classes)
        kept.weight.data, kept.bias.data = self.head.weight.data[:n_classes], self.head.bias.data[:n_classes]
        self.head = kept

    def join(self, others: "Sequence[Classifier]") -> None:
        """Take others of the same front end and classes in, so that logits are the means of theirs and one's own."""
        models = [self, *others]
        heads = [each.head for each in models]
        self.head = nn.Linear(sum(each.in_features for each in heads), heads[0].out_features)
        self.head.weight.data = torch.cat([each.weight.data for each in heads], dim=1) / len(heads)
        self.head.bias.data = torch.stack([each.bias.data for each in heads]).mean(dim=0)
        members = [nn.Sequential(each.normalise[1], each.network) for each in models]
        self.network = Members(members, self.head.in_features)
        self.normalise = nn.Sequential(self.frontend.reference, nn.Identity())

    def classify(self, energies: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features (batch, rows, frames) -> logits (batch, classes), embedding (batch, dim)."""
        embedding = self.network(energies)
        return self.head(embedding), embedding

    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, samples) -> logits (batch, classes), embedding (batch, dim)."""
        return self.classify(self.normalise(self.frontend(self.excerpt(waveform))))
