"""Networks that are the mean of several, or of one on several versions of a recording.

Embeddings are what is averaged, or laid side by side: the last layer is linear, so that its logits are means of theirs.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from voxaffect.augment import Warp


class Members(nn.Module):
    """Networks beside each other on the same features, each with its own normalisation, their embeddings in a row."""

    def __init__(self, members: Sequence[nn.Module], embedding_size: int) -> None:
        """embedding_size: of all of them together."""
        super().__init__()
        self.members, self.embedding_size = nn.ModuleList(members), embedding_size

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features, frames) -> embeddings (batch, dim)."""
        return torch.cat([member(features) for member in self.members], dim=1)


class Views(nn.Module):
    """A network's mean embedding of features as they are and warped in four ways (test-time augmentation).

    After Krizhevsky et al. 2012, who averaged over five crops and their mirror images.
    """

    mel: Tensor

    def __init__(self, network: nn.Module, warp: Warp, n_features: int) -> None:
        """warp: the four are its corners, so much higher or lower and so much slower or faster."""
        super().__init__()
        self.network, self.embedding_size = network, network.embedding_size
        self.register_buffer("mel", torch.stack([torch.from_numpy(each) for each in warp.ends(n_features)]))
        self.times = (1 - warp.time, 1 + warp.time)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, n_features, frames) -> embedding (batch, dim)."""
        found = self.network(features)
        ends = torch.cat([mel @ features for mel in self.mel])
        for time in self.times:
            stretched = nn.functional.interpolate(ends, scale_factor=time, mode="linear")
            found = found + self.network(stretched).unflatten(0, (2, -1)).sum(dim=0)
        return found / 5
