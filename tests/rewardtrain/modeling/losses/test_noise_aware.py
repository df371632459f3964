"""Corrections for flipped labels against the clean loss that they stand for."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import noise_aware
from tests.rewardtrain.modeling.losses import made

RATES = {"rho01": 0.3, "rho10": 0.1}


def loss_of(delta: float, target: tuple[float, float, float], **chosen: object) -> float:
    return made.objective("noise_aware", **chosen).label_losses(made.pairs([delta], [0], target)).item()


def clean(delta: float) -> tuple[float, float]:
    """Losses where a is better, where b is."""
    return math.log1p(math.exp(-delta)), math.log1p(math.exp(delta))


@pytest.mark.parametrize("delta", [-1.2, 0.0, 2.0])
def test_the_unbiased_loss_agrees_with_the_paper(delta: float) -> None:
    loss_1, loss_0 = clean(delta)
    assert loss_of(delta, (1, 0, 0), **RATES) == pytest.approx((0.9 * loss_1 - 0.3 * loss_0) / 0.6)
    assert loss_of(delta, (0, 0, 1), **RATES) == pytest.approx((0.7 * loss_0 - 0.1 * loss_1) / 0.6)


@pytest.mark.parametrize("delta", [-1.2, 0.0, 2.0])
def test_its_expectation_is_the_clean_loss(delta: float) -> None:
    said_a, said_b = (loss_of(delta, target, **RATES) for target in ((1, 0, 0), (0, 0, 1)))
    assert 0.7 * said_a + 0.3 * said_b == pytest.approx(clean(delta)[0])
    assert 0.1 * said_a + 0.9 * said_b == pytest.approx(clean(delta)[1])


@pytest.mark.parametrize("delta", [-1.2, 0.0, 2.0])
def test_the_forward_loss_is_the_likelihood_of_what_was_said(delta: float) -> None:
    p = 1 / (1 + math.exp(-delta))
    seen = 0.7 * p + 0.1 * (1 - p)
    assert loss_of(delta, (1, 0, 0), method="forward", **RATES) == pytest.approx(-math.log(seen))
    assert loss_of(delta, (0, 0, 1), method="forward", **RATES) == pytest.approx(-math.log(1 - seen))


@pytest.mark.parametrize("method", ["unbiased", "forward"])
def test_without_flips_it_is_bradley_and_terry(method: str) -> None:
    none = {"rho01": 0.0, "rho10": 0.0, "method": method}
    assert loss_of(0.7, (1, 0, 0), **none) == pytest.approx(clean(0.7)[0])
    assert loss_of(0.7, (0.2, 0.5, 0.3), **none) == pytest.approx(0.45 * clean(0.7)[0] + 0.55 * clean(0.7)[1])


@pytest.mark.parametrize("method", ["unbiased", "forward"])
def test_swapping_sides_and_rates_changes_nothing(method: str) -> None:
    one = loss_of(0.7, (0.6, 0.3, 0.1), method=method, rho01=0.3, rho10=0.1)
    assert loss_of(-0.7, (0.1, 0.3, 0.6), method=method, rho01=0.1, rho10=0.3) == pytest.approx(one)


@pytest.mark.parametrize("method", ["unbiased", "forward"])
def test_recovers_the_rewards_behind_flipped_labels(method: str) -> None:
    """Where plain Bradley-Terry is far off."""
    generator = torch.Generator().manual_seed(0)
    vector_PD = torch.randn(20_000, 2, dtype=torch.float64, generator=generator)
    truth_D = made.tensor([1.5, -1.0])
    true_a = torch.bernoulli((vector_PD @ truth_D).sigmoid(), generator=generator)
    said_a = torch.bernoulli(true_a * 0.7 + (1 - true_a) * 0.1, generator=generator)
    target = torch.stack([said_a, torch.zeros_like(said_a), 1 - said_a], dim=1)
    found = {}
    for name, chosen in (("noise_aware", {"method": method, **RATES}), ("bradley_terry", {})):
        model, weight_D = made.objective(name, **chosen), torch.zeros(2, dtype=torch.float64, requires_grad=True)

        def loss(model: torch.nn.Module = model, weight_D: torch.Tensor = weight_D) -> torch.Tensor:
            return model.label_losses(made.pairs(vector_PD @ weight_D, torch.zeros(20_000), target)).mean()

        made.minimise([weight_D], loss)
        found[name] = weight_D.detach()
    torch.testing.assert_close(found["noise_aware"], truth_D, atol=0.12, rtol=0)
    assert (found["bradley_terry"] - truth_D).abs().max() > 0.5


def test_anchors_give_the_rates() -> None:
    generator = torch.Generator().manual_seed(0)
    delta_P = 4 * torch.randn(50_000, dtype=torch.float64, generator=generator)
    true_a = torch.bernoulli(delta_P.sigmoid(), generator=generator)
    said_a = torch.bernoulli(true_a * 0.7 + (1 - true_a) * 0.1, generator=generator)
    rho01, rho10 = noise_aware.flip_rates(delta_P / 3, said_a)
    assert rho01 == pytest.approx(0.3, abs=0.03)
    assert rho10 == pytest.approx(0.1, abs=0.03)


def test_inverse_propensity_is_clipped() -> None:
    assert noise_aware.inverse_propensity(0.5) == 2
    assert noise_aware.inverse_propensity(0.001) == pytest.approx(10)
    assert noise_aware.inverse_propensity(0.001, clip=0.01) == pytest.approx(100)


def test_inverse_propensity_undoes_who_answers() -> None:
    """People answer clear pairs more often; the weighted mean is that of all pairs."""
    generator = torch.Generator().manual_seed(0)
    loss_P = torch.rand(100_000, generator=generator)
    chance_P = 0.9 - 0.7 * loss_P
    answered = torch.rand(100_000, generator=generator) < chance_P
    weight = made.tensor([noise_aware.inverse_propensity(p) for p in chance_P[answered].tolist()])
    weighted = (weight * loss_P[answered]).sum() / weight.sum()
    assert weighted.item() == pytest.approx(loss_P.mean().item(), abs=0.01)
    assert loss_P[answered].mean().item() < 0.45
