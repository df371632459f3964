"""Labels that are not sure enough."""

import pytest

from curation.filters import Context, consensus_threshold


def test_probability_before_entropy(pair_table):
    table = pair_table(
        {"outcome": "a"}, {"p_a": 0.55, "p_b": 0.45}, {"p_a": 0.7, "p_b": 0.1, "p_tie": 0.1, "p_both_bad": 0.1}
    )
    settings = {"min_probability": 0.6, "max_entropy": 1.2, "action": "drop"}
    found = consensus_threshold.decide(table, settings, Context())
    assert found.reason_N.tolist() == ["", "low_probability", "high_entropy"]
    assert found.action_N.tolist() == ["keep", "drop", "drop"]
    assert found.score_N.tolist() == [1, 0.55, 0.7]


def test_the_thresholds_themselves_are_enough(pair_table):
    table = pair_table({"p_a": 0.5, "p_b": 0.5})
    settings = {"min_probability": 0.5, "max_entropy": 1, "action": "review"}
    assert consensus_threshold.decide(table, settings, Context()).action_N.tolist() == ["keep"]


@pytest.mark.parametrize(("action", "kept"), [("drop", 0), ("review", 0)])
def test_actions(pair_table, action, kept):
    settings = {"min_probability": 0.9, "max_entropy": 2, "action": action}
    found = consensus_threshold.decide(pair_table({"p_a": 0.5, "p_b": 0.5}), settings, Context())
    assert found.action_N.tolist() == [action]
