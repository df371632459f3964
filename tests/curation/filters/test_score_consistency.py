"""The label held against verdicts that are given."""

import pytest

from curation.filters import Context, score_consistency

GOLD, JUDGE, BEST = "gold model", "judge", "best model"


def vote(rater, outcome="tie", p_a=None):
    return {"rater": rater, "kind": "reward_model", "outcome": outcome, "level": 0.0, "p_a": p_a, "seconds": None}


def decide(table, others=(JUDGE, BEST), action="drop"):
    found = score_consistency.decide(table, {"gold": GOLD, "others": list(others), "action": action}, Context())
    return found


@pytest.mark.parametrize("label", ["a", "b"])
@pytest.mark.parametrize(
    ("gold", "judge", "best", "reason"),
    [
        (0.9, 0.8, 0.2, ""), (0.9, 0.2, 0.8, ""), (0.9, 0.2, 0.1, "others_disagree"), (0.5, 0.9, 0.9, "gold_disagrees"),
        (0.2, 0.9, 0.9, "gold_disagrees"), (None, 0.1, 0.1, ""), (0.9, None, None, "others_disagree"),
    ],
)  # fmt: skip
def test_the_rule_whichever_side_the_label_is_on(pair_table, label, gold, judge, best, reason):
    said = [(rater, p if label == "a" else 1 - p) for rater, p in ((GOLD, gold), (JUDGE, judge), (BEST, best)) if p]
    found = decide(pair_table({"outcome": label, "votes": [vote(rater, p_a=p) for rater, p in said]}))
    assert found.reason_N.tolist() == [reason]
    if gold:
        assert found.score_N[0] == pytest.approx(gold)


def test_verdicts_without_a_probability_count_and_pairs_without_a_winner_stay(pair_table):
    table = pair_table(
        {"votes": [vote(GOLD, "a")]}, {"votes": [vote(GOLD, "b")]}, {"votes": [vote(GOLD, "b")], "outcome": "tie"}, {}
    )
    assert decide(table, others=[], action="flip").action_N.tolist() == ["keep", "flip", "keep", "keep"]
