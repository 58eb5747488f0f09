"""A classifier in two halves that share its layers: one that stays as it is, and one that is trained on its maps.

The lower layers of a network that has heard many voices are of use for others too (Yosinski et al. 2014). Their maps of
a clip never change, so that they are made once, and an epoch costs what the upper half does.
"""

from torch import Tensor, nn

from voxaffect.models.classifier import Classifier


class Lower(nn.Module):
    """The front end, the normalisation and the first stages, in the state that they are evaluated in."""

    def __init__(self, classifier: Classifier, stages: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            classifier.frontend,
            classifier.normalise,
            classifier.network.lower(stages),  # type: ignore[operator]
        ).eval()

    def forward(self, waveform: Tensor) -> Tensor:
        """(batch, samples) -> maps (batch, channels, mel, time)."""
        return self.layers(waveform)


class Upper(nn.Module):
    """The other stages, the pooling and the last layer."""

    def __init__(self, classifier: Classifier, stages: int) -> None:
        super().__init__()
        self.normalise = nn.Identity()
        self.network = classifier.network.upper(stages)  # type: ignore[operator]
        self.head = classifier.head

    def classify(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, channels, mel, time) -> logits (batch, classes), embedding (batch, dim)."""
        embedding = self.network(maps)
        return self.head(embedding), embedding
