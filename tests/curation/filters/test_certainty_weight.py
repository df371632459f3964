"""Weights that follow certainty."""

import pytest

from curation.filters import Context, certainty_weight


def test_sure_pairs_keep_their_weight_and_unsure_ones_lose_it(pair_table):
    all_alike = {"p_a": 0.25, "p_b": 0.25, "p_tie": 0.25, "p_both_bad": 0.25}
    table = pair_table({"outcome": "a"}, {"p_a": 0.5, "p_b": 0.5, "weight": 2.0}, all_alike)
    found = certainty_weight.decide(table, {"floor": 0.1}, Context())
    assert found.action_N.tolist() == ["keep", "reweight", "reweight"]
    assert found.weight_N[1:] == pytest.approx([1.0, 0.1])
