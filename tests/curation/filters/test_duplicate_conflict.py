"""Near-duplicates with opposite outcomes."""

import numpy as np

from curation.filters import Context, duplicate_conflict
from tests.curation.filters.test_near_duplicates import PAIR, text


def decide(table, action="review"):
    return duplicate_conflict.decide(table, {"threshold": 0.8, "words": 3, "action": action}, Context())


def test_all_that_are_alike_and_disagree_are_suspicious(pair_table):
    mirrored = {**PAIR, "response_a": PAIR["response_b"], "response_b": PAIR["response_a"]}
    table = pair_table(
        {**PAIR, "votes": "aaa"},
        {**PAIR, "response_a": PAIR["response_a"] + " more"},
        {**mirrored, "outcome": "a"},  # b of the first: the opposite
        {**PAIR, "outcome": "tie"},
        {"prompt": text(11), "response_a": text(12), "response_b": text(13)},
        {"prompt": text(21), "response_a": text(22), "response_b": text(23), "votes": "a"},
        {"prompt": text(21), "response_a": text(23), "response_b": text(22), "outcome": "b"},  # swapped, and agrees
    )
    found = decide(table)
    assert found.action_N.tolist() == ["review", "review", "review", "keep", "keep", "keep", "keep"]
    np.testing.assert_allclose(found.score_N, [2 / 3, 2 / 3, 1 / 3, np.nan, 1, 1, 1])
    np.testing.assert_allclose(decide(table, "reweight").weight_N[:3], [0.666667, 0.666667, 0.333333])
