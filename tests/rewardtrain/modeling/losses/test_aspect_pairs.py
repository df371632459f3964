"""Each pair trains its own dimension, and whole verdicts train the weights."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import Facts
from tests.rewardtrain.modeling.losses import made

THREE = Facts(("clarity", "overall", "truth"))


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_a_pair_is_compared_on_its_dimension() -> None:
    model = made.objective("aspect_pairs", THREE)
    assert model.outputs == 2
    batch = made.pairs([[1.0, 5.0]] * 2, [[0.0, 7.0]] * 2, dimension=[0, 2])
    assert model.label_losses(batch).tolist() == pytest.approx([softplus(-1.0), softplus(2.0)])


def test_other_dimensions_feel_nothing() -> None:
    model = made.objective("aspect_pairs", Facts(("clarity", "truth")))
    a = made.tensor([[1.0, 5.0]]).requires_grad_()
    model.label_losses(made.pairs(a, [[0.0, 7.0]], dimension=[0])).sum().backward()
    assert a.grad[0, 0] != 0
    assert a.grad[0, 1] == 0


def test_overall_is_made_of_the_others_and_weights_begin_equal() -> None:
    model = made.objective("aspect_pairs", THREE)
    out = made.tensor([[1.0, 5.0]])
    assert model.reward(out).item() == pytest.approx(3.0)
    assert model.aspects(out)[0].tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert model.label_losses(made.pairs(out, [[0.0, 7.0]], dimension=[1])).item() == pytest.approx(softplus(0.5))


@pytest.mark.parametrize(("facts", "weights"), [(THREE, "equal"), (Facts(("a", "b")), "learned"), (Facts(), "learned")])
def test_equal_weights_are_the_mean(facts: Facts, weights: str) -> None:
    model = made.objective("aspect_pairs", facts, weights=weights)
    assert model.outputs == max(1, len(facts.dimensions))
    assert not list(model.parameters())
    out = torch.randn(4, model.outputs, dtype=torch.float64)
    torch.testing.assert_close(model.reward(out), out.mean(dim=1))


def test_recovers_the_weights_of_aspects() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 9000, 2, dtype=torch.float64, generator=generator)
    truth_DK, weight_K = made.tensor([[1.5, 0.0], [0.5, 2.0]]), made.tensor([0.9, 0.2])
    dimension = torch.arange(9000) % 3
    aspects = torch.stack([(a - b) @ truth_DK[:, 0], (a - b) @ truth_DK @ weight_K, (a - b) @ truth_DK[:, 1]], dim=1)
    won = torch.bernoulli(aspects.gather(1, dimension[:, None])[:, 0].sigmoid(), generator=generator)
    target = torch.stack([won, torch.zeros_like(won), 1 - won], dim=1)
    model = made.objective("aspect_pairs", THREE)
    map_DK = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    made.minimise(
        [map_DK, *model.parameters()],
        lambda: model.label_losses(made.pairs(a @ map_DK, b @ map_DK, target, dimension=dimension)).mean(),
    )
    found_K = torch.nn.functional.softplus(model.learned.raw_K.detach())
    torch.testing.assert_close(found_K, weight_K, atol=0.08, rtol=0)
    torch.testing.assert_close(map_DK.detach(), truth_DK, atol=0.15, rtol=0)
