"""The linear head."""

import torch

from rewardtrain.modeling.heads import linear


def test_is_a_dot_product() -> None:
    head = linear.build(7)
    (weight,) = head.parameters()
    vectors = torch.randn(4, 7)
    torch.testing.assert_close(head(vectors), vectors @ weight.T)


def test_first_rewards_have_unit_scale() -> None:
    torch.manual_seed(0)
    rewards = torch.stack([linear.build(300)(torch.ones(1, 300))[:, 0] for _ in range(200)])
    assert 0.8 < rewards.std().item() < 1.2
