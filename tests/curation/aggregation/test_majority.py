"""Majority: shares and reliabilities by hand."""

import numpy as np
import pytest

from curation.aggregation import majority


def test_shares_by_hand(votes_of):
    votes = votes_of([("q1", "ann", "a"), ("q1", "bob", "a"), ("q1", "cem", "tie"), ("q2", "ann", "b")])
    np.testing.assert_allclose(majority.aggregate(votes).probs_UC, [[2 / 3, 0, 1 / 3], [0, 1, 0]])


def test_reliability_is_the_mean_share_of_the_others_who_agree(votes_of):
    votes = votes_of(
        [
            ("q1", "ann", "a"),
            ("q1", "bob", "a"),
            ("q1", "cem", "b"),
            ("q2", "ann", "a"),
            ("q2", "bob", "b"),
            ("q3", "dan", "a"),
        ]
    )
    ann, bob, cem, dan = majority.aggregate(votes).reliability_R
    assert (ann, bob, cem) == (0.25, 0.25, 0)  # ann and bob: one of two others, then none
    assert np.isnan(dan)  # nobody else judged q3


def test_units_that_differ_are_smoothed_less_than_units_alike(votes_of):
    alike = votes_of([(f"q{u}", f"w{r}", "a" if r % 2 else "b") for u in range(30) for r in range(6)], ("a", "b"))
    apart = votes_of([(f"q{u}", f"w{r}", "a" if u % 2 else "b") for u in range(30) for r in range(6)], ("a", "b"))
    assert majority.aggregate(alike).notes["concentration"] > 100
    assert majority.aggregate(apart).notes["concentration"] < 0.1


@pytest.mark.real_data
def test_known_accuracy_on_arguments(convarg):
    """.886 elsewhere, with equal winners in crowd-kit's order; here they share the credit."""
    probs_UC = majority.aggregate(convarg.votes).probs_UC
    known = convarg.gold_U >= 0
    top_UC = probs_UC == probs_UC.max(axis=1, keepdims=True)
    credit = top_UC[known, convarg.gold_U[known]] / top_UC[known].sum(axis=1)
    assert known.sum() == 13137
    assert credit.mean() == pytest.approx(0.8854, abs=5e-5)
