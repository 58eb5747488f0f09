"""Embeddings on a map: what the model takes for alike lies together."""

import numpy as np
import numpy.typing as npt
from sklearn.manifold import TSNE

FEWEST = 10
"""Clips of the smallest map."""


def project(embeddings: npt.NDArray[np.floating], seed: int = 0) -> npt.NDArray[np.float64]:
    """Neighbours stay neighbours, as t-SNE does it (van der Maaten & Hinton 2008): (clips, dim) -> (clips, 2).

    Near means alike; how far apart two groups lie, and how large they are, means nothing.
    """
    scaled = (embeddings - embeddings.mean(axis=0)) / np.maximum(embeddings.std(axis=0), 1e-9)
    perplexity = min(30.0, (len(scaled) - 1) / 3)
    found = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(scaled.astype(np.float64))
    return np.asarray(found, np.float64)
