"""What decisions do to a table, and what is written down of them."""

import numpy as np
import pytest

from curation import applying
from curation.filters import Decisions


def applied(table, **decided):
    action_N = np.array(decided.pop("action_N"))
    decisions = Decisions(action_N, np.where(action_N == "keep", "", "why"), **decided)
    applying.check(decisions, table.num_rows, {"why": "Because."})
    after, trace = applying.apply(table, decisions, stage=2, filter="f")
    return after.to_pylist(), trace.to_pylist()


def test_drop_and_review_take_rows_away(pair_table):
    after, trace = applied(
        pair_table({}, {}, {}), action_N=["drop", "keep", "review"], score_N=np.array([1, 2, np.nan])
    )
    assert [row["item"] for row in after] == ["item 1"]
    assert [(line["item"], line["action"], line["reason"], line["score"]) for line in trace] == [
        ("item 0", "drop", "why", 1.0), ("item 2", "review", "why", None),
    ]  # fmt: skip
    assert trace[0]["label_before"] == [1, 0, 0, 0]
    assert (trace[0]["label_after"], trace[0]["weight_after"], trace[0]["split"]) == (None, None, None)
    assert (trace[0]["stage"], trace[0]["filter"], trace[0]["weight_before"]) == (2, "f", 1)


def test_flip_turns_label_strength_and_margin_but_not_votes_and_gold(pair_table):
    table = pair_table(
        {"p_a": 0.7, "p_b": 0.2, "p_tie": 0.1, "strength": 0.5, "margin": 0.3, "votes": "aab", "gold": "a"}, {}
    )
    (row, other), (line,) = applied(table, action_N=["flip", "keep"])
    assert [row[name] for name in ("p_a", "p_b", "p_tie", "strength", "margin", "gold")] == [
        0.2,
        0.7,
        0.1,
        -0.5,
        -0.3,
        "a",
    ]
    assert row["votes"] == table["votes"][0].as_py()
    assert other == table.to_pylist()[1]
    assert (line["label_before"], line["label_after"]) == ([0.7, 0.2, 0.1, 0], [0.2, 0.7, 0.1, 0])


def test_flipping_twice_is_nothing(pair_table):
    table = pair_table({"p_a": 0.7, "p_b": 0.3, "strength": 0.0})
    once = applying.apply(table, Decisions(np.array(["flip"]), np.array(["why"])), stage=1, filter="f")[0]
    twice = applying.apply(once, Decisions(np.array(["flip"]), np.array(["why"])), stage=2, filter="f")[0]
    assert twice.equals(table)
    assert str(once["strength"][0].as_py()) == "0.0"


def test_reweight(pair_table):
    after, (line,) = applied(
        pair_table({}, {"weight": 3.0}), action_N=["reweight", "keep"], weight_N=np.array([0.25, 9])
    )
    assert [row["weight"] for row in after] == [0.25, 3]
    assert (line["weight_before"], line["weight_after"]) == (1, 0.25)


def test_relabel_with_new_votes(pair_table):
    table = pair_table({"votes": "aab", "margin": 0.4}, {"votes": "b"}, {"votes": "ab", "margin": 0.2})
    labels = np.array([[0.1, 0.9, 0, 0], [0, 0, 0, 0], [0.6, 0.4, 0, 0]])
    votes = [table["votes"][0].as_py()[2:], None, table["votes"][2].as_py()[:1]]
    (first, second, third), _ = applied(table, action_N=["relabel", "keep", "relabel"], label_N4=labels, votes_N=votes)
    assert (first["p_b"], first["n_votes"], first["strength"]) == (0.9, 1, -1)
    assert first["margin"] == 0  # it asked for the other response
    assert second == table.to_pylist()[1]
    assert (third["margin"], third["strength"]) == (0.2, 1)


def test_relabel_without_votes_keeps_them(pair_table):
    table = pair_table({"votes": "aab", "strength": 0.3})
    (row,), _ = applied(table, action_N=["relabel"], label_N4=np.array([[0, 0, 1, 0]]))
    assert (row["p_tie"], row["strength"], row["n_votes"]) == (1, 0.3, 3)


@pytest.mark.parametrize(
    ("decided", "message"),
    [
        ({"action_N": ["keep"]}, "1 actions"),
        ({"action_N": ["keep", "destroy"]}, "'destroy'"),
        ({"action_N": ["keep", "reweight"], "weight_N": np.array([1, -1])}, "weight"),
        ({"action_N": ["keep", "reweight"], "weight_N": np.array([1, np.inf])}, "weight"),
        ({"action_N": ["keep", "relabel"], "label_N4": np.array([[0] * 4, [0.5, 0, 0, 0]])}, "distribution"),
        ({"action_N": ["keep", "relabel"], "label_N4": np.array([[0] * 4, [1.5, -0.5, 0, 0]])}, "distribution"),
        ({"action_N": ["keep", "relabel"], "label_N4": np.full((2, 4), np.nan)}, "distribution"),
    ],
)
def test_unsound_decisions_are_refused(pair_table, decided, message):
    with pytest.raises(applying.BadDecisions, match=message):
        applied(pair_table({}, {}), **decided)


def test_unknown_reasons_are_refused():
    with pytest.raises(applying.BadDecisions, match="'why'"):
        applying.check(Decisions(np.array(["drop"]), np.array(["why"])), 1, {"other": "Other."})
