"""Reward with doubt against sampling, and why the order of logarithm and expectation matters."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import gaussian
from tests.rewardtrain.modeling.losses import made


def loss_of(delta: float, log_sigma_a: float, log_sigma_b: float, target: tuple[float, float, float]) -> float:
    model = made.objective("gaussian")
    return model.label_losses(made.pairs([[delta, log_sigma_a]], [[0.0, log_sigma_b]], target)).item()


@pytest.mark.parametrize("delta", [-1.5, 0.0, 2.0])
@pytest.mark.parametrize("log_sigma", [-4.0, 0.0, 1.2])
def test_agrees_with_sampling(delta: float, log_sigma: float) -> None:
    noise = torch.randn(2_000_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    spread = math.hypot(math.exp(log_sigma), math.exp(-1.0))
    expected = -math.log((delta + spread * noise).sigmoid().mean().item())
    assert loss_of(delta, log_sigma, -1.0, (1, 0, 0)) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("spread", "tolerance"), [(0.5, 1e-9), (5.0, 1e-8), (10.4, 1e-4)])
def test_the_sum_is_as_exact_as_it_says(spread: float, tolerance: float) -> None:
    z = torch.linspace(-9, 9, 200_001, dtype=torch.float64)
    weight = (-z.square() / 2).softmax(dim=0)
    for delta in (-3.0, 0.4, 6.0):
        exact = (weight * (delta + spread * z).sigmoid()).sum().item()
        found = gaussian.log_wins(made.tensor([delta]), made.tensor([spread])).exp().item()
        assert found == pytest.approx(exact, abs=tolerance)


def test_chances_of_both_sides_add_up_to_one() -> None:
    for delta, spread in ((0.3, 0.1), (-4.0, 2.0), (1.0, 9.0)):
        both = [gaussian.log_wins(made.tensor([x]), made.tensor([spread])).exp().item() for x in (delta, -delta)]
        assert sum(both) == pytest.approx(1, abs=1e-9)


def test_without_doubt_it_is_bradley_and_terry() -> None:
    assert loss_of(1.3, -20.0, -20.0, (1, 0, 0)) == pytest.approx(math.log1p(math.exp(-1.3)), abs=1e-5)


def test_a_wrong_pair_raises_its_doubt_and_a_right_one_lowers_it() -> None:
    for delta, sign in ((-2.0, -1), (2.0, 1)):
        a = made.tensor([[delta, 0.0]]).requires_grad_()
        made.objective("gaussian").label_losses(made.pairs(a, [[0.0, 0.0]])).sum().backward()
        assert math.copysign(1, a.grad[0, 1].item()) == sign


def test_the_average_of_losses_would_never_raise_any_doubt() -> None:
    """HPSv3's -mean log s(z) grows with the deviation even where the pair is wrong."""
    noise = torch.randn(200_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for delta in (-2.0, 0.0, 2.0):
        spread = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        (-torch.nn.functional.logsigmoid(delta + spread * noise).mean()).backward()
        assert spread.grad.item() > 0


def test_recovers_means_and_deviations() -> None:
    """Six responses, two of them disputed; all pairs with the outcome frequencies of the model itself."""
    mu_S, sigma_S = made.tensor([0.0, 0.5, 1.0, 1.5, 2.0, 2.5]), made.tensor([0.3, 3.0, 0.3, 0.3, 3.0, 0.3])
    first, second = torch.combinations(torch.arange(6)).T
    spread = (sigma_S[first].square() + sigma_S[second].square()).sqrt()
    win = gaussian.log_wins(mu_S[first] - mu_S[second], spread).exp()
    target = torch.stack([win, torch.zeros_like(win), 1 - win], dim=1)
    out = torch.zeros(6, 2, dtype=torch.float64, requires_grad=True)
    model = made.objective("gaussian")
    made.minimise([out], lambda: model.label_losses(made.pairs(out[first], out[second], target)).mean(), steps=2000)
    found = model.deviation(out.detach())
    assert (found[[1, 4]] - 3.0).abs().max() < 0.3
    assert found[[0, 2, 3, 5]].max() < 0.6
    mu = out.detach()[:, 0] - out.detach()[:, 0].mean()
    torch.testing.assert_close(mu, mu_S - mu_S.mean(), atol=0.1, rtol=0)
