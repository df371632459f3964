"""The same pair more than once."""

import pytest

from curation.filters import Context, exact_duplicates

PAIR = {"prompt": "q", "response_a": "x", "response_b": "y"}
MIRRORED = {"prompt": "q", "response_a": "y", "response_b": "x"}


def decide(table, conflicts="keep"):
    return exact_duplicates.decide(table, {"conflicts": conflicts}, Context())


def test_most_votes_stay_on_whichever_side_they_stand(pair_table):
    found = decide(pair_table({**PAIR, "votes": "a"}, {**MIRRORED, "votes": "bba", "outcome": "b"}, {"votes": "a"}))
    assert found.action_N.tolist() == ["drop", "keep", "keep"]
    assert found.reason_N.tolist() == ["duplicate", "", ""]
    assert found.score_N.tolist() == [2, 2, 1]


def test_the_opposite_label_is_a_conflict(pair_table):
    table = pair_table({**PAIR, "votes": "aab"}, {**MIRRORED, "votes": "a"}, {**PAIR, "votes": "aa"})
    assert decide(table).reason_N.tolist() == ["", "duplicate_conflict", "duplicate"]


@pytest.mark.parametrize("action", ["drop", "review"])
def test_conflicts_can_take_the_pair_that_stays_as_well(pair_table, action):
    found = decide(pair_table({**PAIR, "votes": "aab"}, {**PAIR, "votes": "b", "outcome": "b"}), action)
    assert found.action_N.tolist() == [action, "drop"]
    assert found.reason_N.tolist() == ["conflicting_duplicates", "duplicate_conflict"]


def test_other_question_dimension_prompt_or_picture_is_another_pair(pair_table):
    table = pair_table(
        PAIR, {**PAIR, "question": "style"}, {**PAIR, "dimension": "truth"}, {**PAIR, "prompt": "r"},
        {**PAIR, "media_a": ["sha256:1"]},
    )  # fmt: skip
    assert decide(table).action_N.tolist() == ["keep"] * 5


def test_as_many_votes_surer_label_stays(pair_table):
    table = pair_table({**PAIR, "votes": "ab", "p_a": 0.6, "p_b": 0.4}, {**PAIR, "votes": "aa"})
    assert decide(table).action_N.tolist() == ["drop", "keep"]
