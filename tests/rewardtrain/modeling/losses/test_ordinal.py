"""Cumulative links against their definition."""

import itertools
import math

import pytest
import torch

from rewardtrain.errors import RecipeError
from rewardtrain.modeling.losses import Facts, ordinal
from tests.rewardtrain.modeling.losses import made

NAN = float("nan")
FOUR = Facts(levels=4)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def spelt_out(x: float, cuts: list[float]) -> list[float]:
    below = [0.0, *(sigmoid(cut - x) for cut in cuts), 1.0]
    return [high - low for low, high in itertools.pairwise(below)]


def model_with(cuts: list[float]) -> object:
    model = made.objective("ordinal", FOUR)
    model.learned.first_A.data = made.tensor([cuts[0]])
    model.learned.log_gap_AG.data = made.tensor([[math.log(b - a) for a, b in itertools.pairwise(cuts)]])
    return model


@pytest.mark.parametrize("x", [-2.0, 0.0, 1.7])
def test_agrees_with_differences_of_logistics(x: float) -> None:
    cuts = [-1.0, 0.2, 2.5]
    model = model_with(cuts)
    expected = spelt_out(x, cuts)
    assert sum(expected) == pytest.approx(1)
    found = model.label_losses(made.ratings([x] * 4, [0, 1, 2, 3])).tolist()
    assert found == pytest.approx([-math.log(p) for p in expected], abs=1e-12)
    mean = sum(level * p for level, p in enumerate(expected))
    variance = sum((level - mean) ** 2 * p for level, p in enumerate(expected))
    assert model.reward(made.tensor([[x]])).item() == pytest.approx(mean)
    assert model.deviation(made.tensor([[x]])).item() == pytest.approx(math.sqrt(variance))


def test_each_dimension_has_its_own_cut_points() -> None:
    model = made.objective("ordinal", Facts(("clarity", "truth"), levels=3))
    assert model.outputs == 2
    model.learned.first_A.data = made.tensor([-3.0, 0.0])
    aspects = model.aspects(made.tensor([[0.0, 0.0]]))[0]
    assert aspects[0] > aspects[1]
    assert model.reward(made.tensor([[0.0, 0.0]])).item() == pytest.approx(aspects.mean().item())
    both = model.label_losses(made.ratings([[0.3, -0.4]], [[1.0, NAN]]))
    one = model.label_losses(made.ratings([[0.3, 9.0]], [[1.0, NAN]]))
    assert both.item() == pytest.approx(one.item())


def test_two_levels_are_a_verdict() -> None:
    model = made.objective("ordinal", Facts(levels=2))
    assert model.reward(made.tensor([[0.7]])).item() == pytest.approx(sigmoid(0.7))


def test_a_shift_of_qualities_and_cut_points_changes_nothing() -> None:
    here, there = model_with([-1.0, 0.2, 2.5]), model_with([1.0, 2.2, 4.5])
    one = here.label_losses(made.ratings([0.3] * 4, [0, 1, 2, 3]))
    torch.testing.assert_close(one, there.label_losses(made.ratings([2.3] * 4, [0, 1, 2, 3])))


def test_asks_for_whole_numbers() -> None:
    with pytest.raises(RecipeError, match="whole numbers"):
        made.objective("ordinal", Facts(levels=0))


def test_recovers_cut_points_and_slope() -> None:
    generator = torch.Generator().manual_seed(0)
    cuts, slope_D = [-1.5, 0.0, 0.8], made.tensor([1.0, -2.0])
    vector_ND = torch.randn(6000, 2, dtype=torch.float64, generator=generator)
    truth = model_with(cuts)
    prob = ordinal.log_probabilities((vector_ND @ slope_D)[:, None], truth.learned).exp()[:, 0].detach()
    level_N = torch.multinomial(prob, 1, generator=generator)[:, 0]
    model = made.objective("ordinal", FOUR)
    weight_D = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    made.minimise(
        [weight_D, *model.parameters()],
        lambda: model.label_losses(made.ratings(vector_ND @ weight_D, level_N)).mean(),
    )
    torch.testing.assert_close(weight_D.detach(), slope_D, atol=0.1, rtol=0)
    torch.testing.assert_close(ordinal.cut_points(model.learned)[0].detach(), made.tensor(cuts), atol=0.1, rtol=0)
