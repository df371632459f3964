"""Responses of very different length."""

from curation.filters import Context, length_gap


def test_ratio_of_characters(pair_table):
    table = pair_table(
        {"response_a": "é" * 30, "response_b": "x" * 3}, {"response_a": "xx", "response_b": "x" * 21},
        {"response_a": "", "response_b": "x" * 11}, {"response_a": "", "response_b": "x"},
    )  # fmt: skip
    found = length_gap.decide(table, {"max_ratio": 10, "action": "drop"}, Context())
    assert found.action_N.tolist() == ["keep", "drop", "drop", "keep"]
    assert found.score_N.tolist() == [10, 10.5, 11, 1]
