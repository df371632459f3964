"""Two distributions over levels, every combination spelt out."""

import math

import pytest
import torch

from tests.rewardtrain.modeling.losses import made

A, B = [0.2, -1.0, 0.7, 0.0], [1.0, 0.3, -0.5, 0.1]


def softmax(logits: list[float]) -> list[float]:
    total = sum(map(math.exp, logits))
    return [math.exp(x) / total for x in logits]


def outcomes(a: list[float], b: list[float]) -> list[float]:
    p, q = softmax(a), softmax(b)
    cells = [(s, t, p[s] * q[t]) for s in range(len(p)) for t in range(len(q))]
    return [sum(x for s, t, x in cells if (s > t) - (s < t) == sign) for sign in (1, 0, -1)]


def test_agrees_with_every_combination_spelt_out() -> None:
    model = made.objective("ordinal_pairs", levels=4)
    expected = outcomes(A, B)
    assert sum(expected) == pytest.approx(1)
    for outcome in range(3):
        target = [float(i == outcome) for i in range(3)]
        found = model.label_losses(made.pairs([A], [B], target)).item()
        assert found == pytest.approx(-math.log(expected[outcome]), abs=1e-12)


def test_soft_label_is_a_cross_entropy_and_smoothing_swaps_wins() -> None:
    win, tie, loss = (-math.log(p) for p in outcomes(A, B))
    batch = made.pairs([A], [B], (0.5, 0.3, 0.2))
    plain = made.objective("ordinal_pairs", levels=4).label_losses(batch).item()
    smooth = made.objective("ordinal_pairs", levels=4, label_smoothing=0.1).label_losses(batch).item()
    assert plain == pytest.approx(0.5 * win + 0.3 * tie + 0.2 * loss)
    assert smooth == pytest.approx(0.47 * win + 0.3 * tie + 0.23 * loss)


def test_reward_is_the_expected_level_and_deviation_its_spread() -> None:
    model = made.objective("ordinal_pairs", levels=4)
    p = softmax(A)
    mean = sum(level * x for level, x in enumerate(p, 1))
    spread = math.sqrt(sum((level - mean) ** 2 * x for level, x in enumerate(p, 1)))
    assert model.reward(made.tensor([A])).item() == pytest.approx(mean)
    assert model.deviation(made.tensor([A])).item() == pytest.approx(spread)


def test_a_shift_of_logits_changes_nothing() -> None:
    model = made.objective("ordinal_pairs", levels=4)
    shifted = [x + 3 for x in A]
    torch.testing.assert_close(model.label_losses(made.pairs([A], [B])), model.label_losses(made.pairs([shifted], [B])))


def test_ties_draw_the_distributions_together() -> None:
    model = made.objective("ordinal_pairs", levels=4)
    a, b = made.tensor([A]).requires_grad_(), made.tensor([B]).requires_grad_()
    model.label_losses(made.pairs(a, b, (0, 1, 0))).sum().backward()
    before = (model.reward(a) - model.reward(b)).abs()
    after = (model.reward(a - 0.1 * a.grad) - model.reward(b - 0.1 * b.grad)).abs()
    assert after.item() < before.item()


def test_recovers_distributions_that_made_the_labels() -> None:
    """Outcomes of all pairs of 6 responses; what is recovered is how often each beats each."""
    generator = torch.Generator().manual_seed(0)
    truth_SK = torch.randn(6, 4, dtype=torch.float64, generator=generator)
    first, second = torch.combinations(torch.arange(6)).T
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    target = made.tensor([outcomes(truth_SK[i].tolist(), truth_SK[j].tolist()) for i, j in pairs])
    model = made.objective("ordinal_pairs", levels=4)
    least = -(target * target.log()).sum(dim=1).mean().item()
    starts = []
    for _ in range(4):  # the loss has more than one hollow
        out_SK = torch.randn(6, 4, dtype=torch.float64, generator=generator).requires_grad_()

        def loss(out_SK: torch.Tensor = out_SK) -> torch.Tensor:
            return model.label_losses(made.pairs(out_SK[first], out_SK[second], target)).mean()

        starts.append(made.minimise([out_SK], loss))
    assert min(starts) == pytest.approx(least, abs=1e-4)
