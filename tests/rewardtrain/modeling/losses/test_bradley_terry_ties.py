"""Rao and Kupper's model against its formula in float64."""

import math

import pytest
import torch

from rewardtrain import settings
from rewardtrain.errors import RecipeError
from rewardtrain.modeling.losses import bradley_terry, bradley_terry_ties
from tests.rewardtrain.modeling.losses.made import pairs


def own(**chosen: float) -> dict:
    return settings.complete(bradley_terry_ties.SETTINGS, chosen, "bradley_terry_ties")


def loss_of(delta: float, target: tuple[float, float, float], margin: float = 0.0, **chosen: float) -> float:
    return bradley_terry_ties.label_losses(pairs([delta], [0], target, margin), own(**chosen)).item()


def by_strengths(delta: float, k: float) -> tuple[float, float, float]:
    """Rao and Kupper as they wrote it, with strengths pi."""
    pi_a, pi_b = math.exp(delta), 1.0
    a, b = pi_a / (pi_a + k * pi_b), pi_b / (k * pi_a + pi_b)
    return a, (k * k - 1) * pi_a * pi_b / ((pi_a + k * pi_b) * (k * pi_a + pi_b)), b


@pytest.mark.parametrize("k", [1.5, 5.0])
@pytest.mark.parametrize("delta", [-2.0, 0.0, 1.3])
def test_agrees_with_the_paper(delta: float, k: float) -> None:
    expected = by_strengths(delta, k)
    assert sum(expected) == pytest.approx(1)
    found = bradley_terry_ties.probabilities(torch.tensor([delta], dtype=torch.float64), own(k=k))[0].tolist()
    assert found == pytest.approx(expected, abs=1e-12)
    for outcome in range(3):
        target = tuple(float(i == outcome) for i in range(3))
        assert loss_of(delta, target, k=k) == pytest.approx(-math.log(expected[outcome]), abs=1e-12)


def test_soft_label_is_a_cross_entropy() -> None:
    a, tie, b = by_strengths(0.8, 5.0)
    expected = -0.5 * math.log(a) - 0.3 * math.log(tie) - 0.2 * math.log(b)
    assert loss_of(0.8, (0.5, 0.3, 0.2)) == pytest.approx(expected, abs=1e-12)


def test_label_smoothing_swaps_wins_and_leaves_ties() -> None:
    assert loss_of(0.8, (0.5, 0.3, 0.2), label_smoothing=0.1) == pytest.approx(loss_of(0.8, (0.47, 0.3, 0.23)))


def test_margin_shifts_the_difference() -> None:
    assert loss_of(1.0, (1, 0, 0), margin=0.4) == pytest.approx(loss_of(0.6, (1, 0, 0)))


def test_a_tie_pulls_the_rewards_together() -> None:
    delta = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    batch = pairs(delta, [0], (0, 1, 0))
    bradley_terry_ties.label_losses(batch, own()).sum().backward()
    assert delta.grad.item() > 0


def test_tends_to_bradley_terry_where_nobody_calls_ties() -> None:
    delta = torch.linspace(-3, 3, 7, dtype=torch.float64)
    plain = bradley_terry.probabilities(delta, {})
    torch.testing.assert_close(bradley_terry_ties.probabilities(delta, own(k=1 + 1e-9)), plain, atol=1e-8, rtol=0)


def test_k_must_be_above_one() -> None:
    with pytest.raises(RecipeError, match="k must be above 1"):
        own(k=1.0)
