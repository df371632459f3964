"""Aspects, missing ratings and the gate."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import Facts
from tests.rewardtrain.modeling.losses import made

NAN = float("nan")
TWO = Facts(("clarity", "truth"), (), 4)


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_regression_is_the_mean_square_over_what_was_rated() -> None:
    model = made.objective("multi_aspect", TWO, gate_weight=0)
    model.learned.offset_A.data = made.tensor([0.5, 0.0])
    out = [[1.0, 2.0, 0, 0], [0.0, 1.0, 0, 0]]
    found = model.label_losses(made.ratings(out, [[2.0, 1.0], [NAN, 3.0]])).tolist()
    assert found == pytest.approx([(0.25 + 1.0) / 2, 4.0])


def test_pairwise_compares_within_the_item_and_halves_ties() -> None:
    model = made.objective("multi_aspect", TWO, gate_weight=0, fit="pairwise")
    out = [[1.0, 0.0, 0, 0], [0.4, 0.0, 0, 0], [9.0, 0.0, 0, 0]]
    found = model.label_losses(made.ratings(out, [[2, 1], [1, 1], [0, 5]], [0, 0, 1])).tolist()
    tie = (softplus(0.0) + softplus(0.0)) / 2
    assert found == pytest.approx([(softplus(-0.6) + tie) / 2] * 2 + [0.0])


def test_the_gate_is_a_softmax_over_ten() -> None:
    model = made.objective("multi_aspect", TWO)
    share = 1 / (1 + math.exp(-(3.0 - 1.0) / 10))
    reward = model.reward(made.tensor([[2.0, -1.0, 3.0, 1.0]]))
    assert reward.item() == pytest.approx(share * 2.0 - (1 - share) * 1.0)


def test_the_gate_learns_from_overall_and_leaves_aspects_alone() -> None:
    """Only aspect 1 goes with the overall rating, so its share must grow; aspects feel nothing of it."""
    model = made.objective("multi_aspect")  # clarity, overall, truth: two aspects
    assert model.outputs == 4
    out = made.tensor([[1.0, 0.0, 0, 0], [0.0, 1.0, 0, 0]]).requires_grad_()
    model.label_losses(made.ratings(out, [[NAN, 0, NAN], [NAN, 3, NAN]])).sum().backward()
    assert (out.grad[:, :2] == 0).all()
    assert (out.grad[1, 2:] * made.tensor([1, -1]) > 0).all()


def test_without_overall_the_gate_follows_the_mean_rating() -> None:
    model, alone = made.objective("multi_aspect", TWO), made.objective("multi_aspect", TWO, gate_weight=0)
    batch = made.ratings([[1.0, 0.0, 0, 0], [0.0, 3.0, 0, 0]], [[3, 1], [1, 2]])
    delta = 0.5 - 1.5
    added = model.label_losses(batch) - alone.label_losses(batch)
    assert added.tolist() == pytest.approx([softplus(-delta)] * 2)


def test_one_aspect_needs_no_gate() -> None:
    model = made.objective("multi_aspect", Facts((), (), 4))
    assert model.outputs == 1
    assert model.reward(made.tensor([[2.0], [3.0]])).tolist() == pytest.approx([2.0, 3.0])


def test_aspects_stand_in_the_order_of_the_dimensions() -> None:
    model = made.objective("multi_aspect")
    out = made.tensor([[2.0, -1.0, 0.0, 0.0]])
    assert model.aspects(out)[0].tolist() == pytest.approx([2.0, 0.5, -1.0])


def test_recovers_aspects_from_ratings_half_of_which_are_missing() -> None:
    generator = torch.Generator().manual_seed(0)
    vector_ND = torch.randn(2000, 3, dtype=torch.float64, generator=generator)
    truth_DA = torch.randn(3, 2, dtype=torch.float64, generator=generator)
    value_NA = vector_ND @ truth_DA + made.tensor([2.0, 3.0])
    value_NA = value_NA + 0.1 * torch.randn(2000, 2, dtype=torch.float64, generator=generator)
    value_NA[torch.rand(2000, 2, generator=generator) < 0.5] = NAN
    model = made.objective("multi_aspect", TWO, gate_weight=0)
    weight_DK = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    item = torch.arange(2000)
    made.minimise(
        [weight_DK, *model.parameters()],
        lambda: model.label_losses(made.ratings(vector_ND @ weight_DK, value_NA, item)).mean(),
    )
    torch.testing.assert_close(weight_DK[:, :2].detach(), truth_DA, atol=0.02, rtol=0)
    torch.testing.assert_close(model.learned.offset_A.detach(), made.tensor([2.0, 3.0]), atol=0.02, rtol=0)
