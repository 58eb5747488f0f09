"""The networks of the article that this project grew from, and of the one that the article grew from.

Reza Chu, "Speech Emotion Recognition with Convolutional Neural Network" (2019), and Speech-Emotion-Analyzer (2017),
both in Keras: Glorot's initial weights, and batch normalisation with Keras's momentum and epsilon. The convolutions
run along time over MFCC averaged to one number a frame; what comes out is flattened, so the number of frames is fixed.
"""

from torch import Tensor, nn

from voxaffect.errors import check
from voxaffect.settings.networks import AncestorSettings, ArticleSettings


class Flattened(nn.Module):
    """Layers along time, whose output is flattened to one embedding.

    Args:
        layers: Convolutions and pools.
        n_frames: Of the input.
        embedding_size: Of the flattened output.

    Raises:
        SettingsError: The frames are too few for the pools.
    """

    def __init__(self, layers: list[nn.Module], n_frames: int, embedding_size: int) -> None:
        super().__init__()
        check(embedding_size >= 1, f"{n_frames} frames are too few for pools of 8; set input.window longer")
        self.n_frames, self.embedding_size = n_frames, embedding_size
        self.layers = nn.Sequential(*layers)
        for module in self.layers:
            if isinstance(module, nn.Conv1d):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features, frames) -> embedding (batch, dim). Missing frames are zeros, as published."""
        fixed = nn.functional.pad(features, (0, self.n_frames))[:, :, : self.n_frames]
        return self.layers(fixed).flatten(1)


def ancestor(settings: AncestorSettings, n_features: int, n_frames: int) -> Flattened:
    """Four convolutions of width 5, or six: 256, 128, pool 8, 128, 128."""
    layers: list[nn.Module] = [
        *_convolution(n_features, 256, 5),
        *_convolution(256, 128, 5),
        nn.Dropout(0.1),
        nn.MaxPool1d(8),
        *_convolution(128, 128, 5),
        *_convolution(128, 128, 5),
    ]
    if settings.longer:  # the last convolution is drawn anew: a seed gives the weights of committed results
        layers[-2:] = [
            *_convolution(128, 128, 5),
            *_convolution(128, 128, 5),
            nn.Dropout(0.2),
            *_convolution(128, 128, 5),
        ]
    return Flattened(layers, n_frames, 128 * (n_frames // 8))


def article(settings: ArticleSettings, n_features: int, n_frames: int) -> Flattened:
    """Eight convolutions of width 8: 256 twice, pool 8, 128 four times, pool 8, 64 twice."""
    layers: list[nn.Module] = [
        *_convolution(n_features, 256, 8),
        *_convolution(256, 256, 8, normalised=True),
        nn.Dropout(0.25),
        nn.MaxPool1d(8),
        *_convolution(256, 128, 8),
        *_convolution(128, 128, 8),
        *_convolution(128, 128, 8),
        *_convolution(128, 128, 8, normalised=True),
        nn.Dropout(0.25),
        nn.MaxPool1d(8),
        *_convolution(128, 64, 8),
        *_convolution(64, 64, 8),
    ]
    return Flattened(layers, n_frames, 64 * (n_frames // 8 // 8))


def _convolution(inputs: int, outputs: int, width: int, normalised: bool = False) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Conv1d(inputs, outputs, width, padding="same")]
    if normalised:
        layers.append(nn.BatchNorm1d(outputs, eps=1e-3, momentum=0.01))
    return [*layers, nn.ReLU()]
