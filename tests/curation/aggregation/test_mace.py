"""MACE against crowd-kit where that is right, and in a crowd of spammers."""

import numpy as np
import pytest

from curation.aggregation import Votes, mace, majority


def right(probs_UC, truth_U):
    return (probs_UC.argmax(axis=1) == truth_U).mean()


def test_finds_the_few_who_know(crowd):
    consensus = mace.aggregate(crowd.votes)
    assert np.abs(consensus.reliability_R - crowd.knows_R).max() < 0.2
    equal = right(majority.aggregate(crowd.votes).probs_UC, crowd.truth_U)
    assert right(consensus.probs_UC, crowd.truth_U) > equal + 0.05
    assert right(consensus.probs_UC, crowd.truth_U) > 0.94


def test_its_posterior_is_calibrated_in_its_own_world(crowd):
    probs_UC = mace.fit(crowd.votes).probs_UC
    assert probs_UC.max(axis=1).mean() == pytest.approx(right(probs_UC, crowd.truth_U), abs=0.02)


def theirs(votes: Votes, order: np.ndarray) -> np.ndarray:
    from crowdkit.aggregation import MACE
    from pandas import DataFrame

    frame = DataFrame({"task": votes.unit_V, "worker": votes.rater_V, "label": votes.category_V}).iloc[order]
    return MACE(n_restarts=1, n_iter=100).fit(frame).probas_.sort_index().sort_index(axis=1).to_numpy()


@pytest.mark.filterwarnings("ignore")  # crowd-kit uses what pandas will drop
def test_is_crowd_kit_s_model_when_raters_and_labels_come_sorted(crowd):
    """crowd-kit joins the guessing habits by position, so it is right only on data in this order."""
    votes = crowd.votes
    order = np.lexsort((votes.category_V, votes.rater_V))
    assert list(dict.fromkeys(votes.category_V[order])) == [0, 1, 2]
    np.testing.assert_allclose(mace.fit(votes, limit=100, tolerance=0).probs_UC, theirs(votes, order), atol=5e-3)


def test_a_rater_without_votes_has_no_reliability(votes_of):
    votes = votes_of([("q1", "ann", "a"), ("q1", "bob", "a"), ("q2", "ann", "b")]).select(np.array([0, 2]))
    assert np.isnan(mace.fit(votes).knows_R).tolist() == [False, True]


@pytest.mark.real_data
def test_accuracy_on_arguments(convarg):
    """.909 elsewhere, where crowd-kit's misplaced habits cost .028."""
    known = convarg.gold_U >= 0
    assert right(mace.fit(convarg.votes).probs_UC[known], convarg.gold_U[known]) == pytest.approx(0.937, abs=0.002)
