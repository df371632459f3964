"""Every loss keeps the contract of `rewardtrain.modeling.losses`."""

import pytest
import torch

from rewardtrain import settings
from rewardtrain.modeling import losses

DELTA = torch.linspace(-6, 6, 25, dtype=torch.float64)


def complete(name: str) -> dict:
    return settings.complete(losses.get(name).SETTINGS, {}, name)


def batch(
    a: torch.Tensor, b: torch.Tensor, target: tuple[float, float, float], margin: float = 0.0
) -> losses.PairBatch:
    target_P3 = torch.tensor(target, dtype=a.dtype).expand(len(a), 3)
    return losses.PairBatch(a, b, target_P3, torch.full_like(a, margin))


@pytest.mark.parametrize("name", losses.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        loss = losses.get(name)
        assert loss.TITLE
        assert loss.SUMMARY
        for rule in loss.SETTINGS["properties"].values():
            assert {"type", "default", "title", "description"} <= rule.keys()

    def test_gives_one_finite_loss_a_pair(self, name: str) -> None:
        far = torch.tensor([-80.0, 0.0, 80.0], dtype=torch.float64)
        loss_P = losses.get(name).label_losses(batch(far, -far, (0.7, 0.1, 0.2)), complete(name))
        assert loss_P.shape == (3,)
        assert torch.isfinite(loss_P).all()

    def test_probabilities_sum_to_one_and_favour_the_higher_reward(self, name: str) -> None:
        prob_P3 = losses.get(name).probabilities(DELTA, complete(name))
        assert prob_P3.shape == (25, 3)
        torch.testing.assert_close(prob_P3.sum(dim=1), torch.ones(25, dtype=torch.float64))
        assert (prob_P3 >= 0).all()
        assert (prob_P3[:, 0].diff() > 0).all()

    def test_sides_are_alike(self, name: str) -> None:
        loss, own = losses.get(name), complete(name)
        zero = torch.zeros_like(DELTA)
        one = loss.label_losses(batch(DELTA, zero, (0.6, 0.3, 0.1), margin=0.4), own)
        other = loss.label_losses(batch(zero, DELTA, (0.1, 0.3, 0.6), margin=-0.4), own)
        torch.testing.assert_close(one, other)
        prob_P3 = loss.probabilities(DELTA, own)
        torch.testing.assert_close(prob_P3, loss.probabilities(-DELTA, own).flip(1))

    def test_only_the_difference_counts_without_centring(self, name: str) -> None:
        loss, own = losses.get(name), {**complete(name), "center": 0.0}
        zero = torch.zeros_like(DELTA)
        here = loss.label_losses(batch(DELTA, zero, (0.6, 0.3, 0.1)), own)
        shifted = loss.label_losses(batch(DELTA + 7, zero + 7, (0.6, 0.3, 0.1)), own)
        torch.testing.assert_close(here, shifted)

    def test_gradient_raises_the_winner(self, name: str) -> None:
        a = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        losses.get(name).label_losses(batch(a, b, (1.0, 0.0, 0.0)), complete(name)).sum().backward()
        assert a.grad.item() < 0 < b.grad.item()

    def test_gradient_is_right(self, name: str) -> None:
        a = torch.randn(6, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
        own = {**complete(name), "center": 0.1, "label_smoothing": 0.1}
        torch.autograd.gradcheck(
            lambda a: losses.get(name).label_losses(batch(a, a.flip(0) * 0.5, (0.5, 0.2, 0.3), 0.3), own), (a,)
        )

    def test_recovers_the_rewards_that_made_the_labels(self, name: str) -> None:
        """With labels drawn by the model from known rewards, the lowest loss is near those rewards."""
        loss, own = losses.get(name), complete(name)
        generator = torch.Generator().manual_seed(1)
        truth_S = torch.randn(8, dtype=torch.float64, generator=generator)
        first, second = torch.combinations(torch.arange(8)).T
        prob_P3 = loss.probabilities(truth_S[first] - truth_S[second], own)
        draws = torch.multinomial(prob_P3, 4000, replacement=True, generator=generator)
        target_P3 = torch.stack([(draws == outcome).double().mean(dim=1) for outcome in range(3)], dim=1)
        reward_S = torch.zeros(8, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([reward_S], max_iter=200, line_search_fn="strong_wolfe")

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            pairs = losses.PairBatch(reward_S[first], reward_S[second], target_P3, torch.zeros(len(first)).double())
            value = loss.label_losses(pairs, own).mean()
            value.backward()
            return value

        optimizer.step(closure)
        found_S = reward_S.detach() - reward_S.detach().mean()
        torch.testing.assert_close(found_S, truth_S - truth_S.mean(), atol=0.08, rtol=0)
