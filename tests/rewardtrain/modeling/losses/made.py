"""Batches of every kind of label, and objectives, in float64, for the tests of losses and penalties."""

from collections.abc import Sequence
from typing import Any

import torch

from rewardtrain import settings
from rewardtrain.modeling import losses
from rewardtrain.modeling.losses import Facts, PairBatch, RankingBatch, RatingBatch
from rewardtrain.modeling.objective import Objective

FACTS = Facts(dimensions=("clarity", "overall", "truth"), raters=("ann", "ben", "cem"), levels=4)


def tensor(values: Any) -> torch.Tensor:
    return torch.as_tensor(values, dtype=torch.float64)


def complete(name: str, **chosen: Any) -> dict:
    return settings.complete(losses.get(name).SETTINGS, chosen, name)


def objective(name: str, facts: Facts = FACTS, **chosen: Any) -> Objective:
    """The loss with its weights, always the same ones."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Objective(name, complete(name, **chosen), facts, width=5).double().eval()


def pairs(a: Any, b: Any, target: Sequence[float] | Any = (1, 0, 0), margin: Any = 0.0, **columns: Any) -> PairBatch:
    """Pairs of rewards, (P,), or of outputs, (P, K); one target for all or one each."""
    out_a, out_b = (tensor(side) if tensor(side).ndim == 2 else tensor(side).reshape(-1, 1) for side in (a, b))
    count = len(out_a)
    given = {"dimension": torch.arange(count) % 3, "rater": torch.arange(count) % 2, **columns}
    return PairBatch(
        out_a,
        out_b,
        tensor(target).expand(count, 3),
        tensor(margin).expand(count),
        vector_a_PD=out_a,
        vector_b_PD=out_b,
        columns={name: torch.as_tensor(values) for name, values in given.items()},
    )


def ratings(out: Any, value: Any, item: Sequence[int] | None = None) -> RatingBatch:
    """Ratings of units with outputs (N,) or (N, K), on one dimension, (N,), or on several, (N, A)."""
    out_NK, value_NA = (tensor(x) if tensor(x).ndim == 2 else tensor(x).reshape(-1, 1) for x in (out, value))
    return RatingBatch(out_NK, value_NA, torch.as_tensor(item if item is not None else [0] * len(out_NK)))


def rankings(reward: Any, rank: Any) -> RankingBatch:
    """Lists of rewards, (L, M), and their ranks."""
    return RankingBatch(tensor(reward)[:, :, None], torch.as_tensor(rank))


def minimise(parameters: Sequence[torch.Tensor], loss: Any, steps: int = 300) -> float:
    """The least loss, with the parameters left where it is."""
    optimizer = torch.optim.LBFGS(
        list(parameters), max_iter=steps, line_search_fn="strong_wolfe", tolerance_change=1e-13
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)
    return float(loss().detach())
