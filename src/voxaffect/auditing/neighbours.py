"""Which recordings are remembered alike, without comparing all with all.

Vectors are dealt into about as many cells as each will hold (Sivic & Zisserman 2003's inverted file); a vector is
compared with those of the few cells nearest to it. With n recordings that is of the order of n times the root of n.
"""

import numpy as np
import numpy.typing as npt

from voxaffect.auditing.fingerprint import SCALES, Matrix

ALIKE = 0.79
"""Cosine from which on two vectors are worth a closer look."""

PROBES = 16
"""Cells looked into."""

MOST = 20
"""Neighbours looked at more closely, of one recording at one scale."""

_ROUNDS = 5
_BLOCK = 4096


def neighbours(vectors: npt.NDArray[np.float32]) -> dict[tuple[int, int], float]:
    """Pairs of recordings whose vectors are alike: (n, len(SCALES), d) of length one -> (i, j), i < j -> scale.

    scale: how many times as long j seems to last as i.
    """
    plain = np.ascontiguousarray(vectors[:, 0])
    centres = _centres(plain)
    home = np.concatenate([(block @ centres.T).argmax(axis=1) for block in _blocks(plain)])
    order = np.argsort(home, kind="stable")
    members = np.split(order, np.searchsorted(home[order], np.arange(1, len(centres))))
    best: dict[tuple[int, int], tuple[float, float]] = {}
    for number, scale in enumerate(SCALES):
        queries = np.ascontiguousarray(vectors[:, number])
        for query, found, cosine in _search(queries, plain, centres, members):
            pair, ratio = ((query, found), scale) if query < found else ((found, query), 1 / scale)
            best[pair] = max(best.get(pair, (-1.0, 1.0)), (cosine, ratio))
    return {pair: best[pair][1] for pair in sorted(best)}


def _search(
    queries: Matrix, plain: Matrix, centres: Matrix, members: list[npt.NDArray[np.intp]]
) -> list[tuple[int, int, float]]:
    """The neighbours of each query, nearest first: (query, found, cosine)."""
    probes = min(PROBES, len(centres))
    nearest = np.concatenate([np.argsort(-(block @ centres.T), axis=1)[:, :probes] for block in _blocks(queries)])
    cell = np.argsort(nearest.ravel(), kind="stable")
    askers = np.split(cell // probes, np.searchsorted(nearest.ravel()[cell], np.arange(1, len(centres))))
    hits = []
    for asking, there in zip(askers, members, strict=True):
        for block in _blocks(asking):
            cosines = queries[block] @ plain[there].T
            rows, columns = np.nonzero(cosines >= ALIKE)
            apart = block[rows] != there[columns]
            rows, columns = rows[apart], columns[apart]
            hits.append(np.stack([block[rows], there[columns], cosines[rows, columns]], axis=1))
    table = np.concatenate(hits)
    table = table[np.lexsort((table[:, 1], -table[:, 2], table[:, 0]))]
    rank = np.arange(len(table)) - np.searchsorted(table[:, 0], table[:, 0])
    return [(int(query), int(found), float(cosine)) for query, found, cosine in table[rank < MOST]]


def _centres(plain: Matrix) -> Matrix:
    """Centres of about root-of-n cells, by k-means on the sphere with a fixed seed: (cells, d)."""
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


def _blocks(values: npt.NDArray) -> list[npt.NDArray]:  # type: ignore[type-arg]
    return [values[begin : begin + _BLOCK] for begin in range(0, len(values), _BLOCK)]
