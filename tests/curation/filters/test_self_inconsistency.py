"""Judges that are unsure or contradict themselves."""

import numpy as np
import pytest

from curation import applying, pairs
from curation.filters import Context, self_inconsistency


def vote(rater, p_a=None, outcome="a", kind="language_model"):
    return {"rater": rater, "kind": kind, "outcome": outcome, "level": 1.0, "p_a": p_a, "seconds": None}


def decide(table, action="drop", threshold=0.65, kinds=("language_model",)):
    settings = {"action": action, "threshold": threshold, "kinds": list(kinds)}
    return self_inconsistency.decide(table, settings, Context())


@pytest.fixture
def table(pair_table):
    return pair_table(
        {"votes": [vote("j", 0.95)]},
        {"votes": [vote("j", 0.52)]},
        {"votes": [vote("j", 0.9), vote("j", 0.1, "b")]},  # both orders, opposite answers
        {"votes": [vote("j"), vote("j"), vote("j", outcome="b")]},  # two of three samples
        {"votes": [vote("j", 0.1, "b"), vote("k", 0.9)]},  # two judges that differ are each consistent
        {"votes": "aab"},
        {"votes": [vote("m", 0.5, kind="reward_model")]},
        {"votes": [vote("j", outcome="tie")]},
    )


def test_certainty_is_of_each_judge_in_its_own_verdict(table):
    found = decide(table)
    np.testing.assert_allclose(found.score_N, [0.95, 0.52, 0.5, 2 / 3, 0.9, np.nan, np.nan, 0.5])
    assert found.action_N.tolist() == ["keep", "drop", "drop", "keep", "keep", "keep", "keep", "drop"]
    assert decide(table, kinds=["reward_model"]).action_N.tolist() == ["keep"] * 6 + ["drop", "keep"]


def test_labels_are_softened_by_the_chance_of_error_and_weights_by_confidence(table):
    soft, _ = applying.apply(table, decide(table, "relabel", threshold=1), stage=1, filter="f")
    np.testing.assert_allclose(pairs.outcome_probs(soft)[:3, 0], [0.95, 0.52, 0.5])
    np.testing.assert_allclose(pairs.outcome_probs(soft)[5:7, 0], 1)
    weighed, _ = applying.apply(table, decide(table, "reweight"), stage=1, filter="f")
    np.testing.assert_allclose(weighed["weight"].to_numpy(), [1, 0.04, 0, 1, 1, 1, 1, 0])
