"""The bound on the margin against its formula."""

import math

import pytest
import torch

from rewardtrain import settings
from rewardtrain.modeling.penalties import prior_constraint
from tests.rewardtrain.modeling.losses import made


def penalty_of(delta: float, target: tuple[float, float, float], **chosen: object) -> float:
    own = settings.complete(prior_constraint.SETTINGS, chosen, "prior_constraint")
    batch = made.pairs([[1.0, 0.0]], [[1.0, 1.0]], target, length_a=[50], length_b=[200])
    return prior_constraint.penalty(batch, own, made.tensor([delta]), made.tensor([0.0])).item()


def logistic(x: float) -> float:
    return math.log1p(math.exp(-x))


@pytest.mark.parametrize("delta", [-2.0, 0.0, 20.0])
def test_length_ratio_agrees_with_the_paper(delta: float) -> None:
    allowed = 6 / (50 / 200 + 0.001)
    assert penalty_of(delta, (1, 0, 0)) == pytest.approx(logistic(allowed - delta))
    assert penalty_of(delta, (0, 0, 1)) == pytest.approx(logistic(allowed + delta))


def test_angle_agrees_with_the_paper() -> None:
    allowed = 2 / ((1 - math.pi / 4 / math.pi) + 0.5) + 0.1
    found = penalty_of(1.0, (1, 0, 0), alike="cosine", beta1=2.0, beta2=0.5, beta3=0.1)
    assert found == pytest.approx(logistic(allowed - 1.0))


def test_the_more_alike_the_less_the_margin_may_grow() -> None:
    own = settings.complete(prior_constraint.SETTINGS, {}, "prior_constraint")
    batch = made.pairs([0] * 3, [0] * 3, length_a=[10, 100, 100], length_b=[100, 80, 100])
    found = prior_constraint.penalty(batch, own, made.tensor([9.0] * 3), torch.zeros(3))
    assert found.tolist() == sorted(found.tolist())


def test_vectors_learn_nothing_from_it() -> None:
    own = settings.complete(prior_constraint.SETTINGS, {"alike": "cosine"}, "prior_constraint")
    a = made.tensor([[1.0, 0.0]]).requires_grad_()
    reward = made.tensor([1.0]).requires_grad_()
    prior_constraint.penalty(made.pairs(a, [[1.0, 1.0]]), own, reward, torch.zeros(1)).sum().backward()
    assert a.grad is None
    assert reward.grad.item() > 0


def test_missing_vectors_are_named() -> None:
    own = settings.complete(prior_constraint.SETTINGS, {"alike": "cosine"}, "prior_constraint")
    batch = made.pairs([0], [0])
    bare = type(batch)(batch.out_a_PK, batch.out_b_PK, batch.target_P3, batch.margin_P)
    with pytest.raises(KeyError, match="vectors"):
        prior_constraint.penalty(bare, own, torch.zeros(1), torch.zeros(1))
