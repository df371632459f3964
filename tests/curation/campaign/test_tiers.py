"""k, sides and the book: what holds whatever the numbers."""

from math import ceil

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.campaign.tiers import GOLD, LABELLED, SILVER, Book, chosen, fetched, labelled, sides

probability = st.floats(0, 1)


@given(st.lists(probability, min_size=1), st.sampled_from([8, 1, 3, 16]))
def test_k_is_most_up_to_a_half_and_shrinks_to_none(p, most):
    k = fetched(np.array(p), most)
    for one, count in zip(p, k.tolist(), strict=True):
        assert count == (most if one <= 0.5 else min(most, ceil(most * (1 - one))))
        assert 0 <= count <= most
    order = np.argsort(p)
    assert (np.diff(k[order]) <= 0).all()  # the surer, the fewer


@pytest.mark.parametrize(
    ("p", "k"), [(0.0, 8), (0.5, 8), (np.nextafter(0.5, 1), 4), (0.75, 2), (0.8, 2), (0.876, 1), (0.875, 1), (1.0, 0)]
)
def test_k_as_the_paper_has_it(p, k):
    assert fetched(np.array([p])).tolist() == [k]


@pytest.mark.parametrize("p", [float("nan"), -0.1, 1.1])
def test_k_of_no_probability(p):
    with pytest.raises(ValueError, match="probability"):
        fetched(np.array([p]))


@given(st.lists(st.tuples(probability, probability, probability, probability), min_size=1))
def test_a_side_is_what_is_likelier_than_all_else(rows):
    probs = np.array(rows)
    swapped = probs[:, [1, 0, 2, 3]]
    assert (sides(swapped) == -sides(probs)).all()
    for (a, b, tie, bad), side in zip(rows, sides(probs).tolist(), strict=True):
        best = max(a, b)
        assert side == (0 if a == b or best <= max(tie, bad) else 1 if a > b else -1)


def test_nothing_known_is_no_side():
    assert sides(np.full((1, 4), np.nan)).tolist() == [0]


@given(st.floats(-30, 30), st.sampled_from([1, -1]))
def test_the_probability_of_a_label_and_its_opposite_sum_to_one(margin, side):
    one, other = chosen(np.array([margin, margin]), np.array([side, -side]))
    assert one + other == pytest.approx(1)
    assert (one > 0.5) == (margin * side > 0) or one == pytest.approx(0.5)


def found(places, p_a):
    rows = [{"place": place, "p_a": p, "p_tie": 0.0, "p_b": None if p is None else 1 - p, "p_both_bad": 0.0}
            for place, p in zip(places, p_a, strict=True)]  # fmt: skip
    return pa.Table.from_pylist([{**row, "votes": []} for row in rows], schema=LABELLED)


@given(st.data())
def test_a_pair_is_labelled_once_and_the_book_can_be_turned_back(data):
    count = data.draw(st.integers(1, 30))
    out = np.array(data.draw(st.lists(st.sampled_from(["", "", "duplicate"]), min_size=count, max_size=count)), object)
    books = [Book.of(out)]
    for round_ in range(data.draw(st.integers(0, 4))):
        for tier in (SILVER, GOLD):
            free = np.flatnonzero(books[-1].free_N).tolist()
            places = data.draw(st.lists(st.sampled_from(free), unique=True)) if free else []
            labels = data.draw(
                st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0, None]), min_size=len(places), max_size=len(places))
            )
            book = books[-1].with_labels(found(places, labels), tier, round_)
            expected = [0 if p in (0.5, None) else 1 if p > 0.5 else -1 for p in labels]
            assert book.side_N[places].tolist() == expected
            if places:
                with pytest.raises(ValueError, match="not free"):
                    book.with_labels(found(places[:1], [1.0]), tier, round_)
            if tier == SILVER:
                books.append(book)
            else:
                books[-1] = book
    last = books[-1]
    assert not (last.free_N & (out != "")).any()
    assert set(last.places(GOLD)).isdisjoint(last.places(SILVER))
    for round_, book in enumerate(books):
        turned = last.before(round_)
        for name in ("tier_N", "side_N", "round_N"):
            assert (getattr(turned, name) == getattr(book, name)).all()
        assert turned.found.num_rows == book.found.num_rows


def test_labelled_rows_are_certain_and_those_without_a_side_leave(pair_table):
    table = labelled(pair_table({"outcome": "a"}, {"outcome": "a"}, {"outcome": "b"}), np.array([1, 0, 1]))
    assert (table["p_a"].to_pylist(), table["strength"].to_pylist()) == ([1.0, 1.0], [1.0, 1.0])
    assert table["item"].to_pylist() == ["item 0", "item 2"]
