import numpy as np
import pytest

from voxaffect.auditing.neighbours import MIN_COSINE, neighbours


def unit(values):
    return (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float32)


def crowd(count, seed=0, d=64):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.standard_normal((count, 5, d)))
    return vectors, rng


def test_strangers_are_not_neighbours():
    assert neighbours(crowd(500, d=256)[0]) == {}
    assert neighbours(crowd(1)[0]) == {}


def test_those_alike_are_found_at_their_scale_among_thousands():
    vectors, rng = crowd(3000)
    for first in range(0, 400, 2):
        scale = first // 2 % 5
        vectors[first + 1, 0] = unit(vectors[first, scale] + 0.5 * unit(rng.standard_normal(64)))
    found = neighbours(vectors)
    expected = [(first, first + 1) for first in range(0, 400, 2)]
    assert sum(pair in found for pair in expected) >= 198
    wanted = (1.0, 1.06, 1.12, 1.19, 1.26)
    assert all(found[pair] == wanted[pair[0] // 2 % 5] for pair in expected if pair in found)
    assert all(one < other for one, other in found)


def test_the_shorter_of_two_is_told():
    vectors, _ = crowd(50)
    vectors[3, 0] = vectors[7, 2]  # 3 is as 7 would be if it lasted 1.12 times as long
    assert neighbours(vectors) == {(3, 7): 1 / 1.12}


def test_all_pairs_of_a_small_set_are_those_of_comparing_all():
    vectors, _ = crowd(200, d=9)
    plain = vectors[:, 0]
    cosines = np.einsum("isd,jd->isj", vectors, plain).max(axis=1)
    np.fill_diagonal(cosines, 0)
    # Of a vector in a crowd only the nearest are looked at; here nobody has so many.
    assert (cosines >= MIN_COSINE).sum(axis=1).max() <= 12
    rows, columns = np.nonzero(np.maximum(cosines, cosines.T) >= MIN_COSINE)
    expected = {(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if i < j}
    assert set(neighbours(vectors)) == expected
    assert len(expected) > 50


@pytest.mark.parametrize("count", [100, 400, 1600])
def test_of_a_crowd_the_nearest_alone_are_compared(count):
    """As takes of one carrier sentence: each is like all others, a twin more so. Pairs grow as the recordings do."""
    rng = np.random.default_rng(0)
    vectors = unit(np.ones(64) + 0.3 * rng.standard_normal((count, 5, 64)))
    assert (vectors[:, 0] @ vectors[:, 0].T).min() > MIN_COSINE
    for first in range(0, count, 10):
        vectors[first + 1, 0] = unit(vectors[first, 2] + 0.1 * unit(rng.standard_normal(64)))
    found = neighbours(vectors)
    assert len(found) <= 12 * count
    assert all(found[first, first + 1] == 1.12 for first in range(0, count, 10))
