"""Distance between rewards: what must not count does not, and the figures by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardtrain.errors import DataError
from rewardtrain.evaluation import distance
from tests.rewardtrain.evaluation.known import Known, file


def row(prompt: str, response: str, reward: object) -> dict:
    return {"prompt": prompt, "response": response, "reward": reward}


ROWS = [row("p", "a", 1.0), row("p", "b", 0.0), row("p", "c", -1.0), row("q", "a", 5.0), row("q", "b", 3.0)]
OTHER = {(one["prompt"], one["response"]): one["reward"] for one in ROWS}


def measure(tmp_path: Path, reward: object, rows: list[dict] = ROWS) -> dict:
    return distance.evaluate(distance.read(file(tmp_path, *rows), ""), Known(reward))


@given(st.floats(0.01, 100), st.floats(-100, 100), st.floats(-100, 100))
def test_a_positive_factor_and_a_function_of_the_prompt_count_nothing(scale: float, p: float, q: float) -> None:
    prompt_N = np.array([one["prompt"] for one in ROWS])
    other_N = np.array([one["reward"] for one in ROWS])
    found = distance._distances(scale * other_N + np.where(prompt_N == "p", p, q), other_N, prompt_N, 0)
    assert found["epic"]["value"] == pytest.approx(0, abs=1e-6)
    assert found["starc"]["value"] == pytest.approx(0, abs=1e-6)


def test_the_same_reward_with_prompt_offsets_is_near_and_raw_is_not(tmp_path: Path) -> None:
    result = measure(tmp_path, lambda prompt, response: 2 * OTHER[prompt, response] - 40 * (prompt == "q"))
    assert result["epic"]["value"] == pytest.approx(0, abs=1e-6)
    assert result["accuracy"]["value"] == 1.0
    assert result["raw"]["value"] > 1


def test_the_opposite_is_at_distance_one(tmp_path: Path) -> None:
    result = measure(tmp_path, lambda prompt, response: -OTHER[prompt, response])
    assert result["epic"]["value"] == result["starc"]["value"] == 1.0
    assert result["accuracy"]["value"] == 0.0


def test_by_hand(tmp_path: Path) -> None:
    """Canonical: other (1, 0, -1, 1, -1), model (1, -1, 0, 1/2, -1/2): ab = 2, aa = 2.5, bb = 4."""
    values = {("p", "a"): 1.0, ("p", "b"): -1.0, ("p", "c"): 0.0, ("q", "a"): 1.0, ("q", "b"): 0.0}
    result = measure(tmp_path, lambda *pair: values[pair])
    rho = 2 / math.sqrt(2.5 * 4)
    assert result["epic"]["value"] == pytest.approx(math.sqrt((1 - rho) / 2))
    assert result["starc"]["value"] == pytest.approx(result["epic"]["value"])
    assert result["accuracy"]["value"] == pytest.approx(3 / 4)  # b and c of p are swapped


def test_a_reward_of_the_prompt_alone_has_no_distance(tmp_path: Path) -> None:
    result = measure(tmp_path, lambda prompt, response: 0.1 * (prompt == "q"))
    assert result["epic"]["value"] is None
    assert result["accuracy"]["value"] == 0.5


def test_a_prompt_with_one_response_is_left_out_and_counted(tmp_path: Path) -> None:
    result = measure(tmp_path, lambda prompt, response: float(ord(response)), [*ROWS, row("r", "a", 1.0)])
    assert (result["responses"], result["left_out"]) == (5, 1)
    with pytest.raises(DataError, match="no distance"):
        measure(tmp_path, lambda prompt, response: 0.0, [row("p", "a", 1.0), row("q", "a", 2.0)])


@pytest.mark.parametrize("reward", [None, "high"])
def test_a_row_without_a_number_is_named(tmp_path: Path, reward: object) -> None:
    with pytest.raises(DataError, match=r"Row 1 of .* has no finite number in reward"):
        distance.read(file(tmp_path, row("p", "a", reward)), "")
