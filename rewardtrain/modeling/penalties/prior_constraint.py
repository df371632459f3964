"""The margin must not grow without end, and least of all between responses that are alike.

    penalty = -log s(delta* - delta),  delta* = beta1 / (s + beta2) + beta3

delta is the reward of the better response minus that of the other (soft labels: both ways, weighted), and s in 0 to 1
says how alike the two are: the shorter length over the longer, or 1 - arccos(cosine) / pi of the pooled vectors, with
cosines below 0 taken as 0. s teaches nothing itself.

Prior constraints-based reward model (PCRM, arXiv 2404.00978; github.com/wangclnlp/DeepSpeed-Chat-Extension, branch
PCRM, dschat/utils/model/reward_model.py), which adds it with weight 1; beta 6, .001, 0. Its vectors come from a frozen
reference model, ours from the backbone in training, detached.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Prior constraint"
SUMMARY = "Bounds how far the rewards of a pair may part: little where the responses are alike, more where they differ."
NEEDS = ("length_a", "length_b", "vectors")
SETTINGS: dict[str, Any] = settings_of(
    weight=setting("number", 1.0, "Weight", "Of the penalty beside the loss.", minimum=0),
    alike=setting(
        "string", "length", "Alike in", "Length, or the angle between their vectors.", enum=["length", "cosine"]
    ),
    beta1=setting("number", 6.0, "beta1", "The margin allowed to responses that are entirely alike.", minimum=0),
    beta2=setting("number", 0.001, "beta2", "Keeps the margin finite where nothing is alike.", exclusiveMinimum=0),
    beta3=setting("number", 0.0, "beta3", "Added to every margin allowed."),
)  # fmt: skip


def penalty(
    batch: PairBatch, settings: Mapping[str, Any], reward_a_P: "torch.Tensor", reward_b_P: "torch.Tensor"
) -> "torch.Tensor":
    """Penalty of each pair, shape (P,)."""
    from torch.nn.functional import logsigmoid

    delta_P = reward_a_P - reward_b_P
    allowed_P = settings["beta1"] / (alike(batch, settings["alike"]) + settings["beta2"]) + settings["beta3"]
    each_P = -batch.win_P * logsigmoid(allowed_P - delta_P) - (1 - batch.win_P) * logsigmoid(allowed_P + delta_P)
    return settings["weight"] * each_P


def alike(batch: PairBatch, way: str) -> "torch.Tensor":
    """How alike the responses of each pair are, from 0 to 1, shape (P,)."""
    import torch
    from torch.nn.functional import cosine_similarity

    if way == "length":
        length_a_P, length_b_P = (batch.columns[name].to(batch.target_P3.dtype) for name in ("length_a", "length_b"))
        return torch.minimum(length_a_P, length_b_P) / torch.maximum(length_a_P, length_b_P).clamp(min=1)
    if batch.vector_a_PD is None or batch.vector_b_PD is None:
        raise KeyError("vectors")
    cosine_P = cosine_similarity(batch.vector_a_PD.detach(), batch.vector_b_PD.detach(), dim=1).clamp(0, 1)
    return 1 - cosine_P.acos() / math.pi
