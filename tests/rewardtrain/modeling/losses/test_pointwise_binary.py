"""Verdicts on single responses, and the pairs they make."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import pointwise_binary
from tests.rewardtrain.modeling.losses import made


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


def losses_of(reward: list[float], verdict: list[float], threshold: float = 0.0, **chosen: float) -> list[float]:
    model = made.objective("pointwise_binary", **chosen)
    model.learned.threshold.data.fill_(threshold)
    return model.label_losses(made.ratings(reward, verdict, range(len(reward)))).tolist()


def test_single_verdicts_are_cross_entropies_around_the_threshold() -> None:
    found = losses_of([1.0, 0.2], [1, 0], threshold=0.5, pair_weight=0)
    assert found == pytest.approx([softplus(-0.5), softplus(-0.3)])


def test_every_good_one_meets_every_bad_one_of_other_prompts() -> None:
    alone = losses_of([1.0, -0.5, 0.3], [1, 0, 0], pair_weight=0)
    both = losses_of([1.0, -0.5, 0.3], [1, 0, 0], pair_weight=2.0)
    pair = {1: softplus(-1.5), 2: softplus(-0.7)}
    expected = [2 * (pair[1] + pair[2]) / 2, 2 * pair[1], 2 * pair[2]]
    assert [b - a for a, b in zip(alone, both, strict=True)] == pytest.approx(expected)


def test_soft_verdicts_weigh_pairs() -> None:
    alone, both = (losses_of([1.0, 0.0], [0.8, 0.3], pair_weight=w) for w in (0, 1))
    forth, back = 0.8 * 0.7, 0.3 * 0.2
    expected = (forth * softplus(-1.0) + back * softplus(1.0)) / (forth + back)
    assert [b - a for a, b in zip(alone, both, strict=True)] == pytest.approx([expected, expected])


def test_label_smoothing_moves_the_verdict() -> None:
    found = losses_of([1.0], [1], pair_weight=0, label_smoothing=0.1)
    assert found == pytest.approx([0.9 * softplus(-1.0) + 0.1 * softplus(1.0)])


def test_verdicts_of_one_kind_make_no_pairs() -> None:
    assert losses_of([1.0, 2.0], [1, 1]) == pytest.approx(losses_of([1.0, 2.0], [1, 1], pair_weight=0))


def test_recovers_the_threshold_and_the_slope() -> None:
    generator = torch.Generator().manual_seed(0)
    vector_ND = torch.randn(4000, 3, dtype=torch.float64, generator=generator)
    truth_D, threshold = made.tensor([1.0, -0.5, 2.0]), 0.8
    verdict_N = torch.bernoulli((vector_ND @ truth_D - threshold).sigmoid(), generator=generator)
    model = made.objective("pointwise_binary", pair_weight=0)
    weight_D = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    made.minimise(
        [weight_D, *model.parameters()],
        lambda: model.label_losses(made.ratings(vector_ND @ weight_D, verdict_N)).mean(),
    )
    torch.testing.assert_close(weight_D.detach(), truth_D, atol=0.15, rtol=0)
    assert model.learned.threshold.item() == pytest.approx(threshold, abs=0.15)
    assert pointwise_binary.LABELS == "ratings"
