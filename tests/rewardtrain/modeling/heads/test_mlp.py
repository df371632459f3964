"""The two-layer head."""

import torch
from torch.nn.functional import silu

from rewardtrain.modeling.heads import mlp


def test_is_two_maps_with_silu_between() -> None:
    head = mlp.build(7)
    weight, bias, last = head.parameters()
    vectors = torch.randn(4, 7)
    torch.testing.assert_close(head(vectors), silu(vectors @ weight.T + bias) @ last.T)
