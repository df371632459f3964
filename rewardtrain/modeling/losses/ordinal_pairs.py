"""A distribution over ordered levels for each response, learned from comparisons.

With p and q the softmax of the head's K outputs for a and b, drawn independently:

    P(a) = sum over s > t of p_s q_t,  P(tie) = sum over s of p_s q_s,  P(b) = sum over s < t of p_s q_t

and the loss is the cross-entropy with the label over these three, so a tie says "the same level". The reward is the
expected level, from 1 to K; its deviation says how sure the model is of it.

OPRM (arXiv 2602.12660; nine levels, the weighted mean at inference, the closed form of P(a) as the lower triangle of
the joint matrix), read in its abstract and in public notes on it, for its code is not out; OPRM reads the levels from
digit tokens of a language model, we from K outputs. Its region flooding, which concentrates the mass where a quality
label says, needs such a label beside the pair: `ordinal` learns from those.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Levels from pairs"
SUMMARY = "Each response gets a distribution over levels; the higher draw wins, and the same level is a tie."
LABELS = "pairs"
SETTINGS: dict[str, Any] = settings_of(
    levels=setting("integer", 9, "Levels", "How many; more leave less room for ties.", minimum=2, maximum=100),
    label_smoothing=setting(
        "number", 0.0, "Label smoothing", "Share of wins taken to be flipped.", minimum=0, exclusiveMaximum=0.5
    ),
)  # fmt: skip


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """The logit of each level."""
    return int(settings["levels"])


def log_outcomes(out_a_PK: "torch.Tensor", out_b_PK: "torch.Tensor") -> "torch.Tensor":
    """(P, 3) log probabilities of a, tie, b."""
    import torch

    joint_PKK = out_a_PK.log_softmax(dim=1)[:, :, None] + out_b_PK.log_softmax(dim=1)[:, None, :]
    rows, columns = torch.tril_indices(out_a_PK.shape[1], out_a_PK.shape[1], offset=-1, device=out_a_PK.device)
    win_a_P = joint_PKK[:, rows, columns].logsumexp(dim=1)
    win_b_P = joint_PKK[:, columns, rows].logsumexp(dim=1)
    tie_P = joint_PKK.diagonal(dim1=1, dim2=2).logsumexp(dim=1)
    return torch.stack([win_a_P, tie_P, win_b_P], dim=1)


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each pair, shape (P,)."""
    target_P3 = batch.target_P3 + settings["label_smoothing"] * (batch.target_P3.flip(1) - batch.target_P3)
    return -(target_P3 * log_outcomes(batch.out_a_PK, batch.out_b_PK)).sum(dim=1)


def _levels(out_UK: "torch.Tensor") -> "torch.Tensor":
    import torch

    return torch.arange(1, out_UK.shape[1] + 1, dtype=out_UK.dtype, device=out_UK.device)


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """The expected level, shape (U,)."""
    return out_UK.softmax(dim=1) @ _levels(out_UK)


def deviation(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Standard deviation of the level, shape (U,)."""
    prob_UK, level_K = out_UK.softmax(dim=1), _levels(out_UK)
    return (prob_UK * (level_K - (prob_UK @ level_K)[:, None]).square()).sum(dim=1).sqrt()


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b: the logistic of the difference in levels, since only that is given."""
    return logistic(delta_P)
