"""Settings of the networks, by the names that an experiment's `model` takes."""

from dataclasses import dataclass
from typing import Literal

from voxaffect.errors import check


@dataclass(frozen=True)
class CnnSettings:
    """The residual network.

    Args:
        channels: Channels of each stage; every stage but the first halves both axes.
        stem_stride: Stride (mel, time) of the first convolution, 1 or 2 each.
        embedding: Size of the embedding.
        dropout: Probability before the embedding and before the classes, in [0, 1).
    """

    channels: tuple[int, ...] = (32, 64, 96, 128)
    stem_stride: tuple[int, int] = (2, 2)
    embedding: int = 128
    dropout: float = 0.3

    def __post_init__(self) -> None:
        check(self.channels != (), "channels=() is not a list of sizes; choose for example [32, 64, 128]")
        check(self.embedding >= 1, f"embedding={self.embedding} is not a size; choose for example 128")
        _check_stages(self)


@dataclass(frozen=True)
class RecurrentSettings:
    """Bidirectional LSTM layers, with convolutions before them or without.

    Args:
        hidden: Units in each direction.
        layers: LSTM layers.
        channels: Channels of the convolutional stages before them; empty: none.
        stem_stride: Stride (mel, time) of the first convolution, 1 or 2 each.
        dropout: Probability between layers and before the classes, in [0, 1).
    """

    hidden: int = 96
    layers: int = 2
    channels: tuple[int, ...] = ()
    stem_stride: tuple[int, int] = (2, 2)
    dropout: float = 0.3

    def __post_init__(self) -> None:
        check(min(self.hidden, self.layers) >= 1, f"hidden={self.hidden}, layers={self.layers}: choose at least 1")
        _check_stages(self)


@dataclass(frozen=True)
class AncestorSettings:
    """The network of Speech-Emotion-Analyzer (2017).

    Args:
        longer: Add two convolutions and a dropout of 0.2.
        normalised: Batch-normalise the input features, which the original did not.
    """

    longer: bool = False
    normalised: bool = False


@dataclass(frozen=True)
class ArticleSettings:
    """The network of Reza Chu's article (2019).

    Args:
        normalised: Batch-normalise the input features, which the original did not.
    """

    normalised: bool = False


@dataclass(frozen=True)
class PoolingSettings:
    """Hidden states of an encoder pooled over time, and no more than a linear layer after that.

    Args:
        mix: Add the states up by learned weights that sum to 1, instead of concatenating them.
        pooling: "mean" over time; "statistics", mean and deviation; "attention", a mean by learned weights of frames.
        embedding: Size of a linear layer after pooling; 0: none.
        dropout: Probability before that layer and before the classes, in [0, 1).
        upper: So many further layers of the encoder, after the front end's one state, are part of the network and
            fine-tuned. Their outputs are what is pooled.
        lora: Train adapters of this rank in these layers (LoRA: Hu et al. 2021), and not the layers themselves; 0: the
            layers themselves.
    """

    mix: bool = False
    pooling: Literal["mean", "statistics", "attention"] = "mean"
    embedding: int = 0
    dropout: float = 0.3
    upper: int = 0
    lora: int = 0

    def __post_init__(self) -> None:
        check(0 <= self.dropout < 1, f"dropout={self.dropout} is not a probability; choose 0 to below 1")
        for name in ("embedding", "upper", "lora"):
            check(getattr(self, name) >= 0, f"network.{name}={getattr(self, name)}: choose 0 or more")
        check(not self.lora or self.upper > 0, f"network.lora={self.lora} adapts upper layers; set network.upper")


@dataclass(frozen=True)
class NetworkKind:
    """What an experiment must know of a network.

    Args:
        settings: The class of its settings.
        fixed_length: It needs a fixed number of frames: set `input.start`. Its settings then say whether features are
            batch-normalised; those of all other networks are.
        accepts_clip_features: It takes feature rows that describe the whole clip.
        pools_states: It takes hidden states of an encoder, of any length, and nothing else does.
    """

    settings: type
    fixed_length: bool = False
    accepts_clip_features: bool = False
    pools_states: bool = False


NETWORKS: dict[str, NetworkKind] = {
    "cnn": NetworkKind(CnnSettings, accepts_clip_features=True),
    "recurrent": NetworkKind(RecurrentSettings),
    "ancestor": NetworkKind(AncestorSettings, fixed_length=True),
    "article": NetworkKind(ArticleSettings, fixed_length=True),
    "pooling": NetworkKind(PoolingSettings, pools_states=True),
}


def _check_stages(settings: CnnSettings | RecurrentSettings) -> None:
    channels, stride, dropout = settings.channels, settings.stem_stride, settings.dropout
    check(
        min(channels, default=1) >= 1, f"channels={channels} is not a list of sizes; choose for example [32, 64, 128]"
    )
    check(
        len(stride) == 2 and set(stride) <= {1, 2}, f"stem_stride={stride} is not (mel, time); choose 1 or 2 for each"
    )
    check(0 <= dropout < 1, f"dropout={dropout} is not a probability; choose 0 to below 1")
