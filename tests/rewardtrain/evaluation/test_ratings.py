"""Ratings: order within a prompt, and rank correlation by dimension, by hand."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from rewardtrain.errors import DataError
from rewardtrain.evaluation import ratings
from rewardtrain.labels import ratings as labels
from rewardtrain.scoring import Scores

REWARDS = {"w": 1.0, "x": 2.0, "y": 3.0, "z": 0.0}


class Given:
    """Rewards by name."""

    def score(self, prompts: list[str], responses: list[str]) -> np.ndarray:
        return np.array([REWARDS[response[0]] for response in responses])


class Aspects(Given):
    """The same, and an opinion of one dimension that is its opposite."""

    def scores(self, prompts: list[str], responses: list[str]) -> Scores:
        reward_N = self.score(prompts, responses)
        return Scores(reward_N, None, reward_N[None], ("short",), -reward_N[:, None])


def table(*rows: dict) -> pa.Table:
    return labels.normalised(pa.Table.from_pylist(list(rows)))


ROWS = table(
    {"prompt": "p", "response": "w", "good": 1.0, "short": None},
    {"prompt": "p", "response": "xx", "good": 3.0, "short": 4.0},
    {"prompt": "q", "response": "y", "good": 2.0, "short": 1.0},
    {"prompt": "q", "response": "z", "good": 5.0, "short": 5.0},
)


def test_by_hand() -> None:
    figures = ratings.evaluate(ROWS, Given())
    assert (figures["n"], figures["pairs"]) == (4, 2)
    assert figures["accuracy"]["value"] == 0.5  # x above w is right, y above z is wrong
    assert figures["baselines"]["longer"]["value"] == 0.75
    good, short = figures["dimensions"]
    assert (good["name"], good["n"], good["aspect"]) == ("good", 4, False)
    assert good["spearman"]["value"] == pytest.approx(spearmanr([1, 2, 3, 0], [1, 3, 2, 5]).statistic)
    assert short["spearman"]["value"] == pytest.approx(spearmanr([2, 3, 0], [4, 1, 5]).statistic)


def test_a_dimension_is_held_against_the_models_own_reward_for_it() -> None:
    _, short = ratings.evaluate(ROWS, Aspects())["dimensions"]
    assert short["aspect"]
    assert short["spearman"]["value"] == pytest.approx(spearmanr([-2, -3, 0], [4, 1, 5]).statistic)


def test_what_nobody_tells_apart_gives_no_order() -> None:
    with pytest.raises(DataError, match="rated differently"):
        ratings.evaluate(table({"prompt": "p", "response": "w", "good": 1.0}), Given())
