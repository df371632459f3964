"""Every consensus method: shapes, probabilities, invariance, degenerate votes."""

import json
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.feedback import Reading
from curation import aggregation
from curation.aggregation import Votes

METHODS = aggregation.names()
VALUES = [name for name in aggregation.names(None) if name not in METHODS]
OUTCOMES = ("a", "b", "tie")

vote_lists = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)),
    min_size=1,
    max_size=30,
    unique_by=lambda v: v[:2],
)


def pairs(rows, categories=OUTCOMES, U=6, R=4):
    """Votes on U pairs in a ring: pair u compares contestants u and u + 1."""
    index = np.array(rows, dtype=np.int64).reshape(-1, 3)
    units = tuple((f"i{u}", "a:b", "") for u in range(U))
    sides = np.stack([np.arange(U), (np.arange(U) + 1) % U], axis=1)
    return Votes(units, tuple(f"w{r}" for r in range(R)), categories, index[:, 0], index[:, 1], index[:, 2], sides)


def check(consensus, votes):
    shape = len(votes.units), len(votes.categories)
    for table in (consensus.probs_UC, consensus.predictive_UC):
        assert table.shape == shape
        assert np.isfinite(table).all()
        assert ((table >= 0) & (table <= 1 + 1e-12)).all()
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-9)
    known = consensus.reliability_R[~np.isnan(consensus.reliability_R)]
    assert consensus.reliability_R.shape == (len(votes.raters),)
    assert ((known >= 0) & (known <= 1)).all()
    assert ((consensus.entropy_U >= 0) & (consensus.entropy_U <= np.log2(shape[1]) + 1e-6)).all()
    json.dumps(consensus.notes, allow_nan=False)


def test_the_default_is_one_of_them():
    assert aggregation.DEFAULT in METHODS
    assert set(METHODS) | set(VALUES) == set(aggregation.names(None))
    assert not set(METHODS) & set(VALUES)


@pytest.mark.parametrize("name", aggregation.names(None))
def test_describes_itself(name):
    method = aggregation.get(name)
    assert 0 < len(method.TITLE) < 40
    assert method.SUMMARY.endswith(".")
    assert method.TAKES in get_args(aggregation.Takes)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=8, deadline=None)
@given(rows=vote_lists)
def test_gives_distributions(name, rows):
    votes = pairs(rows)
    check(aggregation.get(name).aggregate(votes), votes)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=8, deadline=None)
@given(rows=vote_lists, order=st.permutations(range(3)), raters=st.permutations(range(4)), data=st.data())
def test_the_order_of_labels_raters_and_votes_does_not_matter(name, rows, order, raters, data):
    method, votes = aggregation.get(name), pairs(rows)
    first = method.aggregate(votes)
    relabelled = pairs([(u, r, order.index(c)) for u, r, c in rows], tuple(OUTCOMES[c] for c in order))
    other = method.aggregate(relabelled)
    np.testing.assert_allclose(other.probs_UC, first.probs_UC[:, order], atol=2e-3)
    np.testing.assert_allclose(other.predictive_UC, first.predictive_UC[:, order], atol=2e-3)
    shuffled = data.draw(st.permutations([(u, raters.index(r), c) for u, r, c in rows]))
    other = method.aggregate(pairs(shuffled))
    np.testing.assert_allclose(other.probs_UC, first.probs_UC, atol=2e-3)
    np.testing.assert_allclose(other.reliability_R, first.reliability_R[list(raters)], atol=2e-3)


@pytest.mark.parametrize("name", METHODS)
def test_swapping_the_sides_swaps_the_outcomes(name):
    rng = np.random.default_rng(3)
    rows = [(u, r, int(rng.choice(3, p=[0.6, 0.2, 0.2]))) for u in range(6) for r in range(4)]
    votes = pairs(rows)
    swapped = replace(pairs([(u, r, (1, 0, 2)[c]) for u, r, c in rows]), sides_U2=votes.sides_U2[:, ::-1])
    first, other = (aggregation.get(name).aggregate(v).probs_UC for v in (votes, swapped))
    np.testing.assert_allclose(other, first[:, [1, 0, 2]], atol=1e-3)


@pytest.mark.parametrize("name", METHODS)
def test_the_same_votes_and_seed_give_the_same_consensus(name):
    votes = pairs([(u, r, (u * r) % 3) for u in range(6) for r in range(4)])
    first, second = (aggregation.get(name).aggregate(votes, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.probs_UC, second.probs_UC)
    np.testing.assert_array_equal(first.predictive_UC, second.predictive_UC)


DEGENERATE = {
    "no votes at all": pairs([], U=0, R=0),
    "pairs that nobody judged": pairs([]),
    "one vote": pairs([(0, 0, 1)]),
    "one rater": pairs([(u, 0, u % 2) for u in range(6)]),
    "a rater with one vote": pairs([(u, r, 0) for u in range(6) for r in range(3)] + [(0, 3, 2)]),
    "everybody agrees": pairs([(u, r, u % 3) for u in range(6) for r in range(4)]),
    "only ties": pairs([(u, r, 2) for u in range(6) for r in range(4)]),
    "only one outcome seen": pairs([(u, r, 0) for u in range(6) for r in range(4)]),
    "two thousand votes on one pair": pairs([(0, r, int(r % 3 == 0)) for r in range(2000)], R=2000),
}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.filterwarnings("error")
def test_degenerate_votes_give_sensible_distributions(name, case):
    votes = DEGENERATE[case]
    consensus = aggregation.get(name).aggregate(votes)
    check(consensus, votes)
    if case == "pairs that nobody judged":
        assert np.isnan(consensus.reliability_R).all()
        np.testing.assert_allclose(consensus.probs_UC[:, 0], consensus.probs_UC[:, 1])
    if case == "two thousand votes on one pair":
        assert consensus.probs_UC[0].argmax() == 0
        np.testing.assert_allclose(consensus.predictive_UC[0, 1], 1 / 3, atol=0.02)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "newman"])
def test_one_category_is_certain(name):
    votes = replace(pairs([(0, 0, 0), (0, 1, 0), (1, 1, 0)], ("good",), U=2), sides_U2=None)
    consensus = aggregation.get(name).aggregate(votes)
    np.testing.assert_allclose(consensus.probs_UC, 1)
    np.testing.assert_allclose(consensus.predictive_UC, 1)


@pytest.mark.parametrize("name", METHODS)
def test_a_clear_majority_wins(name):
    votes = pairs([(u, r, u % 2 if r < 3 else 2) for u in range(6) for r in range(4)])
    consensus = aggregation.get(name).aggregate(votes)
    assert (consensus.probs_UC.argmax(axis=1) == np.arange(6) % 2).all()


# ---- methods whose units have values ----

TEXTS = ("good and short", "good and clear", "wrong by a factor of ten")
MARKS = ((), (("error", 0, 4),), (("error", 1, 6), ("style", 2, 3)))


def reading(takes, unit, rater, judged):
    """One judgement, ``judged`` from 0 to 2, as a method of this kind takes it."""
    item, who = f"i{unit}", f"w{rater}"
    if takes == "levels":
        return Reading(item, "r", "", who, level=float(judged))
    if takes == "rankings":
        return Reading(item, "x:y", "", who, ("a", "b", "tie")[judged], (1, -1, 0)[judged])
    return Reading(item, "r", "", who, content=MARKS[judged] if takes == "marks" else TEXTS[judged])


def combined(name, rows, **more):
    method = aggregation.get(name)
    return method.combine([reading(method.TAKES, *row) for row in rows], **more)


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=8, deadline=None)
@given(rows=vote_lists, order=st.randoms())
def test_gives_a_value_with_its_uncertainty_whatever_the_order(name, rows, order):
    found = combined(name, rows)
    assert {agreed.unit[0] for agreed in found.agreed} == {f"i{unit}" for unit, *_ in rows}
    for agreed in found.agreed:
        assert 0 <= agreed.confidence <= 1
        assert agreed.n == len([row for row in rows if f"i{row[0]}" == agreed.unit[0]])
        if isinstance(agreed.value, float):
            assert agreed.low <= agreed.value + 1e-9
            assert agreed.value - 1e-9 <= agreed.high
        json.dumps(agreed.value, allow_nan=False)
    assert all(0 <= value <= 1 for value in found.reliability.values())
    json.dumps(found.notes, allow_nan=False)
    shuffled = list(rows)
    order.shuffle(shuffled)
    other = combined(name, shuffled)
    assert [(agreed.unit, agreed.n) for agreed in other.agreed] == [(agreed.unit, agreed.n) for agreed in found.agreed]
    for one, two in zip(other.agreed, found.agreed, strict=True):
        assert one.value == (pytest.approx(two.value, abs=1e-6) if isinstance(two.value, float) else two.value)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("error")
def test_few_judgements_are_no_fault(name):
    assert combined(name, []).agreed == []
    (one, *_) = combined(name, [(0, 0, 1)]).agreed
    assert one.n == 1
    alike = combined(name, [(u, r, 1) for u in range(3) for r in range(3)])
    assert all(np.isfinite(agreed.confidence) for agreed in alike.agreed)


def test_what_readings_offer_and_which_method_to_try_first():
    compared = [Reading("i", "x:y", "", "w", "a", 1)]
    assert aggregation.offered(compared) == ["categories", "rankings", "levels"]
    assert aggregation.recommended(aggregation.offered(compared), 1) == aggregation.DEFAULT
    checked = aggregation.offered([Reading("i", "x#c", "", "w", "met")])
    assert [aggregation.recommended(checked, labels) for labels in (3, 5)] == ["majority", "dawid_skene"]
    for takes, method in (("levels", "rater_effects"), ("marks", "token_votes"), ("texts", "medoid")):
        assert aggregation.recommended(aggregation.offered([reading(takes, 0, 0, 1)]), 9) == method


def test_levels_of_few_stand_for_categories():
    few = aggregation.as_categories([Reading("i", "r", "", "w", level=level) for level in (1, 2.5)])
    assert [r.category for r in few] == ["1", "2.5"]
    assert aggregation.as_categories([Reading("i", "r", "", "w", level=level / 7) for level in range(20)]) == []
