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
_MAX_NEIGHBOURS = 12  # of one recording: of a crowd of look-alikes, a twin is among the nearest
_ROUNDS = 5
_BATCH = 1024


def neighbours(vectors: npt.NDArray[np.float32]) -> dict[tuple[int, int], float]:
    """Find pairs of recordings whose vectors are alike: of each recording, the nearest others.

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
    hits = []
    for number in range(len(SCALES)):
        others, cosines = _search(np.ascontiguousarray(vectors[:, number]), plain, centres, members)
        query, place = np.nonzero(cosines >= MIN_COSINE)
        scales = np.full(len(query), number)
        hits.append(np.stack([query, others[query, place], cosines[query, place], scales], axis=1))
    best: dict[tuple[int, int], tuple[float, float]] = {}
    for query, other, cosine, number in _nearest(np.concatenate(hits)):
        scale = SCALES[int(number)]
        pair, ratio = ((query, other), scale) if query < other else ((other, query), 1 / scale)
        pair = int(pair[0]), int(pair[1])
        best[pair] = max(best.get(pair, (-1.0, 1.0)), (float(cosine), ratio))
    return {pair: best[pair][1] for pair in sorted(best)}


def _nearest(hits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of hits (query, other, cosine, scale), the best of each query and other, and of each query the first few."""
    hits = hits[np.lexsort((hits[:, 3], -hits[:, 2], hits[:, 1], hits[:, 0]))]
    again = np.zeros(len(hits), bool)
    again[1:] = (hits[1:, :2] == hits[:-1, :2]).all(axis=1)
    hits = hits[~again]
    hits = hits[np.lexsort((hits[:, 1], -hits[:, 2], hits[:, 0]))]
    rank = np.arange(len(hits)) - np.searchsorted(hits[:, 0], hits[:, 0])
    return hits[rank < _MAX_NEIGHBOURS]


def _search(
    queries: Matrix, plain: Matrix, centres: Matrix, members: list[npt.NDArray[np.intp]]
) -> tuple[npt.NDArray[np.intp], Matrix]:
    """The neighbours of each query, in no order, and their cosines: (n, _MAX_NEIGHBOURS); -1 where there is none."""
    probes = min(_PROBES, len(centres))
    nearest = np.concatenate([np.argsort(-(batch @ centres.T), axis=1)[:, :probes] for batch in _batches(queries)])
    order = np.argsort(nearest.ravel(), kind="stable")
    cell_queries = np.split(order // probes, np.searchsorted(nearest.ravel()[order], np.arange(1, len(centres))))
    others = np.full((len(queries), _MAX_NEIGHBOURS), -1)
    cosines = np.full((len(queries), _MAX_NEIGHBOURS), -1, np.float32)
    for queries_of_cell, cell in zip(cell_queries, members, strict=True):
        for batch in _batches(queries_of_cell):
            here = queries[batch] @ plain[cell].T
            here[batch[:, None] == cell] = -1
            both = np.concatenate([cosines[batch], here], axis=1)
            names = np.concatenate([others[batch], np.broadcast_to(cell, here.shape)], axis=1)
            kept = np.argpartition(-both, _MAX_NEIGHBOURS - 1, axis=1)[:, :_MAX_NEIGHBOURS]
            cosines[batch] = np.take_along_axis(both, kept, axis=1)
            others[batch] = np.take_along_axis(names, kept, axis=1)
    return others, cosines


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
