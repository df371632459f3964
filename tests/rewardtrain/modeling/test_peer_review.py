"""What two models pick for each other."""

import pytest
import torch

from rewardtrain.modeling.peer_review import kept, picks


def test_each_gets_what_the_other_finds_easiest() -> None:
    first, second = torch.tensor([0.1, 0.9, 0.5, 0.3]), torch.tensor([0.8, 0.2, 0.1, 0.9])
    for_first, for_second = picks(first, second, 0.5)
    assert for_first.tolist() == [False, True, True, False]
    assert for_second.tolist() == [True, False, False, True]


def test_at_least_one_and_at_most_all_are_picked() -> None:
    loss = torch.tensor([0.5, 0.5, 0.5])
    assert picks(loss, loss, 0.01)[0].tolist() == [True, False, False]
    assert picks(loss, loss, 1.0)[0].all()


def test_the_share_rises_to_all_but_the_noise_after_a_warm_up() -> None:
    assert [kept(epoch, 5, 0.2) for epoch in range(5)] == pytest.approx([1.0, 0.5, 0.6, 0.7, 0.8])
    assert [kept(epoch, 2, 0.2) for epoch in range(2)] == pytest.approx([1.0, 0.8])
    assert kept(0, 1, 0.2) == 1.0
    assert kept(0, 4, 0.7, warmup=0) == pytest.approx(0.3)  # never more than the last share


@pytest.mark.parametrize(("epoch", "epochs", "noise"), [(4, 4, 0.2), (-1, 4, 0.2), (0, 4, 1.0)])
def test_refuses_what_is_no_schedule(epoch: int, epochs: int, noise: float) -> None:
    with pytest.raises(ValueError, match="no schedule"):
        kept(epoch, epochs, noise)


def test_flipped_pairs_are_left_out_by_a_model_that_has_learned_something() -> None:
    generator = torch.Generator().manual_seed(0)
    delta = 2 * torch.randn(2000, generator=generator).abs()
    flipped = torch.rand(2000, generator=generator) < 0.2
    loss = torch.nn.functional.softplus(torch.where(flipped, delta, -delta))
    mask, _ = picks(loss, loss, kept(3, 4, 0.2))
    assert flipped[mask].float().mean() < 0.02
    assert flipped[~mask].float().mean() > 0.9
