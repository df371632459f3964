"""Temperature scaling finds what labels were drawn with."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
import torch

from curation import pairs
from rewardtrain import calibration
from rewardtrain.modeling.losses import logistic


def drawn(temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Differences, and outcomes drawn with the probabilities that they have at a temperature."""
    rng = np.random.default_rng(0)
    delta_P = rng.normal(0, 3, 40_000)
    won_P = rng.random(len(delta_P)) < 1 / (1 + np.exp(-delta_P / temperature))
    target_P3 = np.column_stack([won_P, np.zeros(len(won_P)), ~won_P]).astype(float)
    return torch.from_numpy(delta_P), torch.from_numpy(target_P3)


@pytest.mark.parametrize("truth", [0.3, 1.0, 4.0])
def test_recovers_the_temperature(truth: float) -> None:
    delta_P, target_P3 = drawn(truth)
    found = calibration.temperature(delta_P, target_P3, torch.ones(len(delta_P)), logistic)
    assert found == pytest.approx(truth, rel=0.05)


def test_weights_count() -> None:
    delta_P, target_P3 = drawn(1.0)
    weight_P = torch.zeros(len(delta_P))
    right_P = delta_P.sign() == target_P3[:, 0] - target_P3[:, 2]
    weight_P[right_P] = 1.0
    assert calibration.temperature(delta_P, target_P3, weight_P, logistic) == pytest.approx(calibration.LEAST, rel=0.01)


def test_a_model_that_orders_by_chance_is_not_believed() -> None:
    delta_P, target_P3 = drawn(1.0)
    shuffled = target_P3[torch.randperm(len(delta_P), generator=torch.Generator().manual_seed(0))]
    assert calibration.temperature(delta_P, shuffled, torch.ones(len(delta_P)), logistic) > 10


def test_ties_say_half_to_a_model_without_ties() -> None:
    delta_P, target_P3 = torch.tensor([2.0]), torch.tensor([[0.0, 1.0, 0.0]])
    assert calibration.temperature(delta_P, target_P3, torch.ones(1), logistic) == pytest.approx(50, rel=0.01)


def test_nothing_to_learn_from_changes_nothing() -> None:
    assert calibration.temperature(torch.zeros(3), torch.ones(3, 3) / 3, torch.ones(3), logistic) == 1.0


def test_rows_without_a_label_are_left_out_of_a_table(make_table: Callable[..., pa.Table]) -> None:
    rows = make_table(6, 4).to_pylist()
    for row in rows[:5]:
        row["p_a"] = float("nan")
    table = pa.Table.from_pylist(rows, schema=pairs.SCHEMA)
    delta_N = np.array([3.0 if row["gold"] == "a" else -3.0 for row in rows])
    delta_N[5] = np.nan
    assert 0.02 < calibration.of_table(table, delta_N, logistic) < 10
