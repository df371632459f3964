"""Paraphrases get one reward, and other pairs are left alone."""

import torch

from rewardtrain import settings
from rewardtrain.modeling.penalties import consistency
from tests.rewardtrain.modeling.losses import made

OWN = settings.complete(consistency.SETTINGS, {"weight": 0.5}, "consistency")


def test_is_the_squared_difference_of_pairs_of_one_meaning() -> None:
    batch = made.pairs([0] * 3, [0] * 3, same=[1, 0, 1])
    found = consistency.penalty(batch, OWN, made.tensor([3.0, 3, 1]), made.tensor([1.0, 1, 1]))
    assert found.tolist() == [2.0, 0.0, 0.0]
    assert consistency.alone(batch).tolist() == [True, False, True]


def test_draws_paraphrases_together() -> None:
    a = made.tensor([3.0, 3.0]).requires_grad_()
    consistency.penalty(made.pairs([0] * 2, [0] * 2, same=[1, 0]), OWN, a, torch.zeros(2)).sum().backward()
    assert a.grad.tolist() == [3.0, 0.0]
