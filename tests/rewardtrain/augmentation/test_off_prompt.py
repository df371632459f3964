"""Foreign responses lose and tie, as many as the paper says."""

from collections.abc import Callable

import pyarrow as pa

from curation import pairs
from rewardtrain.augmentation import off_prompt


def rows(count: int) -> pa.Table:
    made = [
        {
            "row_id": str(at), "prompt": pairs.canonical_json([{"role": "user", "content": f"p{at}"}]),
            "response_a": f"good {at}", "response_b": f"bad {at}", "p_a": 1.0, "p_tie": 0.0, "p_b": 0.0,
            "p_both_bad": 0.0, "weight": 0.5, "margin": 1.0, "group": "g",
        }
        for at in range(count)
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=pairs.SCHEMA)


def test_eight_wins_and_six_ties_to_each_row() -> None:
    table = rows(60)
    added = off_prompt.augmented(table, {"share": 1.0, "ties": True}, seed=0).to_pylist()[60:]
    ties = [row for row in added if row["p_tie"] == 1]
    wins = [row for row in added if row["p_tie"] == 0]
    # a shuffle may leave a row where it is, or give both partners the same row: then there are fewer
    assert 0.9 < len(wins) / (8 * 60) <= 1
    assert 0.9 < len(ties) / (6 * 60) <= 1
    for row in wins:
        own = row["prompt"].split('"p')[1].split('"')[0]
        winner, loser = ("response_a", "response_b") if row["p_a"] else ("response_b", "response_a")
        assert row[winner].split()[1] == own
        assert row[loser].split()[1] != own
    for row in ties:
        own = row["prompt"].split('"p')[1].split('"')[0]
        assert own not in (row["response_a"].split()[1], row["response_b"].split()[1])


def test_sides_say_nothing_and_weights_stay() -> None:
    added = off_prompt.augmented(rows(40), {"share": 1.0, "ties": False}, seed=0).to_pylist()[40:]
    assert 0.4 < sum(row["p_a"] for row in added) / len(added) < 0.6
    assert {row["weight"] for row in added} == {0.5}
    assert {row["margin"] for row in added} == {0.0}


def test_rows_without_a_winner_teach_nothing_more(make_table: Callable[..., pa.Table]) -> None:
    made = [{**row, "p_a": 0.5, "p_b": 0.5} for row in make_table(4, 3).to_pylist()]
    table = pa.Table.from_pylist(made, schema=pairs.SCHEMA)
    assert len(off_prompt.augmented(table, {"share": 1.0, "ties": True}, seed=0)) == len(table)
