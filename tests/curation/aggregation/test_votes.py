"""Votes from readings: indices, selection, and who the contestants are."""

import numpy as np
import pytest

from annotate.feedback import Reading
from curation.aggregation import Consensus, Votes

READINGS = [
    Reading("q1", "r1:r2", "", "ann", "a"),
    Reading("q1", "r1:r2", "", "bob", "b"),
    Reading("q2", "r3:r4", "", "ann", "tie"),
    Reading("q2", "r3:r4", "", "cem"),  # no category: not a vote
]


def test_collects_readings():
    votes = Votes.from_readings(READINGS)
    assert votes.units == (("q1", "r1:r2", ""), ("q2", "r3:r4", ""))
    assert votes.raters == ("ann", "bob")
    assert votes.categories == ("a", "b", "tie")
    np.testing.assert_array_equal(votes.counts_UC, [[1, 1, 0], [0, 0, 1]])


def test_categories_can_be_fixed_and_then_hold():
    assert Votes.from_readings(READINGS, ("tie", "b", "a", "both_bad")).counts_UC.tolist() == [
        [0, 1, 1, 0],
        [1, 0, 0, 0],
    ]
    with pytest.raises(KeyError):
        Votes.from_readings(READINGS, ("a", "b"))


def test_no_readings_are_no_votes():
    votes = Votes.from_readings([])
    assert (votes.units, votes.raters, votes.categories, votes.sides_U2) == ((), (), (), None)
    assert votes.counts_UC.shape == (0, 0)


def test_select_keeps_units_raters_and_categories():
    votes = Votes.from_readings(READINGS).select(np.array([0]))
    assert len(votes.units) == 2
    np.testing.assert_array_equal(votes.counts_UC, [[1, 0, 0], [0, 0, 0]])


def test_every_key_is_a_contestant_of_its_own():
    np.testing.assert_array_equal(Votes.from_readings(READINGS).sides_U2, [[0, 1], [2, 3]])


def test_the_caller_says_which_responses_are_the_same():
    text = {"r1": "yes", "r2": "no", "r3": "no", "r4": "maybe"}
    votes = Votes.from_readings(READINGS, contestant=lambda item, key: text[key])
    np.testing.assert_array_equal(votes.sides_U2, [[0, 1], [1, 2]])


def test_dimensions_have_contestants_of_their_own():
    readings = [Reading("q", "r1:r2", dimension, "ann", "a") for dimension in ("truth", "style")]
    votes = Votes.from_readings([*readings, Reading("q", "r1:r2", "truth", "bob", "b")])
    np.testing.assert_array_equal(votes.sides_U2, [[0, 1], [2, 3]])


def test_single_responses_have_no_sides():
    assert Votes.from_readings([Reading("q", "r1#cites", "", "ann", "met")]).sides_U2 is None
    mixed = Votes.from_readings([*READINGS, Reading("q3", "r9", "", "ann", "a")])
    np.testing.assert_array_equal(mixed.sides_U2, [[0, 1], [2, 3], [-1, -1]])


def test_entropy_is_in_bits():
    probs = np.array([[0.5, 0.5, 0, 0], [1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])
    np.testing.assert_allclose(Consensus(probs, probs, np.empty(0)).entropy_U, [1, 0, 2], atol=1e-9)
