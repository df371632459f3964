"""Every penalty keeps the contract of `rewardtrain.modeling.penalties`."""

from typing import Any

import pytest
import torch

from rewardtrain import settings
from rewardtrain.modeling import penalties
from rewardtrain.modeling.losses import PairBatch
from tests.rewardtrain.modeling.losses import made


def own(name: str, **chosen: Any) -> dict:
    return settings.complete(penalties.get(name).SETTINGS, chosen, name)


def batch(count: int = 12) -> PairBatch:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, count, 3, dtype=torch.float64, generator=generator)
    lengths = torch.randint(1, 900, (2, count), generator=generator)
    same = torch.arange(count) % 2
    return made.pairs(a, b, (0.7, 0.2, 0.1), length_a=lengths[0], length_b=lengths[1], same=same)


def rewards(count: int = 12, scale: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    return tuple(scale * torch.randn(2, count, dtype=torch.float64, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("name", penalties.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        penalty = penalties.get(name)
        assert penalty.TITLE
        assert penalty.SUMMARY
        assert set(penalty.NEEDS) <= {"dimension", "rater", "length_a", "length_b", "same", "vectors"}
        assert "weight" in penalty.SETTINGS["properties"]
        for rule in penalty.SETTINGS["properties"].values():
            assert {"type", "default", "title", "description"} <= rule.keys()

    def test_gives_one_finite_number_a_pair_times_its_weight(self, name: str) -> None:
        for scale in (1.0, 80.0):
            once = penalties.get(name).penalty(batch(), own(name), *rewards(scale=scale))
            assert once.shape == (12,)
            assert torch.isfinite(once).all()
            assert (once >= 0).all()
            thrice = penalties.get(name).penalty(batch(), own(name, weight=3), *rewards(scale=scale))
            torch.testing.assert_close(thrice, 3 * once)

    def test_sides_are_alike(self, name: str) -> None:
        one, (a, b) = batch(), rewards()
        columns = {**one.columns, "length_a": one.columns["length_b"], "length_b": one.columns["length_a"]}
        other = PairBatch(
            one.out_b_PK, one.out_a_PK, one.target_P3.flip(1), -one.margin_P, one.vector_b_PD, one.vector_a_PD, columns
        )
        penalty = penalties.get(name).penalty
        torch.testing.assert_close(penalty(one, own(name), a, b), penalty(other, own(name), b, a))

    def test_gradient_is_right_and_finite(self, name: str) -> None:
        a, b = (side.requires_grad_() for side in rewards())
        chosen = {"factor": "position"} if name == "counterfactual_invariance" else {}
        if name != "counterfactual_invariance":  # its kernel's width follows the rewards without a gradient
            torch.autograd.gradcheck(lambda a, b: penalties.get(name).penalty(batch(), own(name), a, b), (a, b))
        penalties.get(name).penalty(batch(), own(name, **chosen), a, b).sum().backward()
        assert torch.isfinite(a.grad).all()
