"""Signal and noise: figures over three members by hand."""

import pyarrow as pa
import pytest

from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import _common, noise
from tests.rewardtrain.evaluation.known import Known, Several


def table(winners: str) -> pa.Table:
    return _common.example_pairs(
        *((f"p{i}", "x", "yy", float(side == "a"), 0.0, f"g{i}") for i, side in enumerate(winners))
    )


def test_spread_signal_and_ratio_by_hand() -> None:
    """Of aaab the first two members win 3/4, the third, which prefers b, 1/4; longer wins 1/4, majority 3/4."""
    model = Several({"x": 1.0}, {"x": 2.0}, {"yy": 1.0})
    result = noise.evaluate(table("aaab"), model)
    assert [one["value"] for one in result["members"]] == [0.75, 0.75, 0.25]
    assert result["accuracy"]["value"] == pytest.approx(7 / 12)
    deviation = (((0.75 - 7 / 12) ** 2 * 2 + (0.25 - 7 / 12) ** 2) / 2) ** 0.5
    assert result["noise"]["value"] == pytest.approx(deviation)
    assert result["range"]["value"] == 0.5
    assert result["signal"] == {"longer": pytest.approx(1 / 3), "majority": pytest.approx(1 / 6)}
    assert result["ratio"]["longer"] == pytest.approx(1 / 3 / deviation)
    assert result["agreement"] == pytest.approx(1 / 3)


def test_members_are_told_apart_where_rows_are_many() -> None:
    result = noise.evaluate(table("a" * 40 + "b" * 2), Several({"x": 1.0}, {"yy": 1.0}, {"x": 3.0}))
    assert result["told_apart"] == {"pairs": 3, "share": pytest.approx(2 / 3)}


def test_members_that_agree_make_no_ratio() -> None:
    result = noise.evaluate(table("aab"), Several({"x": 1.0}, {"x": 2.0}))
    assert result["noise"]["value"] == 0
    assert result["ratio"] == {"longer": None, "majority": None}


def test_majority_is_learned_from_the_train_split() -> None:
    found = noise.evaluate(table("aab"), Several({"x": 1.0}, {"x": 2.0}), train=table("bbb"))["baselines"]["majority"]
    assert (found["side"], found["value"]) == ("b", pytest.approx(1 / 3))


def test_one_model_alone_and_no_winner_are_refused() -> None:
    with pytest.raises(RewardModelError, match="several seeds"):
        noise.evaluate(table("aab"), Known())
    with pytest.raises(RewardModelError, match="several seeds"):
        noise.evaluate(table("aab"), Several({"x": 1.0}))
    ties = _common.example_pairs(("p", "x", "yy", 0.1, 0.8, ""))
    with pytest.raises(DataError, match="No row has a winner"):
        noise.evaluate(ties, Several({"x": 1.0}, {"x": 2.0}))
