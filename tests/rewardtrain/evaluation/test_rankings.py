"""Rankings: pairs of a list, the best, Kendall's tau, by hand."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import kendalltau

from rewardtrain.errors import DataError
from rewardtrain.evaluation import rankings
from rewardtrain.labels import rankings as labels


class Given:
    """Rewards that stand in the responses."""

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([float(response.split()[0]) for response in responses])


def table(*rows: tuple) -> pa.Table:
    made = [
        {"prompt": f"p{at}", "responses": list(texts), "ranks": list(ranks)} for at, (texts, ranks) in enumerate(rows)
    ]
    return labels.normalised(pa.Table.from_pylist(made))


def test_by_hand() -> None:
    figures = rankings.evaluate(table((["3", "2", "1"], [1, 2, 3]), (["1", "2", "2", "9"], [1, 2, 2, None])), Given())
    assert figures["n"] == 5  # three pairs, and two that the second list does not tie
    assert figures["accuracy"]["value"] == pytest.approx(3 / 5)
    assert figures["lists"] == 2
    assert figures["best"]["value"] == pytest.approx(0.5)
    expected = [kendalltau([3, 2, 1], [-1, -2, -3]).statistic, kendalltau([1, 2, 2], [-1, -2, -2]).statistic]
    assert figures["tau"]["value"] == pytest.approx(np.mean(expected))


def test_longer_wins_is_beside_it() -> None:
    figures = rankings.evaluate(table((["3 long", "2"], [2, 1])), Given())
    assert figures["baselines"]["longer"]["value"] == 0
    assert figures["baselines"]["longer"]["difference"]["value"] == 0


def test_without_order_there_is_nothing_to_measure() -> None:
    with pytest.raises(DataError, match="two different ranks"):
        rankings.evaluate(table((["1", "2"], [1, 1])), Given())
