"""Every head keeps the contract of `rewardtrain.modeling.heads`."""

import pytest
import torch

from rewardtrain.modeling import heads


@pytest.mark.parametrize("name", heads.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        head = heads.get(name)
        assert head.TITLE
        assert head.SUMMARY
        assert isinstance(head.NATIVE, bool)

    def test_gives_as_many_outputs_as_asked_for(self, name: str) -> None:
        assert heads.get(name).build(12)(torch.randn(5, 12)).shape == (5, 1)
        assert heads.get(name).build(12, 3)(torch.randn(1, 12)).shape == (1, 3)

    def test_every_weight_learns(self, name: str) -> None:
        head = heads.get(name).build(12)
        pooled_BD = torch.randn(5, 12)
        loss = head(pooled_BD).sum()
        if hasattr(head, "own_loss"):
            own_B = head.own_loss(pooled_BD)
            assert own_B.shape == (5,)
            loss = loss + own_B.sum()
        loss.backward()
        assert all(parameter.grad is not None for parameter in head.parameters())

    def test_the_seed_decides_the_first_weights(self, name: str) -> None:
        states = []
        for _ in range(2):
            torch.manual_seed(3)
            states.append(heads.get(name).build(12).state_dict())
        assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])

    def test_a_native_head_is_one_map_without_bias(self, name: str) -> None:
        if heads.get(name).NATIVE:
            (weight,) = heads.get(name).build(12).state_dict().values()
            assert weight.shape == (1, 12)
