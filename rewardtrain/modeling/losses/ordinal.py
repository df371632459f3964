"""Ratings on an ordered scale: a response's quality x falls between cut points that are learned.

    P(level <= j) = s(c_j - x),  c_1 < c_2 < ... < c_(L-1);  loss = -log P(level given)
    reward = E[level],  deviation = sqrt(Var[level])

for levels 0 to L - 1, so that the steps of a scale need not be equally far apart. With several dimensions each has
its own quality and cut points, those not rated are left out, and the reward is the mean of the expected levels.
This is where level labels go: `ordinal_pairs` learns a distribution over levels from comparisons alone.

McCullagh 1980 (cumulative logit); expected level as reward and its variance as doubt as in OPRM (arXiv 2602.12660).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.errors import RecipeError
from rewardtrain.modeling.losses import Facts, RatingBatch, logistic, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Ordered levels"
SUMMARY = "Ratings on a scale whose steps may be unequal; the reward is the expected level, with its deviation."
LABELS = "ratings"
SETTINGS: dict[str, Any] = settings_of()


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """One quality for each dimension."""
    return max(1, len(facts.dimensions))


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """Cut points: the first, and the logarithms of the gaps; they begin one apart around 0."""
    import torch

    if facts.levels < 2:
        raise RecipeError("The loss ordinal needs ratings that are whole numbers from 0, on a scale of two or more.")
    module: Any = torch.nn.Module()
    dimensions = outputs(settings, facts)
    module.first_A = torch.nn.Parameter(torch.full((dimensions,), -(facts.levels - 2) / 2))
    module.log_gap_AG = torch.nn.Parameter(torch.zeros(dimensions, facts.levels - 2))
    return module


def cut_points(learned: Any) -> "torch.Tensor":
    """(A, L - 1), rising."""
    import torch

    gaps_AG = learned.log_gap_AG.clamp(-6, 6).exp()
    return torch.cat([learned.first_A[:, None], learned.first_A[:, None] + gaps_AG.cumsum(dim=1)], dim=1)


def log_probabilities(quality_UA: "torch.Tensor", learned: Any) -> "torch.Tensor":
    """(U, A, L): of every level, exact far out in the tails."""
    import torch
    from torch.nn.functional import logsigmoid

    cut_AC = cut_points(learned)
    above_UAC = cut_AC - quality_UA[:, :, None]
    lowest_UA1 = logsigmoid(above_UAC[:, :, :1])
    highest_UA1 = logsigmoid(-above_UAC[:, :, -1:])
    # s(u) - s(l) = s(u) s(-l) (1 - exp(l - u))
    between_UAG = logsigmoid(above_UAC[:, :, 1:]) + logsigmoid(-above_UAC[:, :, :-1])
    between_UAG = between_UAG + torch.log(-torch.expm1(-(cut_AC[:, 1:] - cut_AC[:, :-1])))
    return torch.cat([lowest_UA1, between_UAG, highest_UA1], dim=2)


def label_losses(batch: RatingBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each response, the mean over its ratings, shape (N,); 0 where it has none."""
    rated_NA = batch.value_NA.isfinite()
    log_prob_NAL = log_probabilities(batch.out_NK, learned)
    level_NA = batch.value_NA.nan_to_num(0.0).round().long().clamp(0, log_prob_NAL.shape[2] - 1)
    each_NA = -log_prob_NAL.gather(2, level_NA[:, :, None])[:, :, 0]
    return (each_NA * rated_NA).sum(dim=1) / rated_NA.sum(dim=1).clamp(min=1)


def aspects(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """(U, A): the expected level on each dimension."""
    # E[level] = sum over cut points of P(level above it)
    return (out_UK[:, :, None] - cut_points(learned)).sigmoid().sum(dim=2)


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The expected level, the mean over dimensions, shape (U,)."""
    return aspects(out_UK, settings, learned).mean(dim=1)


def deviation(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Standard deviation of that mean, dimensions taken as independent, shape (U,)."""
    import torch

    prob_UAL = log_probabilities(out_UK, learned).exp()
    level_L = torch.arange(prob_UAL.shape[2], dtype=out_UK.dtype, device=out_UK.device)
    mean_UA = prob_UAL @ level_L
    variance_UA = (prob_UAL * (level_L - mean_UA[:, :, None]).square()).sum(dim=2)
    return variance_UA.sum(dim=1).sqrt() / variance_UA.shape[1]


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b: the logistic of the difference in levels, since only that is given."""
    return logistic(delta_P)
