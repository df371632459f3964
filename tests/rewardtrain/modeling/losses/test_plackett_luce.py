"""Davidson and Luce's model against its formula, with every group spelt out."""

import itertools
import math

import pytest
import torch

from rewardtrain.modeling.losses import RankingBatch, plackett_luce
from tests.rewardtrain.modeling.losses import made


def loss_of(reward: list[float], rank: list[int], nu: float = 0.5) -> float:
    own = made.complete("plackett_luce", nu=nu)
    return plackett_luce.label_losses(made.rankings([reward], [rank]), own).item()


def spelt_out(reward: list[float], rank: list[int], nu: float) -> float:
    """Firth, Kosmidis and Turner, with strengths alpha and all subsets."""
    alpha = {i: math.exp(r) for i, r in enumerate(reward) if rank[i] >= 0}

    def weight(group: tuple[int, ...]) -> float:
        return nu ** (len(group) - 1) * math.prod(alpha[i] for i in group) ** (1 / len(group))

    left, log_p = set(alpha), 0.0
    for place in sorted({rank[i] for i in alpha}):
        chosen = tuple(i for i in alpha if rank[i] == place)
        groups = itertools.chain.from_iterable(itertools.combinations(left, size + 1) for size in range(len(left)))
        log_p += math.log(weight(chosen) / sum(map(weight, groups)))
        left -= set(chosen)
    return -log_p


@pytest.mark.parametrize(
    "rank", [[0, 1, 2, 3], [1, 0, 1, 2], [0, 0, 0, 0], [0, 0, 1, 1], [2, 5, 5, -1], [3, 0, -1, -1], [1, 1, 0, 0]]
)
@pytest.mark.parametrize("nu", [0.1, 1.7])
def test_agrees_with_all_groups_spelt_out(rank: list[int], nu: float) -> None:
    reward = [0.3, -1.2, 2.0, 0.7]
    assert loss_of(reward, rank, nu) == pytest.approx(spelt_out(reward, rank, nu), abs=1e-9)


def test_all_rankings_of_three_add_up_to_one() -> None:
    rankings = [list(r) for r in itertools.product(range(3), repeat=3) if set(r) == set(range(max(r) + 1))]
    assert len(rankings) == 13
    assert sum(math.exp(-loss_of([0.4, -0.3, 1.1], rank)) for rank in rankings) == pytest.approx(1, abs=1e-9)


def test_without_ties_it_is_plackett_and_luce() -> None:
    a, b, c = 0.4, -0.3, 1.1
    first = math.exp(c) / (math.exp(a) + math.exp(b) + math.exp(c))
    second = math.exp(a) / (math.exp(a) + math.exp(b))
    assert loss_of([a, b, c], [1, 2, 0], nu=1e-12) == pytest.approx(-math.log(first * second), abs=1e-9)


@pytest.mark.parametrize("delta", [-2.0, 0.0, 1.3])
def test_two_are_davidsons_model(delta: float) -> None:
    pi_a, pi_b, nu = math.exp(delta), 1.0, 0.7
    total = pi_a + pi_b + nu * math.sqrt(pi_a * pi_b)
    expected = [pi_a / total, nu * math.sqrt(pi_a * pi_b) / total, pi_b / total]
    own = made.complete("plackett_luce", nu=nu)
    assert plackett_luce.probabilities(made.tensor([delta]), own)[0].tolist() == pytest.approx(expected)
    for rank, probability in zip(([0, 1], [0, 0], [1, 0]), expected, strict=True):
        assert loss_of([delta, 0.0], rank, nu) == pytest.approx(-math.log(probability), abs=1e-9)


def test_a_shift_of_all_rewards_changes_nothing() -> None:
    assert loss_of([0.3, -1.2, 2.0], [0, 1, 1]) == pytest.approx(loss_of([5.3, 3.8, 7.0], [0, 1, 1]), abs=1e-9)


def test_recovers_rewards_and_how_readily_ties_are_called() -> None:
    """Rankings of four with ties, drawn from the model; the best of several nu is the true one."""
    truth_S = made.tensor([1.0, 0.3, -0.4, -0.9])
    rankings = [list(r) for r in itertools.product(range(4), repeat=4) if set(r) == set(range(max(r) + 1))]
    everything = RankingBatch(truth_S.expand(len(rankings), 4)[:, :, None], torch.tensor(rankings))
    log_p = -plackett_luce.label_losses(everything, made.complete("plackett_luce", nu=0.8))
    draws = torch.multinomial(log_p.exp(), 20_000, replacement=True, generator=torch.Generator().manual_seed(0))
    seen = torch.bincount(draws, minlength=len(rankings)).double() / 20_000
    found = {}
    for nu in (0.4, 0.6, 0.8, 1.0, 1.2):
        reward_S = torch.zeros(4, dtype=torch.float64, requires_grad=True)

        def loss(nu: float = nu, reward_S: torch.Tensor = reward_S) -> torch.Tensor:
            batch = RankingBatch(reward_S.expand(len(rankings), 4)[:, :, None], torch.tensor(rankings))
            return (seen * plackett_luce.label_losses(batch, made.complete("plackett_luce", nu=nu))).sum()

        found[nu] = (made.minimise([reward_S], loss), reward_S.detach())
    assert min(found, key=lambda nu: found[nu][0]) == 0.8
    torch.testing.assert_close(found[0.8][1] - found[0.8][1].mean(), truth_S, atol=0.05, rtol=0)
