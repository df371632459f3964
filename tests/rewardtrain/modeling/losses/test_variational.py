"""Tastes read from sets of pairs."""

import math

import pytest
import torch

from rewardtrain.modeling.losses import PairBatch
from tests.rewardtrain.modeling.losses import made


def test_no_pair_gives_its_own_answer_away() -> None:
    """A label changes the loss of its own half only through itself; the other half's is read from it."""
    model = made.objective("variational", kl=0.0)
    a, b = torch.randn(2, 4, 16, dtype=torch.float64)
    target = made.tensor([[1, 0, 0]] * 4)
    one = model.label_losses(made.pairs(a, b, target, rater=[7] * 4))
    target = target.clone()
    target[2] = made.tensor([0, 0, 1])
    other = model.label_losses(made.pairs(a, b, target, rater=[7] * 4))
    changed = (one - other).abs() > 1e-9
    assert changed.tolist() == [False, True, True, True]  # pairs 0 and 2 are one half, 1 and 3 the other


def test_other_raters_feel_nothing() -> None:
    model = made.objective("variational")
    a, b = torch.randn(2, 6, 16, dtype=torch.float64)
    both = model.label_losses(made.pairs(a, b, rater=[0, 0, 0, 1, 1, 1]))
    torch.testing.assert_close(both[:3], model.label_losses(made.pairs(a[:3], b[:3], rater=[0, 0, 0])))


def test_a_single_pair_is_judged_by_the_prior() -> None:
    model = made.objective("variational")
    a, b = torch.randn(2, 1, 16, dtype=torch.float64)
    delta = (model.reward(a) - model.reward(b)).item()
    assert model.label_losses(made.pairs(a, b, rater=[0])).item() == pytest.approx(math.log1p(math.exp(-delta)))


def test_divergence_is_that_of_two_normals() -> None:
    plain, heavy = (made.objective("variational", kl=weight) for weight in (0.0, 2.0))
    a, b = torch.randn(2, 2, 16, dtype=torch.float64)
    batch = made.pairs(a, b, rater=[0, 0])
    found = (heavy.label_losses(batch) - plain.label_losses(batch)) / 2
    for judged, read in ((0, 1), (1, 0)):
        pair = plain.learned.value(plain.learned.pair(torch.cat([a[read], b[read]])))
        mean, log_variance = (layer(pair).clamp(-1, 1) for layer in (plain.learned.mean, plain.learned.log_variance))
        posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
        prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        expected = torch.distributions.kl_divergence(posterior, prior).sum()
        assert found[judged].item() == pytest.approx(expected.item())


def test_draws_in_training_only() -> None:
    model = made.objective("variational").train()
    a, b = torch.randn(2, 6, 16, dtype=torch.float64)
    batch = made.pairs(a, b)
    assert not torch.equal(model.label_losses(batch), model.label_losses(batch))


def test_a_pair_seen_from_the_other_side_is_the_same_pair() -> None:
    model = made.objective("variational")
    a, b = torch.randn(2, 5, 16, dtype=torch.float64)
    one = model.loss.place(made.pairs(a, b, (0.7, 0.2, 0.1)), model.settings, model.learned)
    other = model.loss.place(made.pairs(b, a, (0.1, 0.2, 0.7)), model.settings, model.learned)
    torch.testing.assert_close(one, other)


def test_tells_two_opposite_tastes_apart_from_eight_pairs() -> None:
    """Half the raters want more of the first number, half less; new ones are read without any step."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)

    def answers(raters: int, pairs: int) -> tuple[PairBatch, torch.Tensor]:
        taste = (torch.arange(raters) % 2 * 2 - 1).double()
        a, b = torch.randn(2, raters * pairs, 4, dtype=torch.float64, generator=generator)
        won = ((a - b)[:, 0] * taste.repeat_interleave(pairs) > 0).double()
        target = torch.stack([won, torch.zeros_like(won), 1 - won], dim=1)
        return made.pairs(a, b, target, rater=torch.arange(raters).repeat_interleave(pairs)), taste

    model = made.objective("variational", size=4, latent=2, hidden=16).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(200):
        batch, _ = answers(20, 16)
        optimizer.zero_grad()
        model.label_losses(batch).mean().backward()
        optimizer.step()
    model.eval()
    right = []
    for seed in range(6):
        batch, _ = answers(2, 40)
        own = slice(40 * (seed % 2), 40 * (seed % 2) + 40)
        shown = PairBatch(batch.out_a_PK[own][:8], batch.out_b_PK[own][:8], batch.target_P3[own][:8], torch.zeros(8))
        vector = model.loss.place(shown, model.settings, model.learned)
        a, b = (
            model.loss.reward_for(side[own][8:], vector, model.settings, model.learned)
            for side in (batch.out_a_PK, batch.out_b_PK)
        )
        right.append(((a > b) == (batch.target_P3[own][8:, 0] == 1)).double().mean().item())
    assert sum(right) / len(right) > 0.85
