"""The classifier that joins a front end and a network with classes."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from voxaffect.graph import EMBEDDING, FRAMES, LOGITS, WEIGHTS
from voxaffect.models.frontend import Frontend


class Excerpt(nn.Module):
    """A part of the waveform.

    Args:
        start: Its first sample.
        length: Samples, fewer where the waveform ends before.
    """

    def __init__(self, start: int, length: int) -> None:
        super().__init__()
        self.start, self.length = start, length

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) -> (batch, at most length)."""
        return waveform[:, self.start : self.start + self.length]


class Members(nn.Module):
    """Networks on the same features, whose embeddings are concatenated.

    Args:
        members: Each a normalisation and a network.
        embedding_size: Of all of them together.
    """

    def __init__(self, members: Sequence[nn.Module], embedding_size: int) -> None:
        super().__init__()
        self.members, self.embedding_size = nn.ModuleList(members), embedding_size
        # Means by the same weights are one mean.
        self.commutes = all(getattr(network, "uniform", False) for _, network in map(nn.Module.children, members))

    def forward(self, features: Tensor) -> Tensor:
        """(batch, rows, frames) -> embeddings (batch, dim)."""
        return torch.cat([member(features) for member in self.members], dim=1)

    def frames(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """As `Pooling.frames`, of all members."""
        each = []
        for normalise, network in map(nn.Module.children, self.members):
            each.append(network.frames(normalise(features)))  # type: ignore[operator]
        return torch.cat([values for values, _ in each], dim=2), each[0][1]


class Classifier(nn.Module):
    """Waveform to classes: excerpt, front end, normalisation, network, one linear layer.

    Args:
        frontend: Waveform to features.
        network: Features to embeddings of its `embedding_size`.
        n_classes: Outputs.
        excerpt: The part of the waveform that is used; None: all of it.
        normalised: Batch-normalise the features.
        glorot: Initial weights of the output layer as Keras draws them (Glorot & Bengio 2010), not as PyTorch does.
    """

    def __init__(
        self,
        frontend: Frontend,
        network: nn.Module,
        n_classes: int,
        *,
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

    def drop_extra_classes(self, n_classes: int) -> None:
        """Remove all outputs after the first `n_classes`."""
        head = nn.Linear(self.head.in_features, n_classes)
        head.weight.data, head.bias.data = self.head.weight.data[:n_classes], self.head.bias.data[:n_classes]
        self.head = head

    def join(self, members: "Sequence[Classifier]") -> None:
        """Become an ensemble: logits are the means of one's own and those of members with the same front end."""
        models = [self, *members]
        heads = [each.head for each in models]
        self.head = nn.Linear(sum(each.in_features for each in heads), heads[0].out_features)
        self.head.weight.data = torch.cat([each.weight.data for each in heads], dim=1) / len(heads)
        self.head.bias.data = torch.stack([each.bias.data for each in heads]).mean(dim=0)
        networks = [nn.Sequential(each.normalise[1], each.network) for each in models]
        self.network = Members(networks, self.head.in_features)
        self.normalise = nn.Sequential(self.frontend.reference, nn.Identity())

    def classify(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised features (batch, rows, frames) -> logits (batch, classes), embedding (batch, dim)."""
        embedding = self.network(features)
        return self.head(embedding), embedding

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of what `forward` gives."""
        return (LOGITS, EMBEDDING, *((FRAMES, WEIGHTS) if self._commutes else ()))

    @property
    def _commutes(self) -> bool:
        return bool(getattr(self.network, "commutes", False))

    def forward(self, waveform: Tensor) -> tuple[Tensor, ...]:
        """Classify waveforms.

        Args:
            waveform: (batch, samples).

        Returns:
            Logits (batch, classes) and embedding (batch, dim). If the embedding is a weighted mean over time, so is
            that of every part of the waveform: then also what the mean is of, frames (batch, frames, dim) and weights
            (batch, frames).
        """
        features = self.normalise(self.frontend(self.excerpt(waveform)))
        if not self._commutes:
            return self.classify(features)
        frames, weights = self.network.frames(features)  # type: ignore[operator]
        embedding = (frames * weights.unsqueeze(2)).sum(dim=1) / weights.sum(dim=1, keepdim=True)
        return self.head(embedding), embedding, frames, weights
