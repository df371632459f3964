"""Distances to ideal points, and raters that are placed among prototypes."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import Facts, ideal_point
from rewardtrain.modeling.objective import Objective
from tests.rewardtrain.modeling.losses import made


def model_of(raters: int, **chosen: object) -> Objective:
    return made.objective("ideal_point", Facts(raters=tuple(f"rater {i}" for i in range(raters))), **chosen)


def test_agrees_with_its_formula() -> None:
    model = model_of(2, size=2, prototypes=2)
    model.learned.prototype_CK.data = made.tensor([[0.0, 0.0], [4.0, 0.0]])
    model.learned.mixture_RC.data = made.tensor([[0.0, 0.0], [0.0, math.log(3)]])
    torch.testing.assert_close(ideal_point.points(model.learned).detach(), made.tensor([[2.0, 0.0], [3.0, 0.0]]))
    found = model.label_losses(made.pairs([[2.0, 1.0]] * 2, [[3.0, 2.0]] * 2, rater=[0, 1])).tolist()
    first = math.log1p(math.exp(1 - math.sqrt(5)))
    second = math.log1p(math.exp(math.sqrt(2) - 2))
    assert found == pytest.approx([first, second], abs=1e-5)
    assert model.reward(made.tensor([[2.0, 1.0]])).item() == pytest.approx(-(1 + math.sqrt(2)) / 2, abs=1e-5)


def test_turning_and_shifting_everything_changes_nothing() -> None:
    model, moved = model_of(2, size=2), model_of(2, size=2)
    turn = made.tensor([[0.6, 0.8], [-0.8, 0.6]])
    moved.learned.prototype_CK.data = model.learned.prototype_CK.data @ turn + 3
    a, b = torch.randn(2, 4, 2, dtype=torch.float64)
    torch.testing.assert_close(
        model.label_losses(made.pairs(a, b)), moved.label_losses(made.pairs(a @ turn + 3, b @ turn + 3))
    )


def test_an_unknown_rater_is_the_mean_point() -> None:
    model = model_of(3, size=2)
    a, b = torch.randn(2, 1, 2, dtype=torch.float64)
    centre = ideal_point.points(model.learned).mean(dim=0)
    delta = -(a[0] - centre).norm() + (b[0] - centre).norm()
    found = model.label_losses(made.pairs(a, b, rater=[-1])).item()
    assert found == pytest.approx(math.log1p(math.exp(-delta.item())), abs=1e-5)


def generated(
    raters: int, pairs: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Points of raters near three prototypes, and their answers about responses in a plane; P = raters x pairs."""
    prototypes = made.tensor([[2.0, 0.0], [-1.0, 1.8], [-1.0, -1.8]])
    mixture = torch.distributions.Dirichlet(made.tensor([0.3, 0.3, 0.3]))
    torch.manual_seed(int(generator.initial_seed()))
    point_RK = mixture.sample((raters,)) @ prototypes
    a, b = 1.5 * torch.randn(2, raters * pairs, 2, dtype=torch.float64, generator=generator)
    own = point_RK.repeat_interleave(pairs, dim=0)
    won = torch.bernoulli(((b - own).norm(dim=1) - (a - own).norm(dim=1)).mul(3).sigmoid(), generator=generator)
    return point_RK, 3 * a, 3 * b, torch.stack([won, torch.zeros_like(won), 1 - won], dim=1)


def test_recovers_points_and_places_newcomers() -> None:
    """The truth is stretched by 3, since distances count in logits. The space is given, so nothing needs turning."""
    point_RK, a, b, target = generated(12, 250, torch.Generator().manual_seed(0))
    model = model_of(10, size=2, prototypes=3)
    known = slice(0, 10 * 250)
    rater = torch.arange(10).repeat_interleave(250)
    batch = made.pairs(a[known], b[known], target[known], rater=rater)
    made.minimise(list(model.parameters()), lambda: model.label_losses(batch).mean(), steps=500)
    error = (ideal_point.points(model.learned).detach() / 3 - point_RK[:10]).norm(dim=1)
    assert error.mean() < 0.2
    for newcomer in (10, 11):
        shown = slice(newcomer * 250, newcomer * 250 + 30)
        rest = slice(newcomer * 250 + 30, (newcomer + 1) * 250)
        vector = model.loss.place(made.pairs(a[shown], b[shown], target[shown]), model.settings, model.learned)
        centre = ideal_point.points(model.learned).detach().mean(dim=0)
        missed, at_first = ((place / 3 - point_RK[newcomer]).norm() for place in (vector, centre))
        assert missed < at_first / 2
        reward = [model.loss.reward_for(side[rest], vector, model.settings, model.learned) for side in (a, b)]
        assert ((reward[0] > reward[1]) == (target[rest][:, 0] == 1)).double().mean() > 0.75
