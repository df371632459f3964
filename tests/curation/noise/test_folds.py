"""Folds: copies of a pair stay together, whatever the order of sides and rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.noise import folds

ROWS = st.lists(st.tuples(*[st.sampled_from("uvwxyz")] * 3), min_size=1, max_size=40)


@given(ROWS, st.integers(2, 5), st.integers(0, 3), st.randoms(use_true_random=False))
def test_copies_share_a_fold_in_any_order_of_sides_and_rows(rows, count, seed, random):
    fold_N = folds.deal(*zip(*rows, strict=True), count, seed)
    mirrored_N = folds.deal(*zip(*((q, b, a) for q, a, b in rows), strict=True), count, seed)
    assert mirrored_N.tolist() == fold_N.tolist()
    fold_of = {}
    for (prompt, *sides), fold in zip(rows, fold_N.tolist(), strict=True):
        assert fold_of.setdefault((prompt, *sorted(sides)), fold) == fold
    order = random.sample(range(len(rows)), len(rows))
    assert folds.deal(*zip(*(rows[i] for i in order), strict=True), count, seed).tolist() == fold_N[order].tolist()
    sizes = np.bincount(list(fold_of.values()), minlength=count)
    assert sizes.max() - sizes.min() <= 1


def test_the_seed_deals_anew():
    names = [str(number) for number in range(100)]
    assert folds.deal(names, names, names[::-1], 5, 0).tolist() != folds.deal(names, names, names[::-1], 5, 1).tolist()
