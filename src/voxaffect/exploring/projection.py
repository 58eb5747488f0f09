"""Embeddings on a map: what the model takes for alike lies together.

Source:
    van der Maaten & Hinton (2008), "Visualizing data using t-SNE", Journal of Machine Learning Research 9.
"""

import numpy as np
import numpy.typing as npt
from sklearn.manifold import TSNE

MIN_CLIPS = 10
"""A map needs so many clips."""


def project(embeddings: npt.NDArray[np.floating], seed: int = 0) -> npt.NDArray[np.float64]:
    """Project embeddings to two dimensions with t-SNE.

    Neighbours stay neighbours. How far apart two groups lie, and how large they are, means nothing.

    Args:
        embeddings: (clips, dim).
        seed: Of the projection.

    Returns:
        (clips, 2).
    """
    scaled = (embeddings - embeddings.mean(axis=0)) / np.maximum(embeddings.std(axis=0), 1e-9)
    perplexity = min(30.0, (len(scaled) - 1) / 3)
    places = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(scaled.astype(np.float64))
    return np.asarray(places, np.float64)
