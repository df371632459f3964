"""Rewards must look the same whatever the value of something that should not count, such as length.

    penalty = weight * mean over pairs of bins m, m' of MMD^2(rewards in bin m, rewards in bin m')

Responses are put into bins of equal size by the factor: their length in characters, or the position at which they
were shown (a before b). MMD^2 is the unbiased estimate with a Gaussian kernel, whose width is the median distance of
the batch's rewards (detached); an estimate below 0 counts as it is, or the mean would be pushed up, but the mean over
all bins is cut at 0. Conditional on the label, winners are compared with winners and losers with losers, so that a
factor which rightly goes with quality may still do so.

Beyond Reward Hacking (arXiv 2501.09620, both variants), of which the abstract and public notes were read; the
regulariser on the reward instead of on a representation, and the estimate of Gretton et al. 2012. It is a quantity of
the batch: every pair gets the same number, and small batches with many bins estimate little.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Counterfactual invariance"
SUMMARY = "Keeps rewards from following length or position, as far as quality does not explain it."
NEEDS = ("length_a", "length_b")
SETTINGS: dict[str, Any] = settings_of(
    weight=setting("number", 1.0, "Weight", "Of the penalty beside the loss.", minimum=0),
    factor=setting(
        "string", "length", "Factor", "What must not count: the length, or the position shown.",
        enum=["length", "position"],
    ),
    bins=setting("integer", 4, "Bins", "Of lengths; position has two.", minimum=2, maximum=20),
    conditional=setting(
        "boolean", True, "Given the label", "Compare winners with winners and losers with losers only."
    ),
)  # fmt: skip


def penalty(
    batch: PairBatch, settings: Mapping[str, Any], reward_a_P: "torch.Tensor", reward_b_P: "torch.Tensor"
) -> "torch.Tensor":
    """The batch's penalty for each pair, shape (P,)."""
    import torch

    reward_U = torch.cat([reward_a_P, reward_b_P])
    if settings["factor"] == "length":
        length_U = torch.cat([batch.columns["length_a"], batch.columns["length_b"]])
        bin_U = binned(length_U, settings["bins"])
    else:
        bin_U = torch.arange(2, device=reward_U.device).repeat_interleave(len(reward_a_P))
    if settings["conditional"]:
        won_U = torch.cat([batch.win_P, 1 - batch.win_P])
        groups = [won_U > 0.5, won_U < 0.5]
    else:
        groups = [torch.ones_like(bin_U, dtype=torch.bool)]

    distance_UU = (reward_U[:, None] - reward_U).abs().detach()
    width = distance_UU[distance_UU > 0].median() if (distance_UU > 0).any() else distance_UU.new_ones(())
    found = []
    for group_U in groups:
        bins = [reward_U[group_U & (bin_U == place)] for place in bin_U.unique()]
        bins = [rewards for rewards in bins if len(rewards) > 1]
        found += [mmd(one, other, width) for at, one in enumerate(bins) for other in bins[at + 1 :]]
    value = torch.stack(found).mean().clamp(min=0) if found else reward_U.sum() * 0
    return settings["weight"] * value.expand(len(reward_a_P))


def binned(value_U: "torch.Tensor", bins: int) -> "torch.Tensor":
    """The bin of each value, from 0; bins are of equal size but for equal values, which share one."""
    import torch

    below_U = torch.searchsorted(value_U.sort().values, value_U)
    return below_U * bins // len(value_U)


def mmd(x_N: "torch.Tensor", y_M: "torch.Tensor", width: "torch.Tensor | float") -> "torch.Tensor":
    """Unbiased squared maximum mean discrepancy of two samples of two or more, with a Gaussian kernel."""

    def kernel(one: "torch.Tensor", other: "torch.Tensor") -> "torch.Tensor":
        return (-((one[:, None] - other) / width).square() / 2).exp()

    n, m = len(x_N), len(y_M)
    within_x = (kernel(x_N, x_N).sum() - n) / (n * (n - 1))
    within_y = (kernel(y_M, y_M).sum() - m) / (m * (m - 1))
    return within_x + within_y - 2 * kernel(x_N, y_M).mean()
