"""Errors of several types in a segment, and the weights that make one reward of them."""

import math

import pytest
import torch

from rewardtrain.errors import RecipeError
from rewardtrain.modeling.losses import Facts, span
from tests.rewardtrain.modeling.losses import made

TWO = Facts(("facts", "relevance"))


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def test_is_the_mean_cross_entropy_over_the_types_judged() -> None:
    model = made.objective("span", TWO)
    model.learned.offset_K.data = made.tensor([-1.0, 0.0])
    found = model.label_losses(made.ratings([[0.4, 0.6]] * 2, [[1, 0], [float("nan"), 1]])).tolist()
    assert found == pytest.approx([(softplus(0.6) + softplus(0.6)) / 2, softplus(-0.6)])


def test_reward_is_one_where_clean_and_minus_one_where_full_of_errors() -> None:
    model = made.objective("span", TWO)
    assert model.reward(made.tensor([[-80.0, -80], [80, 80], [80, -80]])).tolist() == pytest.approx([1, -1, 0])


def test_weights_combine_the_types_without_touching_what_is_learned() -> None:
    plain, chosen = made.objective("span", TWO), made.objective("span", TWO, weights="relevance = .5, facts=2")
    out = made.tensor([[0.3, -0.7]])
    parts = plain.aspects(out)[0]
    assert chosen.reward(out).item() == pytest.approx(2 * parts[0].item() + 0.5 * parts[1].item())
    batch = made.ratings(out, [[1, 0]])
    torch.testing.assert_close(plain.label_losses(batch), chosen.label_losses(batch))


@pytest.mark.parametrize(("text", "says"), [("tone=1", "no error type 'tone'"), ("facts=much", "must be a number")])
def test_bad_weights_are_refused(text: str, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        span.weights_of(text, ("facts", "relevance"))


def test_types_not_named_do_not_count() -> None:
    assert span.weights_of("relevance=.3", ("facts", "relevance")) == [0.0, 0.3]
    assert span.weights_of("", ("facts", "relevance")) == [0.5, 0.5]
    assert span.weights_of("", ()) == [1.0]


def test_recovers_rare_errors() -> None:
    generator = torch.Generator().manual_seed(0)
    vector_ND = torch.randn(12_000, 2, dtype=torch.float64, generator=generator)
    truth_DK, offset_K = made.tensor([[1.0, 0.0], [0.5, -1.5]]), made.tensor([-2.5, -1.0])
    wrong_NK = torch.bernoulli((vector_ND @ truth_DK + offset_K).sigmoid(), generator=generator)
    model, weight_DK = made.objective("span", TWO), torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
    made.minimise(
        [weight_DK, *model.parameters()],
        lambda: model.label_losses(made.ratings(vector_ND @ weight_DK, wrong_NK)).mean(),
    )
    torch.testing.assert_close(weight_DK.detach(), truth_DK, atol=0.12, rtol=0)
    torch.testing.assert_close(model.learned.offset_K.detach(), offset_K, atol=0.12, rtol=0)
