"""Labels from votes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotate.records import OUTCOMES
from curation import aggregation, labels, pairs


def test_shares_stand_in_for_labels_that_are_not_known(pair_table):
    unknown = {**dict.fromkeys(pairs.PROBABILITIES), "strength": None, "weight": None, "margin": None, "n_votes": None}
    table = labels.with_shares(
        pair_table({"votes": "abbt", **unknown}, {**unknown, "group": None, "media_a": None}, {"votes": "bb"})
    )
    first, second, third = table.to_pylist()
    assert [first[f"p_{outcome}"] for outcome in ("a", "b", "tie", "both_bad")] == [0.25, 0.5, 0.25, 0]
    assert (first["strength"], first["weight"], first["margin"], first["n_votes"]) == (-0.25, 1, 0, 4)
    assert [second[name] for name in pairs.PROBABILITIES] == [0.25] * 4
    assert (second["group"], second["media_a"], second["n_votes"]) == ("", [], 0)
    assert (third["p_a"], third["strength"]) == (1, 1)  # what is known stays, whatever the votes say


@pytest.mark.parametrize("method", aggregation.names())
def test_any_method_labels_rows_with_votes_and_leaves_out_those_without(pair_table, method):
    rows = [{"votes": "aab"}, {}, {"votes": "bbb"}, {"votes": "ttt"}, {"votes": "aaa"}, {"votes": "bba"}]
    found = labels.consensus(pair_table(*rows), method)
    assert np.isnan(found.probs_N4[1]).all()
    voted = found.probs_N4[[0, 2, 3, 4, 5]]
    np.testing.assert_allclose(voted.sum(axis=1), 1, atol=1e-12)
    assert np.array(OUTCOMES)[voted[[0, 1, 3, 4]].argmax(axis=1)].tolist() == ["a", "b", "a", "b"]
    assert set(found.reliability) == {"r0", "r1", "r2"}


def test_left_out_raters_are_counted_and_not_heard(pair_table):
    table = pair_table({"votes": "abb"}, {"votes": "a"})
    found = labels.consensus(table, "majority", without=["r1", "r2", "nobody"])
    assert found.lost_N.tolist() == [2, 0]
    assert found.probs_N4[0].argmax() == OUTCOMES.index("a")
    assert [len(votes) for votes in labels.votes_without(table, ["r1", "r2"])] == [1, 1]
    nothing = labels.consensus(table, "majority", without=["r0", "r1", "r2"])
    assert np.isnan(nothing.probs_N4).all()
    assert nothing.reliability == {}


def test_no_rows(pair_table):
    table = pair_table({"votes": "a"}).slice(0, 0)
    assert labels.consensus(table, "majority").probs_N4.shape == (0, 4)
    assert labels.with_shares(table).num_rows == 0


def test_the_same_response_elsewhere_is_one_contestant(pair_table):
    rows = [
        {"prompt": "q", "response_a": "x", "response_b": "y", "votes": "a"},
        {"prompt": "q", "response_a": "z", "response_b": "x", "votes": "b"},
        {"prompt": "other", "response_a": "x", "response_b": "y", "votes": "a"},
    ]
    units, sides = labels._units(labels.sketch(pair_table(*rows)))
    assert len(units) == 3
    assert sides[0][0] == sides[1][1]
    assert sides[0][0] != sides[2][0]


def test_a_label_is_the_posterior_or_the_forecast_of_the_method(pair_table, monkeypatch):
    told = aggregation.Consensus(np.array([[0.9, 0.1]]), np.array([[0.7, 0.3]]), np.array([0.5, np.nan]))
    monkeypatch.setattr("curation.aggregation.majority.aggregate", lambda votes, *, seed: told)
    table = pair_table({"votes": "ab"})
    posterior, forecast = (labels.consensus(table, "majority", forecast=choice) for choice in (False, True))
    assert posterior.probs_N4[0, OUTCOMES.index("a")] == 0.9
    assert forecast.probs_N4[0, OUTCOMES.index("a")] == 0.7
    assert posterior.reliability["r0"] == 0.5


@given(arrays(np.float64, (5, 4), elements=st.floats(0.001, 1)))
def test_rounding_keeps_distributions_whole(probs):
    found = labels.rounded(probs)
    assert (found >= 0).all()
    assert (np.round(found, labels.DECIMALS) == found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found, probs / probs.sum(axis=1, keepdims=True), atol=3e-6)
