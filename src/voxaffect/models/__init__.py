"""Networks, the table of them, and the classifier that joins a front end, a network and classes."""

from dataclasses import dataclass

from torch import Tensor, nn

from voxaffect.models.cnn import Cnn, CnnSettings
from voxaffect.models.frontend import LogMel, LogMelSettings

__all__ = ["MODELS", "Classifier", "Cnn", "CnnSettings", "LogMel", "LogMelSettings"]


@dataclass(frozen=True)
class Kind:
    """A network and the class of its settings."""

    network: type[Cnn]
    settings: type


MODELS: dict[str, Kind] = {
    "cnn": Kind(Cnn, CnnSettings),
}


class Classifier(nn.Module):
    """Waveform to classes: front end, normalisation, network, one linear layer."""

    def __init__(self, frontend: LogMel, network: Cnn, n_classes: int) -> None:
        super().__init__()
        self.frontend = frontend
        self.normalise = nn.BatchNorm1d(frontend.n_features)
        self.network = network
        self.head = nn.Linear(network.embedding_size, n_classes)

    def features(self, waveform: Tensor) -> Tensor:
        """(batch, samples) -> (batch, n_features, frames) with mean 0 and variance 1 over the training clips."""
        return self.normalise(self.frontend(waveform))

    def classify(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, n_features, frames) -> logits (batch, classes), embedding (batch, dim)."""
        embedding = self.network(features)
        return self.head(embedding), embedding

    def forward(self, waveform: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, samples) -> logits (batch, classes), embedding (batch, dim)."""
        return self.classify(self.features(waveform))
