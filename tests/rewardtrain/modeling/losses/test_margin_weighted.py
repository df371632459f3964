"""The bounded scale of a pair's difference."""

import math

import pytest

from tests.rewardtrain.modeling.losses import made


def loss_of(delta: float, target: tuple[float, float, float], margin: float = 0.0, **chosen: object) -> float:
    return made.objective("margin_weighted", **chosen).label_losses(made.pairs([delta], [0], target, margin)).item()


def logistic(x: float) -> float:
    return math.log1p(math.exp(-x))


@pytest.mark.parametrize("margin", [0.0, 0.7, 3.0])
def test_agrees_with_the_paper(margin: float) -> None:
    beta = 1 + 0.5 * (1 - math.exp(-0.5 * margin))
    assert loss_of(1.2, (1, 0, 0), margin) == pytest.approx(logistic(beta * 1.2))
    assert loss_of(1.2, (0, 0, 1), -margin) == pytest.approx(logistic(-beta * 1.2))


def test_the_scale_is_bounded() -> None:
    assert loss_of(1.2, (1, 0, 0), 1e6, w=2.0) == pytest.approx(logistic(3 * 1.2))
    assert loss_of(1.2, (1, 0, 0), 1e6, w=0.0) == pytest.approx(logistic(1.2))


def test_without_a_margin_it_is_bradley_and_terry() -> None:
    assert loss_of(1.2, (0.5, 0.2, 0.3)) == pytest.approx(0.6 * logistic(1.2) + 0.4 * logistic(-1.2))


def test_our_own_margin_counts_where_we_agree_and_teaches_nothing() -> None:
    beta = 1 + 0.5 * (1 - math.exp(-0.5 * 1.2))
    model = made.objective("margin_weighted", margin="reward")
    a = made.tensor([[1.2]]).requires_grad_()
    loss = model.label_losses(made.pairs(a, [0]))
    loss.sum().backward()
    assert loss.item() == pytest.approx(logistic(beta * 1.2))
    assert a.grad.item() == pytest.approx(-beta / (1 + math.exp(beta * 1.2)))
    assert model.label_losses(made.pairs([1.2], [0], (0, 0, 1))).item() == pytest.approx(logistic(-1.2))


def test_clear_pairs_pull_harder() -> None:
    pulls = []
    for margin in (0.0, 1.0, 4.0):
        a = made.tensor([[0.0]]).requires_grad_()
        made.objective("margin_weighted").label_losses(made.pairs(a, [0], margin=margin)).sum().backward()
        pulls.append(-a.grad.item())
    assert pulls == sorted(pulls)
    assert pulls[-1] > 1.4 * pulls[0]
