"""Models on the same rows: differences that are paired, who is right, and what is shown first."""

import numpy as np
import pyarrow as pa
import pytest

from rewardtrain import comparing, rowwise


def table(delta, winner=None, group=None, ids=None, gold=None, deviation=None):
    """Rows as `rewardtrain.evaluation.pairs.rows` gives them: rewards that differ by ``delta``."""
    delta = np.asarray(delta, float)
    n = len(delta)
    winner = np.ones(n) if winner is None else np.asarray(winner)
    return pa.table(
        {
            "row_id": ids or [str(row) for row in range(n)],
            "item": pa.array([None] * n, pa.string()),
            "question": ["q"] * n,
            "dimension": [""] * n,
            "p_a": np.where(winner > 0, 0.8, np.where(winner < 0, 0.1, 0.3)),
            "p_tie": np.where(winner == 0, 0.4, 0.1),
            "p_b": np.where(winner < 0, 0.8, np.where(winner > 0, 0.1, 0.3)),
            "p_both_bad": np.zeros(n),
            "gold": pa.array(gold or [None] * n, pa.string()),
            "group": [str(row) for row in range(n)] if group is None else group,
            "reward_a": delta,
            "reward_b": np.zeros(n),
            "p": 1 / (1 + np.exp(-delta)),
            "deviation": pa.array([None] * n if deviation is None else deviation, pa.float64()),
            "length_a": np.full(n, 8.0),
            "length_b": np.full(n, 4.0),
        }
    )


def test_equal_models_do_not_differ():
    own = table(np.linspace(-1, 2, 40))
    difference = comparing.compare([own, own])["differences"][0][1]
    assert difference == {"value": 0.0, "low": 0.0, "high": 0.0, "told_apart": False}


def test_a_difference_is_paired():
    """Two models that err together are told apart by less than two that err apart."""
    draw = np.random.default_rng(0)
    base = draw.normal(size=400)
    better = np.where(draw.random(400) < 0.1, np.abs(base), base)
    figures = comparing.compare([table(better), table(base)])
    difference = figures["differences"][0][1]
    assert difference["told_apart"]
    assert difference["low"] > 0
    assert figures["differences"][1][0]["value"] == pytest.approx(-difference["value"])
    alone = figures["models"][0]["high"] - figures["models"][0]["low"]
    assert difference["high"] - difference["low"] < alone, "the interval of a paired difference is the narrower"
    assert figures["models"][0]["value"] - figures["models"][1]["value"] == pytest.approx(difference["value"])


def test_whole_groups_are_drawn():
    right = np.repeat([1.0, -1.0, 1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0, -1.0], 20)
    other = np.ones(200)
    groups = [str(row // 20) for row in range(200)]
    width = [
        comparing.compare([table(right, group=group), table(other, group=group)])["differences"][0][1]
        for group in (groups, None)
    ]
    assert width[0]["high"] - width[0]["low"] > 2 * (width[1]["high"] - width[1]["low"])


def test_the_interval_covers_as_often_as_it_says():
    draw = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        base = draw.random(120) < 0.7
        other = np.where(draw.random(120) < 0.2, draw.random(120) < 0.7, base)
        low_high = comparing.compare([table(np.where(base, 1, -1)), table(np.where(other, 1, -1))])["differences"][0][1]
        inside += low_high["low"] <= 0 <= low_high["high"]
    assert 0.9 <= inside / 200 <= 1


def test_too_many_groups_to_draw_have_the_same_interval(monkeypatch):
    draw = np.random.default_rng(2)
    tables = [table(draw.normal(0.3, 1, 500), group=[str(row // 2) for row in range(500)]) for _ in range(2)]
    drawn = comparing.compare(tables)
    monkeypatch.setattr(comparing, "MOST_DRAWN", 10)
    normal = comparing.compare(tables)
    for key in ("low", "high"):
        assert normal["differences"][0][1][key] == pytest.approx(drawn["differences"][0][1][key], abs=0.01)
        assert normal["models"][0][key] == pytest.approx(drawn["models"][0][key], abs=0.01)


def test_only_rows_that_both_saw_count_in_the_order_of_the_first():
    first = table([1, 1, -1], ids=["a", "b", "c"])
    second = table([-1, 1, 1], ids=["d", "c", "b"])
    found = comparing.shared([first, second])
    assert found.table["row_id"].to_pylist() == ["b", "c"]
    assert found.toward_NM.tolist() == [[1, 1], [-1, 1]]
    assert comparing.compare([first, table([1], ids=["z"])])["rows"] == 0


def test_rows_that_are_alike_are_matched_one_by_one():
    found = comparing.shared([table([1, 2, 3], ids=["a", "a", "b"]), table([6, 5], ids=["a", "a"])])
    assert found.toward_NM.tolist() == [[1, 6], [2, 5]]


def test_gold_comes_before_the_consensus_and_ties_are_left_out():
    found = comparing.shared([table([1, 1, 1], winner=[1, -1, 0])])
    assert (found.against, found.winner_N.tolist(), found.left_out) == ("consensus", [1, -1], 1)
    found = comparing.shared([table([1, 1, 1], winner=[1, 1, 1], gold=["b", None, "tie"])])
    assert (found.against, found.winner_N.tolist(), found.left_out) == ("gold", [-1], 2)
    assert comparing.compare([table([1.0], winner=[0])] * 2)["rows"] == 0


def test_who_is_right_where():
    found = comparing.shared([table([1, 1, -1, -1, 0]), table([1, -1, 1, -1, 1])])
    assert comparing.confusion(found, 0, 1) == {"both": 1, "first": 1, "second": 2, "neither": 1}
    assert comparing.confusion(found, 1, 0) == {"both": 1, "first": 2, "second": 1, "neither": 1}
    assert comparing.cases(found, 0, 1, show="second").tolist() == [2, 4]


def test_the_pairs_that_differ_most_come_first():
    found = comparing.shared([table([0.1, 3, -1]), table([0.2, -3, 1])])
    assert comparing.cases(found, 0, 1).tolist() == [1, 2, 0]
    assert comparing.cases(found, 0, 1, sort="first").tolist() == [2, 0, 1]
    assert comparing.cases(found, 0, 1, sort="second").tolist() == [1, 0, 2]


# ---- one model ----


def test_accuracy_rises_as_coverage_falls_where_the_model_knows_what_it_knows():
    delta = np.r_[np.full(50, 3.0), np.tile([0.2, -0.2], 25)]
    found = rowwise.selective(comparing.shared([table(delta)]))
    values = [point["value"] for point in found["points"]]
    assert values[0] == 1
    assert values[-1] == found["random"] == 0.75
    assert found["random"] < found["area"] <= found["best"]
    assert found["points"][-1]["coverage"] == 1


def test_length_beside_people():
    """a is always twice as long; people choose it in half of the pairs, the model always."""
    found = rowwise.lengths(comparing.shared([table(np.ones(40), winner=np.tile([1, -1], 20))]))
    assert [(row["from"], row["to"], row["n"]) for row in found] == [(0.5, 1.0, 40)]
    assert found[0]["model"]["value"] == 1
    assert found[0]["people"]["value"] == 0.5


def test_doubt_is_only_told_of_an_ensemble():
    delta = np.r_[np.full(20, 2.0), np.full(20, -1.0)]
    assert rowwise.doubts(comparing.shared([table(delta)])) is None
    assert rowwise.doubts(comparing.shared([table(delta, deviation=np.zeros(40))])) is None, (
        "members that are one model"
    )
    found = rowwise.doubts(comparing.shared([table(delta, deviation=np.r_[np.full(20, 0.1), np.full(20, 2.0)])]))
    assert len(found) == rowwise.DOUBTS
    assert found[0]["wrong"]["value"] == 0
    assert found[-1]["wrong"]["value"] == 1
    assert found[0]["people"]["value"] == pytest.approx(0.3)
