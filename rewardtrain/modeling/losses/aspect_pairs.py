"""Comparisons dimension by dimension: each pair trains the output of its own dimension.

    loss = cross-entropy of the pair's label with s(x_d - y_d),  d the dimension asked about
    reward = sum_d w_d x_d,  w >= 0

The weights are equal, or learned from the pairs of a dimension called "overall": that one then has no output of its
own but compares rewards, so people's whole verdicts say how much each aspect counts. These pairs train the aspects
too, since they are often most of the data; what an aspect means is held by its own pairs. Without "overall", or with
``weights`` "equal", the reward is the plain mean.

Per-dimension Bradley-Terry as in VideoReward (arXiv 2501.13918).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Aspects from pairs"
SUMMARY = "Comparisons asked dimension by dimension; whole verdicts teach how much each dimension counts."
LABELS = "pairs"
NEEDS = ("dimension",)
SETTINGS: dict[str, Any] = settings_of(
    weights=setting(
        "string", "learned", "Weights of dimensions", "Equal, or learned from “overall” where it is there.",
        enum=["learned", "equal"],
    ),
    label_smoothing=setting(
        "number", 0.0, "Label smoothing", "Share of labels taken to be flipped.", minimum=0, exclusiveMaximum=0.5
    ),
)  # fmt: skip
OVERALL = "overall"


def _overall(settings: Mapping[str, Any], facts: Facts) -> int | None:
    """The place of the dimension that the reward itself answers."""
    if settings["weights"] == "equal" or OVERALL not in facts.dimensions or len(facts.dimensions) == 1:
        return None
    return facts.dimensions.index(OVERALL)


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """One for each dimension; none for "overall" where it is made of the others."""
    return max(1, len(facts.dimensions)) - (_overall(settings, facts) is not None)


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """The weights, through softplus so that none is negative; they begin as a mean."""
    import math

    import torch

    module: Any = torch.nn.Module()
    module.overall = _overall(settings, facts)
    count = outputs(settings, facts)
    if module.overall is None:
        module.raw_K = None
    else:
        module.raw_K = torch.nn.Parameter(torch.full((count,), math.log(math.expm1(1 / count))))
    return module


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The weighted aspects, shape (U,)."""
    from torch.nn.functional import softplus

    return out_UK.mean(dim=1) if learned.raw_K is None else out_UK @ softplus(learned.raw_K)


def aspects(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """(U, A): each dimension's output; in the place of a made "overall" stands the reward."""
    import torch

    if learned.overall is None:
        return out_UK
    whole_U1 = reward(out_UK, settings, learned)[:, None]
    return torch.cat([out_UK[:, : learned.overall], whole_U1, out_UK[:, learned.overall :]], dim=1)


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each pair on its dimension, shape (P,)."""
    from torch.nn.functional import logsigmoid

    aspect_a_PA, aspect_b_PA = (aspects(out_PK, settings, learned) for out_PK in (batch.out_a_PK, batch.out_b_PK))
    dimension_P1 = batch.columns["dimension"].long()[:, None]
    delta_P = (aspect_a_PA - aspect_b_PA).gather(1, dimension_P1)[:, 0]
    win_P = batch.win_P + settings["label_smoothing"] * (1 - 2 * batch.win_P)
    return -win_P * logsigmoid(delta_P) - (1 - win_P) * logsigmoid(-delta_P)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b; this model knows no tie."""
    return logistic(delta_P)
