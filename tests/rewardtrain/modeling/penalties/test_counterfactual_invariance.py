"""The discrepancy between bins, spelt out, and what it does to rewards that follow length."""

import math

import pytest
import torch

from rewardtrain import settings
from rewardtrain.modeling.penalties import counterfactual_invariance as invariance
from tests.rewardtrain.modeling.losses import made


def own(**chosen: object) -> dict:
    return settings.complete(invariance.SETTINGS, chosen, "counterfactual_invariance")


def test_mmd_agrees_with_its_definition() -> None:
    x, y, width = [0.3, -1.0, 2.0], [0.5, 0.1], 0.8

    def k(u: float, v: float) -> float:
        return math.exp(-(((u - v) / width) ** 2) / 2)

    within_x = sum(k(u, v) for i, u in enumerate(x) for j, v in enumerate(x) if i != j) / 6
    within_y = sum(k(u, v) for i, u in enumerate(y) for j, v in enumerate(y) if i != j) / 2
    across = sum(k(u, v) for u in x for v in y) / 6
    found = invariance.mmd(made.tensor(x), made.tensor(y), width).item()
    assert found == pytest.approx(within_x + within_y - 2 * across)


def test_mmd_is_unbiased() -> None:
    """Of samples of one distribution it is 0 on average."""
    generator = torch.Generator().manual_seed(0)
    found = [
        invariance.mmd(*torch.randn(2, 8, dtype=torch.float64, generator=generator), 1.0).item() for _ in range(3000)
    ]
    mean = sum(found) / len(found)
    assert abs(mean) < 0.004
    assert min(found) < 0


def test_bins_are_of_equal_size_and_equal_values_share_one() -> None:
    assert invariance.binned(torch.tensor([40, 10, 30, 20]), 2).tolist() == [1, 0, 1, 0]
    assert invariance.binned(torch.tensor([5, 5, 5, 9]), 2).unique().numel() == 2


def lengths(count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(torch.rand(2, count, dtype=torch.float64, generator=generator))


def test_is_high_where_rewards_follow_length_and_near_zero_where_not() -> None:
    generator = torch.Generator().manual_seed(0)
    length_a, length_b = lengths(400, generator)
    a, b = torch.randn(2, 400, dtype=torch.float64, generator=generator)
    for conditional in (True, False):
        batch = made.pairs(a, b, length_a=length_a, length_b=length_b)
        free = invariance.penalty(batch, own(conditional=conditional), a, b)[0]
        bound = invariance.penalty(batch, own(conditional=conditional), a + 4 * length_a, b + 4 * length_b)[0]
        assert free < 0.02
        assert bound > 0.2


def test_position_compares_sides() -> None:
    a = torch.randn(200, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    batch = made.pairs(a, a, (0.5, 0, 0.5))
    chosen = own(factor="position", conditional=False)
    assert invariance.penalty(batch, chosen, a, a + 3)[0] > 0.3
    assert invariance.penalty(batch, chosen, a, a.flip(0))[0] == 0


def test_given_the_label_quality_that_goes_with_length_is_allowed() -> None:
    """Winners are long and get 2, losers are short and get 0: nothing to say once the label is known."""
    generator = torch.Generator().manual_seed(0)
    noise_a, noise_b = 0.1 * torch.randn(2, 200, dtype=torch.float64, generator=generator)
    length_a, length_b = lengths(200, generator)
    batch = made.pairs(noise_a, noise_b, length_a=10 + length_a, length_b=length_b)
    assert invariance.penalty(batch, own(bins=2, conditional=False), 2 + noise_a, noise_b)[0] > 0.5
    assert invariance.penalty(batch, own(bins=2), 2 + noise_a, noise_b)[0] < 0.05


def test_takes_length_out_of_a_reward() -> None:
    """Labels follow quality plus length; the map learned with the penalty follows length much less."""
    generator = torch.Generator().manual_seed(0)
    quality = torch.randn(2, 250, dtype=torch.float64, generator=generator)
    length = torch.randn(2, 250, dtype=torch.float64, generator=generator)
    won = torch.bernoulli((quality[0] - quality[1] + length[0] - length[1]).sigmoid(), generator=generator)
    target = torch.stack([won, torch.zeros_like(won), 1 - won], dim=1)
    found = {}
    for weight in (0.0, 20.0):
        map_D = made.tensor([0.1, 0.1]).requires_grad_()
        optimizer = torch.optim.Adam([map_D], lr=0.1)
        for _ in range(60):
            a, b = (quality[side] * map_D[0] + length[side] * map_D[1] for side in (0, 1))
            batch = made.pairs(a, b, target, length_a=length[0], length_b=length[1])
            loss = made.objective("bradley_terry").label_losses(batch).mean()
            loss = loss + invariance.penalty(batch, own(weight=weight, conditional=False), a, b).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found[weight] = (map_D[1] / map_D[0]).item()
    assert found[0.0] == pytest.approx(1, abs=0.4)
    assert abs(found[20.0]) < 0.35
