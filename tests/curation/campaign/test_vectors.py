"""The index: nothing that is not free is found; quantised lists find nearly what an exact search finds."""

import numpy as np
import pytest

from curation.campaign.files import Files
from curation.campaign.retrieving import error_driven
from curation.campaign.source import Source
from curation.campaign.vectors import build, most_similar


def unit(rng, *shape):
    vectors = rng.normal(size=shape)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@pytest.fixture
def make_index(pair_table, tmp_path):
    def make(vectors, shard, **more):
        sizes = [min(shard, len(vectors) - start) for start in range(0, len(vectors), shard)]
        source = Source(tuple(sizes), lambda number: None, "x")
        return build(Files(tmp_path), source, lambda n: vectors[n * shard : (n + 1) * shard], **more)

    return make


def test_only_free_pairs_are_found_the_nearest_first(make_index):
    rng = np.random.default_rng(0)
    vectors = unit(rng, 200, 16)
    index, free = make_index(vectors, 64), rng.random(200) < 0.3
    near = index.nearest(index.vectors([3, 150]), 5, free)
    for row, query in zip(near, vectors[[3, 150]], strict=True):
        similarity = np.where(free, vectors @ query, -9)
        assert row.tolist() == np.argsort(-similarity)[:5].tolist()
    few = np.zeros(200, bool)
    few[[8, 9]] = True
    assert set(index.nearest(vectors[:1], 5, few)[0].tolist()) == {8, 9, -1}


def test_a_large_pool_is_searched_in_quantised_lists(make_index):
    import faiss

    rng = np.random.default_rng(1)
    centres = unit(rng, 40, 24)
    vectors = centres[rng.integers(0, 40, 4000)] + 0.15 * rng.normal(size=(4000, 24))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index, free = make_index(vectors, 1500, exact_below=1000), rng.random(4000) < 0.5
    assert isinstance(index.faiss_index, faiss.IndexIVF)
    near = index.nearest(vectors[:50], 8, free)
    assert free[near].all()
    exact = np.argsort(-np.where(free, vectors[:50] @ vectors.T, -9), axis=1)[:, :8]
    assert np.mean([len(set(a) & set(b)) / 8 for a, b in zip(near.tolist(), exact.tolist(), strict=True)]) > 0.9


def test_the_worse_the_error_the_more_is_fetched_and_the_earlier(make_index):
    rng = np.random.default_rng(2)
    vectors = unit(rng, 100, 32)
    index, free = make_index(vectors, 100), np.arange(100) >= 3
    settings = {"around": 8}
    gold, p = np.array([0, 1, 2]), np.array([1.0, 0.1, 0.8])
    places = error_driven.retrieve(gold, p, index, free, 100, settings, 0)
    nearest = index.nearest(vectors[[1, 2]], 8, free)
    assert places[:8].tolist() == nearest[0].tolist()  # the error, all eight
    assert set(places[8:].tolist()) <= set(nearest[1][:2].tolist())  # ceil(8 · 0.2) = 2; the certain one asks for none
    assert error_driven.retrieve(gold, np.ones(3), index, free, 100, settings, 0).tolist() == []


def test_examples_are_the_most_similar():
    assert most_similar(np.eye(3)[:1], np.array([[0, 1, 0], [0.9, 0.1, 0], [0.2, 0, 1]]), 2).tolist() == [[1, 2]]
