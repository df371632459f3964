"""Steps put together, and steps made coarser."""

import pytest

from rewardtrain.modeling.aggregate import WAYS, Step, aggregate, merged

REWARDS = [0.9, 0.2, 0.8]


@pytest.mark.parametrize(
    ("way", "expected"), [("min", 0.2), ("product", 0.9 * 0.2 * 0.8), ("mean", 1.9 / 3), ("last", 0.8)]
)
def test_every_way(way: str, expected: float) -> None:
    assert aggregate(REWARDS, way) == pytest.approx(expected)


@pytest.mark.parametrize("way", WAYS)
def test_one_step_is_itself_and_a_better_step_never_hurts(way: str) -> None:
    assert aggregate([0.4], way) == pytest.approx(0.4)
    for place in range(3):
        better = [*REWARDS[:place], 1.0, *REWARDS[place + 1 :]]
        assert aggregate(better, way) >= aggregate(REWARDS, way)


def test_refuses_nothing_and_unknown_ways() -> None:
    with pytest.raises(ValueError, match="without steps"):
        aggregate([], "min")
    with pytest.raises(ValueError, match="min, product, mean, last"):
        aggregate(REWARDS, "sum")


STEPS = [Step("a", 2), Step("b", 0), Step("c", 2), Step("d", None)]


def test_neighbours_are_merged_and_a_mistake_put_right_is_right() -> None:
    assert merged(STEPS) == [Step("a\nb", 0), Step("b\nc", 2)]
    assert merged(STEPS, 3, joint=" ") == [Step("a b c", 2)]


def test_the_worst_step_may_count() -> None:
    assert merged(STEPS, label="worst") == [Step("a\nb", 0), Step("b\nc", 0)]


def test_runs_longer_than_the_text_and_of_one() -> None:
    assert merged(STEPS[:1]) == []
    assert merged(STEPS, 1) == STEPS[:3]
