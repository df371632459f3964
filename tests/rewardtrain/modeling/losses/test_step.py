"""Steps of reasoning: a softmax over labels."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import Facts
from tests.rewardtrain.modeling.losses import made

LOGITS = [0.3, -0.5, 1.1]


def test_is_a_cross_entropy_over_three_labels() -> None:
    model = made.objective("step", Facts())
    total = sum(map(math.exp, LOGITS))
    found = model.label_losses(made.ratings([LOGITS] * 4, [0, 1, 2, float("nan")])).tolist()
    assert found == pytest.approx([-math.log(math.exp(x) / total) for x in LOGITS] + [0.0])


def test_reward_is_the_expected_label_between_0_and_1() -> None:
    model = made.objective("step", Facts())
    p = [math.exp(x) / sum(map(math.exp, LOGITS)) for x in LOGITS]
    mean = p[1] / 2 + p[2]
    assert model.reward(made.tensor([LOGITS])).item() == pytest.approx(mean)
    spread = math.sqrt(p[0] * mean**2 + p[1] * (0.5 - mean) ** 2 + p[2] * (1 - mean) ** 2)
    assert model.deviation(made.tensor([LOGITS])).item() == pytest.approx(spread)
    assert model.reward(made.tensor([[-80.0, 0, 80], [80, 0, -80]])).tolist() == pytest.approx([1, 0])


def test_two_levels_are_a_probability() -> None:
    model = made.objective("step", Facts(levels=2))
    assert model.outputs == 2
    assert model.reward(made.tensor([[0.2, 0.9]])).item() == pytest.approx(1 / (1 + math.exp(-0.7)))


def test_recovers_the_chances_of_labels() -> None:
    generator = torch.Generator().manual_seed(0)
    vector_ND = torch.randn(8000, 2, dtype=torch.float64, generator=generator)
    truth_DK = torch.randn(2, 3, dtype=torch.float64, generator=generator)
    label_N = torch.multinomial((vector_ND @ truth_DK).softmax(dim=1), 1, generator=generator)[:, 0]
    model, weight_DK = made.objective("step", Facts()), torch.zeros(2, 3, dtype=torch.float64, requires_grad=True)
    made.minimise([weight_DK], lambda: model.label_losses(made.ratings(vector_ND @ weight_DK, label_N)).mean())
    found, truth = (w - w.mean(dim=1, keepdim=True) for w in (weight_DK.detach(), truth_DK))
    torch.testing.assert_close(found, truth, atol=0.1, rtol=0)
