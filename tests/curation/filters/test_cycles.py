"""Circles of preferences: found, counted, and broken at their weakest pair."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.filters import Context, cycles
from tests.curation.conftest import make_row


def beats(winner, loser, p=1.0, prompt="which", **more):
    """``winner`` beats ``loser``, the sides in the order of the alphabet."""
    a, b = sorted((winner, loser))
    p_a = p if winner == a else 1 - p
    return {"prompt": prompt, "response_a": a, "response_b": b, "p_a": p_a, "p_b": 1 - p_a, **more}


def decide(table, which="weakest"):
    return cycles.decide(table, {"which": which, "action": "drop"}, Context())


def test_the_weakest_pair_of_a_circle_is_doubted(pair_table):
    table = pair_table(beats("x", "y", 0.9), beats("y", "z", 0.8), beats("z", "x", 0.7), beats("x", "w", 0.6))
    found = decide(table)
    assert found.reason_N.tolist() == ["", "", "closes_a_cycle", ""]
    assert found.score_N.tolist() == [3, 3, 3, 1]
    assert found.notes == {"decided_pairs": 4, "in_a_cycle": 3, "rate": 0.75}
    assert decide(table, "all").action_N.tolist() == ["drop", "drop", "drop", "keep"]


def test_another_prompt_or_dimension_is_another_graph(pair_table):
    table = pair_table(
        beats("x", "y"), beats("y", "z"), beats("z", "x", prompt="other"), beats("z", "x", dimension="d")
    )
    assert decide(table).action_N.tolist() == ["keep"] * 4


def test_of_equally_sure_pairs_the_one_against_the_others_goes(pair_table):
    ranking = ["a", "b", "c", "d", "e"]
    rows = [beats(x, y) for n, x in enumerate(ranking) for y in ranking[n + 1 :] if (x, y) != ("a", "e")]
    found = decide(pair_table(*rows, beats("e", "a")))
    assert found.action_N.tolist() == ["keep"] * len(rows) + ["drop"]


def test_the_same_pair_both_ways_is_a_circle_and_ties_are_none(pair_table):
    table = pair_table(
        beats("x", "y", 0.9), beats("y", "x", 0.6), {"outcome": "tie"}, {"response_a": "s", "response_b": "s"}
    )
    found = decide(table)
    assert found.action_N.tolist() == ["keep", "drop", "keep", "keep"]
    assert np.isnan(found.score_N[2])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(51, 100)), max_size=25))
def test_without_the_doubted_pairs_no_circle_is_left_and_none_is_doubted_in_vain(edges):
    import pyarrow as pa

    from curation import pairs

    edges = [(w, v, p) for w, v, p in edges if w != v]
    rows = [make_row(n, **beats(f"r{w}", f"r{v}", p / 100)) for n, (w, v, p) in enumerate(edges)]
    table = pa.Table.from_pylist(rows, schema=pairs.SCHEMA)
    found = decide(table)
    left = table.filter(pa.array(found.action_N == "keep"))
    assert decide(left).notes["in_a_cycle"] == 0
    for place in np.flatnonzero(found.action_N == "drop").tolist():
        again = pa.concat_tables([left, table.slice(place, 1)])
        assert decide(again).notes["in_a_cycle"] > 0
