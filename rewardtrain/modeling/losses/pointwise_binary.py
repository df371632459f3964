"""Good or bad, one response at a time, and then every good one before every bad one, across prompts.

    loss_n = BCE(r_n - threshold, v_n) + w * mean of -log s(r_n - r_j) over the responses j of the other verdict

with v the believed probability of "good" (the mean of the verdicts given) and the threshold learned, since heads have
no bias. The pairs are those of win x lose within the batch, whatever prompt they answer, so verdicts of different
prompts must mean the same; each counts half for either side. Soft verdicts weigh pairs by v_i (1 - v_j).

SoliReward (arXiv 2512.22170; github.com/lian700/SoliReward, solireward/trainer/loss.py: BCE with a quality label above
0 as good, beside Bradley-Terry of the pairs it has put together).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, RatingBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Good or bad"
SUMMARY = "Single verdicts, 1 for good and 0 for bad; good responses must also beat bad ones of other prompts."
LABELS = "ratings"
SETTINGS: dict[str, Any] = settings_of(
    pair_weight=setting(
        "number", 1.0, "Weight of pairs", "Of win × lose pairs within the batch; 0 leaves single verdicts.", minimum=0
    ),
    label_smoothing=setting(
        "number", 0.0, "Label smoothing", "Share of verdicts taken to be flipped.", minimum=0, exclusiveMaximum=0.5
    ),
)  # fmt: skip


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """The threshold between bad and good."""
    import torch

    module: Any = torch.nn.Module()
    module.threshold = torch.nn.Parameter(torch.zeros(()))
    return module


def label_losses(batch: RatingBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each response, shape (N,); 0 where it has no verdict."""
    from torch.nn.functional import binary_cross_entropy_with_logits, softplus

    reward_N = batch.out_NK[:, 0]
    has_N = batch.value_NA.isfinite().any(dim=1)
    verdict_N = batch.value_NA.nanmean(dim=1).nan_to_num(0.5).clamp(0, 1)
    smooth_N = verdict_N + settings["label_smoothing"] * (1 - 2 * verdict_N)
    loss_N = binary_cross_entropy_with_logits(reward_N - learned.threshold, smooth_N, reduction="none")
    if settings["pair_weight"]:
        wins_NN = verdict_N[:, None] * (1 - verdict_N) * (has_N[:, None] & has_N)
        wins_NN = wins_NN.fill_diagonal_(0)
        pair_NN = softplus(reward_N - reward_N[:, None])  # -log s(r_row - r_column)
        total_N = wins_NN.sum(dim=1) + wins_NN.sum(dim=0)
        summed_N = (wins_NN * pair_NN).sum(dim=1) + (wins_NN * pair_NN).sum(dim=0)
        loss_N = loss_N + settings["pair_weight"] * summed_N / total_N.clamp(min=1e-9)
    return loss_N * has_N


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b; this model knows no tie."""
    return logistic(delta_P)
