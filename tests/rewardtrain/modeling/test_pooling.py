"""Pooling picks the attended positions and nothing else."""

import pytest
import torch

from rewardtrain.modeling.pooling import POOLINGS, pool

HIDDEN = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]], [[5.0, 6.0], [7.0, 8.0], [1.0, 0.0]]])
MASK = torch.tensor([[1, 1, 0], [1, 1, 1]])


def test_mean_over_attended_positions() -> None:
    torch.testing.assert_close(pool(HIDDEN, MASK, "mean"), torch.tensor([[2.0, 3.0], [13 / 3, 14 / 3]]))


def test_a_mean_that_grows_with_the_root_of_the_length() -> None:
    expected = torch.tensor([[4 / 2**0.5, 6 / 2**0.5], [13 / 3**0.5, 14 / 3**0.5]])
    torch.testing.assert_close(pool(HIDDEN, MASK, "mean_sqrt_len"), expected)


def test_last_attended_position() -> None:
    torch.testing.assert_close(pool(HIDDEN, MASK, "last"), torch.tensor([[3.0, 4.0], [1.0, 0.0]]))


@pytest.mark.parametrize("how", POOLINGS)
def test_what_is_padding_does_not_matter_and_the_result_is_float32(how: str) -> None:
    other = HIDDEN.clone()
    other[0, 2] = -50.0
    pooled = pool(HIDDEN.bfloat16(), MASK, how)
    assert pooled.dtype == torch.float32
    assert torch.equal(pooled[0], pool(other.bfloat16(), MASK, how)[0])


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValueError, match="mean, mean_sqrt_len, last"):
        pool(HIDDEN, MASK, "first")
