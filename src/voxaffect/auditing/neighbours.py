"""Find recordings whose vectors are alike, without comparing all with all.

Vectors are divided into about as many cells as each will hold; a vector is compared with those of the nearest cells.
For n recordings that is of the order of n times the square root of n.

Source:
    Sivic & Zisserman (2003), "Video Google: A text retrieval approach to object matching in videos", ICCV.
"""

import numpy as np
import numpy.typing as npt

from voxaffect.auditing.fingerprint import SCALES, Matrix

MIN_COSINE = 0.79
"""Vectors from this cosine on are worth a comparison of the recordings."""

_PROBES = 16  # cells looked into
_MAX_NEIGHBOURS = 20  # of one recording at one scale
_ROUNDS = 5
_BATCH = 4096


def neighbours(vectors: npt.NDArray[np.float32]) -> dict[tuple[int, int], float]:
    """Find pairs of recordings whose vectors are alike.

    Args:
        vectors: (n, len(SCALES), d) float32 of length one, of `fingerprint`.

    Returns:
        (i, j), i < j -> how many times as long j lasts as i, about.
    """
    plain = np.ascontiguousarray(vectors[:, 0])
    centres = _centres(plain)
    home = np.concatenate([(batch @ centres.T).argmax(axis=1) for batch in _batches(plain)])
    order = np.argsort(home, kind="stable")
    members = np.split(order, np.searchsorted(home[order], np.arange(1, len(centres))))
    best: dict[tuple[int, int], tuple[float, float]] = {}
    for number, scale in enumerate(SCALES):
        queries = np.ascontiguousarray(vectors[:, number])
        for query, neighbour, cosine in _search(queries, plain, centres, members):
            pair, ratio = ((query, neighbour), scale) if query < neighbour else ((neighbour, query), 1 / scale)
            best[pair] = max(best.get(pair, (-1.0, 1.0)), (cosine, ratio))
    return {pair: best[pair][1] for pair in sorted(best)}


def _search(
    queries: Matrix, plain: Matrix, centres: Matrix, members: list[npt.NDArray[np.intp]]
) -> list[tuple[int, int, float]]:
    """The neighbours of each query, nearest first: (query, neighbour, cosine)."""
    probes = min(_PROBES, len(centres))
    nearest = np.concatenate([np.argsort(-(batch @ centres.T), axis=1)[:, :probes] for batch in _batches(queries)])
    order = np.argsort(nearest.ravel(), kind="stable")
    cell_queries = np.split(order // probes, np.searchsorted(nearest.ravel()[order], np.arange(1, len(centres))))
    hits = []
    for queries_of_cell, cell in zip(cell_queries, members, strict=True):
        for batch in _batches(queries_of_cell):
            cosines = queries[batch] @ plain[cell].T
            rows, columns = np.nonzero(cosines >= MIN_COSINE)
            apart = batch[rows] != cell[columns]
            rows, columns = rows[apart], columns[apart]
            hits.append(np.stack([batch[rows], cell[columns], cosines[rows, columns]], axis=1))
    table = np.concatenate(hits)
    table = table[np.lexsort((table[:, 1], -table[:, 2], table[:, 0]))]
    rank = np.arange(len(table)) - np.searchsorted(table[:, 0], table[:, 0])
    return [(int(query), int(neighbour), float(cosine)) for query, neighbour, cosine in table[rank < _MAX_NEIGHBOURS]]


def _centres(plain: Matrix) -> Matrix:
    """Centres of about sqrt(n) cells, by spherical k-means with a fixed seed: (cells, d)."""
    count = max(1, round(len(plain) ** 0.5))
    rng = np.random.default_rng(0)
    sample = plain[rng.permutation(len(plain))[: 20 * count]]
    centres = sample[:count]
    for _ in range(_ROUNDS):
        home = (sample @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, home, sample)
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(length > 0, sums / np.maximum(length, 1e-12), centres)
    return centres


def _batches(values: npt.NDArray) -> list[npt.NDArray]:  # type: ignore[type-arg]
    return [values[begin : begin + _BATCH] for begin in range(0, len(values), _BATCH)]
