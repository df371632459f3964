"""Judges answer in people's place where they are sure enough, the first of them that is."""

import numpy as np

from annotate.records import OUTCOMES
from curation import filters
from curation.filters import Context


def vote(rater, outcome, p_a=None, kind="language_model"):
    return {"rater": rater, "kind": kind, "outcome": outcome, "level": 1.0, "p_a": p_a, "seconds": None}


def decide(table, *judges, **settings):
    given = {"judges": [{"rater": name, "threshold": threshold} for name, threshold in judges], **settings}
    return filters.get("cascade").decide(table, filters.settings_with_defaults("cascade", given), Context())


def test_the_first_judge_that_is_sure_enough_answers(pair_table):
    table = pair_table(
        {"votes": [vote("cheap", "a", 0.95), vote("dear", "b", 0.01)]},
        {"votes": [vote("cheap", "a", 0.6), vote("dear", "b", 0.2)]},
        {"votes": [vote("cheap", "b", 0.45), vote("dear", "b", 0.4)]},
        {"votes": [vote("dear", "a", 0.9)]},
        {"votes": [vote("stranger", "a", 0.99)]},
        {"votes": [vote("cheap", "a", 0.95), vote("p", "b", kind="person")], "outcome": "b"},
        {"votes": [vote("cheap", "a", 0.95), vote("p", "b", kind=None)], "outcome": "b"},
    )
    found = decide(table, ("cheap", 0.9), ("dear", 0.8))
    assert found.action_N.tolist() == ["relabel", "relabel", "review", "relabel", "review", "keep", "keep"]
    assert found.reason_N.tolist() == ["judge_sure", "judge_sure", "for_people", "judge_sure", "for_people", "", ""]
    assert [OUTCOMES[place] for place in found.label_N4[[0, 1, 3]].argmax(axis=1)] == ["a", "b", "a"]
    np.testing.assert_allclose(found.score_N, [0.95, 0.8, 0.6, 0.9, np.nan, np.nan, np.nan])


def test_a_judge_without_probabilities_is_taken_wholly_or_not_at_all(pair_table):
    table = pair_table({"votes": [vote("rule", "b", kind="rule")]}, {"votes": [vote("rule", "tie", kind="rule")]})
    found = decide(table, ("rule", 1.0))
    assert found.action_N.tolist() == ["relabel", "relabel"]
    assert [OUTCOMES[place] for place in found.label_N4.argmax(axis=1)] == ["b", "tie"]


def test_what_is_left_to_people_may_be_dropped(pair_table):
    assert decide(pair_table({"votes": []}), ("j", 0.9), action="drop").action_N.tolist() == ["drop"]
