"""The pair table's own arithmetic."""

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs


def test_row_ids_name_what_is_compared_and_nothing_else(pair_table):
    one, swapped, labelled, shown = pair_table(
        {"prompt": "q", "response_a": "x", "response_b": "y"},
        {"prompt": "q", "response_a": "y", "response_b": "x"},
        {"prompt": "q", "response_a": "x", "response_b": "y", "outcome": "b", "weight": 2.0},
        {"prompt": "q", "response_a": "x", "response_b": "y", "media_a": ["sha256:1"]},
    )["row_id"].to_pylist()
    assert one == labelled
    assert len({one, swapped, shown}) == 3


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    assert pairs.canonical_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
    assert pairs.content_hash({"b": 1, "a": 2}) == pairs.content_hash({"a": 2, "b": 1})


def test_a_and_b_as_likely_is_a_tie_and_not_a(pair_table):
    table = pair_table(
        {"p_a": 0.4, "p_b": 0.4, "p_tie": 0.2}, {"p_a": 0.2, "p_b": 0.2, "p_tie": 0.0, "p_both_bad": 0.6},
        {"outcome": "b"}, {"p_a": 0.25, "p_b": 0.25, "p_tie": 0.25, "p_both_bad": 0.25},
    )  # fmt: skip
    assert pairs.winner(table).tolist() == ["tie", "both_bad", "b", "tie"]
    assert pairs.winner(table.slice(0, 0)).tolist() == []


def test_entropy_in_bits():
    assert pairs.entropy(np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4])) == pytest.approx([0, 1, 2], abs=1e-9)


def test_outcomes_from_the_other_side():
    assert [pairs.seen_from(outcome, True) for outcome in pairs.OUTCOMES] == [
        {"a": "b", "b": "a"}.get(outcome, outcome) for outcome in pairs.OUTCOMES
    ]
    assert pairs.seen_from("a", False) == "a"


def test_preference_among_duplicates(pair_table):
    table = pair_table({"votes": "ab", "p_a": 0.6, "p_b": 0.4}, {"votes": "ab"}, {"votes": "aab"}, {})
    assert pairs.preference_order(pa.table(pairs.standing(table))).tolist() == [2, 1, 0, 3]
