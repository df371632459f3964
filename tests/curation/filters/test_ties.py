"""Pairs without a winner."""

import pytest

from curation.filters import Context, ties


@pytest.mark.parametrize("tie", ["keep", "drop", "review"])
@pytest.mark.parametrize("both_bad", ["keep", "drop", "review"])
def test_each_kind_has_its_own_action(pair_table, tie, both_bad):
    table = pair_table(
        {"outcome": "tie"}, {"outcome": "both_bad"}, {"p_a": 0.4, "p_b": 0.4, "p_tie": 0.2}, {"outcome": "b"}
    )
    found = ties.decide(table, {"tie": tie, "both_bad": both_bad}, Context())
    assert found.action_N.tolist() == [tie, both_bad, tie, "keep"]
    assert found.reason_N.tolist() == [
        "tie" if tie != "keep" else "", "both_bad" if both_bad != "keep" else "", "tie" if tie != "keep" else "", "",
    ]  # fmt: skip
    assert found.score_N.tolist() == pytest.approx([1, 1, 0.2, 0])
