"""Every loss keeps the contract of `rewardtrain.modeling.losses`, whatever kind of label it learns from."""

from typing import Any

import pytest
import torch

from rewardtrain.modeling import losses
from rewardtrain.modeling.objective import Objective
from tests.rewardtrain.modeling.losses import made

DELTA = torch.linspace(-6, 6, 25, dtype=torch.float64)
COLUMNS = {"dimension", "rater", "length_a", "length_b", "same"}
ERRORS = {"span"}
"""Where a label says what is wrong: a lower one is better."""
SMOOTH = {
    "multi_aspect": {"gate_weight": 0, "fit": "pairwise"},  # the gate's loss holds the aspects still on purpose
    "variational": {"size": 3, "latent": 2, "hidden": 4},
    "ideal_point": {"size": 3, "prototypes": 2},
    "ordinal_pairs": {"levels": 4},
}
"""Settings under which the derivatives can be checked, in little time."""
NAN = float("nan")
PAIRWISE = [name for name in losses.names() if losses.get(name).LABELS == "pairs"]
SCALAR = [name for name in PAIRWISE if not hasattr(losses.get(name), "outputs")]


def outs(*shape: int, seed: int = 0, scale: float = 1.0) -> torch.Tensor:
    return scale * torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def batch_of(model: Objective, out: torch.Tensor, hard: bool = False) -> Any:
    """A batch of labels of every sort around 12 units' outputs; with ``hard`` sure ones of single pairs."""
    kind, outputs = model.loss.LABELS, model.outputs
    if kind == "pairs":
        return made.pairs(out[:6], out[6:], (1, 0, 0) if hard else (0.5, 0.2, 0.3), 0.0 if hard else 0.3)
    if kind == "rankings":
        rank = [[0, 1, -1, -1]] * 3 if hard else [[1, 0, 1, 2], [0, 0, 0, -1], [2, -1, 0, 1]]
        return losses.RankingBatch(out.reshape(3, 4, outputs), torch.tensor(rank))
    best = 0 if model.loss.__name__.rpartition(".")[2] in ERRORS else 1
    high = 2 if kind == "segments" and model.outputs == 3 and best else 1
    if hard:
        value = made.tensor([[high * best] * 3, [high * (1 - best)] * 3] * 6)
    else:
        value = made.tensor([[1, NAN, 0], [0, 1, NAN], [1, 1, 1], [NAN] * 3, [0, 0, 1], [1, 0, 1]] * 2)
    return made.ratings(out, value, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 0])


def winner_and_loser(model: Objective, out: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Places in ``out`` of the units that a ``hard`` batch calls better and worse."""
    units = torch.arange(len(out))
    if model.loss.LABELS == "pairs":
        return units[:6], units[6:]
    if model.loss.LABELS == "rankings":
        return units[0::4], units[1::4]
    return units[0::2], units[1::2]


@pytest.mark.parametrize("name", losses.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        loss = losses.get(name)
        assert loss.TITLE
        assert loss.SUMMARY
        assert loss.LABELS in ("pairs", "ratings", "rankings", "segments")
        assert set(getattr(loss, "NEEDS", ())) <= COLUMNS
        assert loss.SETTINGS["additionalProperties"] is False
        for rule in loss.SETTINGS["properties"].values():
            assert {"type", "default", "title", "description"} <= rule.keys()

    def test_gives_one_finite_loss_a_label(self, name: str) -> None:
        model = made.objective(name)
        out = outs(12, model.outputs).sign().mul(80).requires_grad_()
        loss_L = model.label_losses(batch_of(model, out))
        assert loss_L.shape == ({"pairs": 6, "rankings": 3}.get(model.loss.LABELS, 12),)
        assert torch.isfinite(loss_L).all()
        loss_L.sum().backward()
        assert torch.isfinite(out.grad).all()
        assert all(torch.isfinite(weight.grad).all() for weight in model.parameters() if weight.grad is not None)

    def test_probabilities_sum_to_one_and_favour_the_higher_reward(self, name: str) -> None:
        prob_P3 = made.objective(name).probabilities(DELTA)
        assert prob_P3.shape == (25, 3)
        torch.testing.assert_close(prob_P3.sum(dim=1), torch.ones(25, dtype=torch.float64))
        assert (prob_P3 >= 0).all()
        assert (prob_P3[:, 0].diff() > 0).all()
        torch.testing.assert_close(prob_P3, made.objective(name).probabilities(-DELTA).flip(1))

    def test_gradient_raises_the_winner(self, name: str) -> None:
        """From equal outputs a small step down the gradient puts the better unit ahead."""
        model = made.objective(name)
        out = (0.1 * torch.ones(12, model.outputs, dtype=torch.float64)).requires_grad_()
        model.label_losses(batch_of(model, out, hard=True)).sum().backward()
        reward_U = model.reward((out - 1e-4 * out.grad).detach())
        better, worse = winner_and_loser(model, out)
        assert (reward_U[better] > reward_U[worse]).all()

    def test_gradient_is_right(self, name: str) -> None:
        model = made.objective(name, **SMOOTH.get(name, {}))
        for setting in ("center", "label_smoothing"):
            if setting in model.settings:
                model.settings[setting] = 0.1
        out = outs(12, model.outputs).requires_grad_()
        weights = [weight for weight in model.parameters() if name != "multi_aspect"]
        torch.autograd.gradcheck(lambda out, *_: model.label_losses(batch_of(model, out)), (out, *weights))

    def test_every_weight_of_its_own_learns(self, name: str) -> None:
        model = made.objective(name)
        out = outs(12, model.outputs).requires_grad_()
        model.label_losses(batch_of(model, out)).sum().backward()
        assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in model.parameters())

    def test_reads_rewards_deviations_and_aspects(self, name: str) -> None:
        model = made.objective(name)
        out = outs(7, model.outputs)
        assert model.reward(out).shape == (7,)
        deviation = model.deviation(out)
        assert deviation is None or (deviation.shape == (7,) and (deviation >= 0).all())
        assert model.aspects(out).shape in ((7, 0), (7, 3))

    def test_says_the_same_twice_when_not_training(self, name: str) -> None:
        model = made.objective(name)
        batch = batch_of(model, outs(12, model.outputs))
        assert torch.equal(model.label_losses(batch), model.label_losses(batch))


@pytest.mark.parametrize("name", PAIRWISE)
class TestPairs:
    def test_sides_are_alike(self, name: str) -> None:
        model = made.objective(name)
        a, b = outs(6, model.outputs), outs(6, model.outputs, seed=1)
        one = model.label_losses(made.pairs(a, b, (0.6, 0.3, 0.1), 0.4))
        other = model.label_losses(made.pairs(b, a, (0.1, 0.3, 0.6), -0.4))
        torch.testing.assert_close(one, other)

    def test_half_precision_is_not_needed_but_float32_is_enough(self, name: str) -> None:
        model = made.objective(name)
        out = outs(12, model.outputs, scale=3)
        single = made.objective(name).float().label_losses(_float32(batch_of(model, out)))
        torch.testing.assert_close(single.double(), model.label_losses(batch_of(model, out)), atol=1e-4, rtol=1e-4)


def _float32(batch: losses.PairBatch) -> losses.PairBatch:
    return losses.PairBatch(
        batch.out_a_PK.float(), batch.out_b_PK.float(), batch.target_P3.float(), batch.margin_P.float(),
        columns=batch.columns,
    )  # fmt: skip


@pytest.mark.parametrize("name", SCALAR)
class TestScalarPairs:
    def test_only_the_difference_counts_without_centring(self, name: str) -> None:
        model = made.objective(name)
        zero = torch.zeros_like(DELTA)
        here = model.label_losses(made.pairs(DELTA, zero, (0.6, 0.3, 0.1)))
        shifted = model.label_losses(made.pairs(DELTA + 7, zero + 7, (0.6, 0.3, 0.1)))
        torch.testing.assert_close(here, shifted)

    def test_recovers_the_rewards_that_made_the_labels(self, name: str) -> None:
        """With labels drawn by the model from known rewards, the lowest loss is near those rewards."""
        if name == "noise_aware":
            return  # its labels are drawn with flips, in its own test
        model = made.objective(name)
        generator = torch.Generator().manual_seed(1)
        truth_S = torch.randn(8, dtype=torch.float64, generator=generator)
        first, second = torch.combinations(torch.arange(8)).T
        prob_P3 = model.probabilities(truth_S[first] - truth_S[second])
        draws = torch.multinomial(prob_P3, 4000, replacement=True, generator=generator)
        target_P3 = torch.stack([(draws == outcome).double().mean(dim=1) for outcome in range(3)], dim=1)
        reward_S = torch.zeros(8, dtype=torch.float64, requires_grad=True)
        made.minimise(
            [reward_S], lambda: model.label_losses(_rewards(reward_S[first], reward_S[second], target_P3)).mean()
        )
        found_S = reward_S.detach() - reward_S.detach().mean()
        torch.testing.assert_close(found_S, truth_S - truth_S.mean(), atol=0.08, rtol=0)


def _rewards(a_P: torch.Tensor, b_P: torch.Tensor, target_P3: torch.Tensor) -> losses.PairBatch:
    return losses.PairBatch(a_P[:, None], b_P[:, None], target_P3, torch.zeros_like(a_P))


@pytest.mark.parametrize(
    "name", [name for name in losses.names() if losses.get(name).LABELS in ("ratings", "segments")]
)
class TestRatings:
    def test_the_order_of_units_does_not_matter(self, name: str) -> None:
        model = made.objective(name)
        batch = batch_of(model, outs(12, model.outputs))
        order = torch.randperm(12, generator=torch.Generator().manual_seed(2))
        mixed = losses.RatingBatch(batch.out_NK[order], batch.value_NA[order], batch.item_N[order])
        torch.testing.assert_close(model.label_losses(mixed), model.label_losses(batch)[order])

    def test_what_nobody_rated_costs_and_teaches_nothing(self, name: str) -> None:
        model = made.objective(name)
        out = outs(12, model.outputs).requires_grad_()
        loss_N = model.label_losses(batch_of(model, out))
        assert loss_N[3] == loss_N[9] == 0
        loss_N.sum().backward()
        assert (out.grad[[3, 9]] == 0).all()


@pytest.mark.parametrize("name", [name for name in losses.names() if losses.get(name).LABELS == "rankings"])
class TestRankings:
    def test_the_order_of_places_does_not_matter(self, name: str) -> None:
        model = made.objective(name)
        batch = batch_of(model, outs(12, model.outputs))
        order = torch.tensor([2, 0, 3, 1])
        mixed = losses.RankingBatch(batch.out_LMK[:, order], batch.rank_LM[:, order])
        torch.testing.assert_close(model.label_losses(mixed), model.label_losses(batch))

    def test_what_is_not_ranked_means_nothing(self, name: str) -> None:
        model = made.objective(name)
        batch = batch_of(model, outs(12, model.outputs))
        out_LMK = batch.out_LMK.masked_fill((batch.rank_LM < 0)[:, :, None], NAN).requires_grad_()
        loss_L = model.label_losses(losses.RankingBatch(out_LMK, batch.rank_LM))
        torch.testing.assert_close(loss_L, model.label_losses(batch))
        loss_L.sum().backward()
        assert (out_LMK.grad[batch.rank_LM < 0] == 0).all()

    def test_lists_without_a_comparison_cost_nothing(self, name: str) -> None:
        model = made.objective(name)
        rank = torch.tensor([[0, -1, -1, -1], [-1, -1, -1, -1], [-1, -1, 3, -1]])
        loss_L = model.label_losses(losses.RankingBatch(outs(3, 4, model.outputs), rank))
        torch.testing.assert_close(loss_L, torch.zeros(3, dtype=torch.float64))


@pytest.mark.parametrize("name", [name for name in losses.names() if hasattr(losses.get(name), "place")])
class TestRaters:
    def test_places_a_new_rater_and_rewards_for_them(self, name: str) -> None:
        model = made.objective(name)
        batch = made.pairs(outs(5, model.outputs), outs(5, model.outputs, seed=1))
        vector = model.loss.place(batch, model.settings, model.learned)
        assert not vector.requires_grad
        torch.testing.assert_close(vector, model.loss.place(batch, model.settings, model.learned))
        assert model.loss.reward_for(batch.out_a_PK, vector, model.settings, model.learned).shape == (5,)

    def test_placing_does_not_depend_on_the_order_or_sides_of_pairs(self, name: str) -> None:
        model = made.objective(name)
        a, b = outs(5, model.outputs), outs(5, model.outputs, seed=1)
        one = model.loss.place(made.pairs(a, b), model.settings, model.learned)
        other = model.loss.place(made.pairs(b.flip(0), a.flip(0), (0, 0, 1)), model.settings, model.learned)
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-6)
