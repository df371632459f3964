"""The head's fit: the optimum that the formula asks for, whatever the scale of the vectors."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch.nn.functional import logsigmoid

from rewardtrain import probe
from rewardtrain.modeling import heads

TRUTH_D = np.array([1.0, -2.0, 0.0, 0.5])


@pytest.fixture(scope="module")
def data() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """vector_SD, first_P, second_P and how likely the first wins, from a linear reward."""
    rng = np.random.default_rng(0)
    vector_SD = rng.normal(size=(60, 4))
    first_P, second_P = rng.integers(0, 60, (2, 600))
    reward_S = vector_SD @ TRUTH_D
    won_P = rng.random(600) < 1 / (1 + np.exp(reward_S[second_P] - reward_S[first_P]))
    return (*(torch.from_numpy(values) for values in (vector_SD, first_P, second_P)), torch.from_numpy(won_P * 1.0))


def fitted(
    data: tuple[torch.Tensor, ...], ridge: float, *, scale: float = 1.0, head: str = "linear"
) -> torch.nn.Module:
    vector_SD, first_P, second_P, won_P = data
    torch.manual_seed(0)
    module = heads.get(head).build(4).double()

    def loss_of(out_SK: torch.Tensor) -> torch.Tensor:
        delta_P = out_SK[first_P, 0] - out_SK[second_P, 0]
        return -(won_P * logsigmoid(delta_P) + (1 - won_P) * logsigmoid(-delta_P)).mean()

    loss = probe.fit(module, vector_SD * scale, loss_of, ridge=ridge)
    with torch.no_grad():
        assert loss == pytest.approx(loss_of(module(vector_SD * scale)).item())
    return module


def weight_D(module: torch.nn.Module) -> np.ndarray:
    return next(module.parameters()).detach().numpy().ravel()


@pytest.mark.parametrize("ridge", [1e-3, 0.1])
def test_finds_the_optimum_of_the_penalised_loss(data: tuple[torch.Tensor, ...], ridge: float) -> None:
    vector_SD, first_P, second_P, won_P = (values.numpy() for values in data)
    difference_PD = vector_SD[first_P] - vector_SD[second_P]

    def objective(w_D: np.ndarray) -> float:
        delta_P = difference_PD @ w_D
        loss = np.mean(np.logaddexp(0, -delta_P) * won_P + np.logaddexp(0, delta_P) * (1 - won_P))
        return loss + ridge / 2 * vector_SD.var(axis=0).sum() * (w_D @ w_D)

    expected_D = minimize(objective, np.zeros(4), tol=1e-12).x
    np.testing.assert_allclose(weight_D(fitted(data, ridge)), expected_D, atol=1e-4)


def test_recovers_the_reward_that_made_the_votes(data: tuple[torch.Tensor, ...]) -> None:
    np.testing.assert_allclose(weight_D(fitted(data, 0.0)), TRUTH_D, atol=0.4)


def test_the_penalty_does_not_depend_on_the_scale_of_the_vectors(data: tuple[torch.Tensor, ...]) -> None:
    np.testing.assert_allclose(weight_D(fitted(data, 0.1, scale=50.0)) * 50, weight_D(fitted(data, 0.1)), rtol=1e-3)


def test_fits_a_head_of_two_layers(data: tuple[torch.Tensor, ...]) -> None:
    vector_SD, first_P, second_P, won_P = data
    with torch.no_grad():
        reward_S = fitted(data, 1e-4, head="mlp")(vector_SD)[:, 0]
    assert ((reward_S[first_P] > reward_S[second_P]) == (won_P > 0.5)).double().mean() > 0.75
