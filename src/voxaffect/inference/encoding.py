"""What gives the output of a window: the network on the window itself, or on blocks that it has encoded once.

Where an embedding is a mean over frames, windows that overlap share the frames of blocks.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voxaffect.audio import Waveform
from voxaffect.inference.network import BLOCK, Network, Outputs

Vector = npt.NDArray[np.float32]

Cut = Callable[[int, int], tuple[int, Waveform]]
"""(first, last) -> these samples of a channel, and as many around them as the bundle needs; where they begin."""


class Encoding(Protocol):
    """Of one channel, region after region."""

    def encode(self, first: int, until: int, end: int | None, cut: Cut) -> int:
        """Encode more of a region.

        Args:
            first: The sample that the region's windows begin with at the earliest.
            until: The sample up to which its speech is known.
            end: The one that its windows end with at the latest; None: it goes on.
            cut: Samples of the channel.

        Returns:
            The sample up to which windows are known.
        """

    def window(self, first: int, last: int, cut: Cut) -> Vector | None:
        """What `outputs` needs of a window of the region; None: the channel is too short."""

    def outputs(self, windows: list[Vector]) -> Outputs:
        """Logits (windows, classes) and embeddings (windows, dim), without a baseline."""


def encoding(model: Network) -> Encoding:
    """How a bundle encodes a channel."""
    return Windows(model) if model.layer is None else Blocks(model)


class Windows:
    """Each window is encoded by itself."""

    def __init__(self, model: Network) -> None:
        self._model, self._shortest = model, round(model.shortest * model.sample_rate)

    def encode(self, first: int, until: int, end: int | None, cut: Cut) -> int:
        """Nothing is to do before a window is complete."""
        return until

    def window(self, first: int, last: int, cut: Cut) -> Vector | None:
        """Its samples."""
        _, samples = cut(first, last)
        return samples if len(samples) >= self._shortest else None

    def outputs(self, windows: list[Vector]) -> Outputs:
        """Of the network on each."""
        return self._model.outputs(windows)


class Blocks:
    """Windows pool over frames of blocks, which follow each other from the beginning of a region on.

    The last block reaches back over the one before, so that it is as long, and gives what is new.
    """

    def __init__(self, model: Network) -> None:
        assert model.layer is not None
        self._model, self._layer = model, model.layer
        self._shortest, self._block = (round(each * model.sample_rate) for each in (model.shortest, BLOCK))
        self._first = self._done = -1
        self._centres = np.zeros(0)  # of frames, in samples
        self._frames = np.zeros((0, self._layer.weight.shape[1]), np.float32)
        self._weights = np.zeros(0, np.float32)

    def encode(self, first: int, until: int, end: int | None, cut: Cut) -> int:
        """Encode the blocks that are complete."""
        if first != self._first:  # another region
            self._first = self._done = first
            self._keep(np.zeros(len(self._centres), bool))
        while True:
            last = self._done + self._block
            if (until if end is None else end) >= last:
                self._encode(self._done, last, cut)
            elif end is not None and end > self._done:
                self._encode(max(first, end - self._block), end, cut)
            else:
                return self._done

    def window(self, first: int, last: int, cut: Cut) -> Vector | None:
        """The weighted mean of its frames; those before it are forgotten."""
        if not len(self._centres):
            return None
        self._keep(self._centres >= min(first, self._centres[-1]))
        inside = self._centres < max(last, self._centres[0] + 1)
        weights = self._weights[inside, None]
        mean: Vector = (self._frames[inside] * weights).sum(axis=0) / weights.sum()
        return mean

    def outputs(self, windows: list[Vector]) -> Outputs:
        """Of the last layer on each embedding."""
        # One by one: a product of matrices may round otherwise where there are other rows.
        return np.stack([self._layer.logits(each) for each in windows]), np.stack(windows)

    def _encode(self, first: int, last: int, cut: Cut) -> None:
        begin, samples = cut(first, last)
        if len(samples) >= self._shortest:
            frames, weights, width = self._model.frames(samples)
            centres = begin + width * (np.arange(len(frames)) + 0.5)
            new = centres >= self._done
            self._centres = np.concatenate([self._centres, centres[new]])
            self._frames = np.concatenate([self._frames, frames[new]])
            self._weights = np.concatenate([self._weights, weights[new]])
        self._done = last

    def _keep(self, which: npt.NDArray[np.bool_]) -> None:
        self._centres, self._frames, self._weights = (self._centres[which], self._frames[which], self._weights[which])
