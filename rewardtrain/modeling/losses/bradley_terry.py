"""Bradley-Terry with soft labels, label smoothing, margin and centring.

With q the believed probability that a is better (a tie counts half), smoothed to (1 - eps) q + eps (1 - q):

    loss = -q log s(delta - m) - (1 - q) log s(-(delta - m)) + c (r_a + r_b)^2

Bradley and Terry 1952; smoothing and soft labels as in GRAM (arXiv 2506.14175), margin as in Llama 2
(arXiv 2307.09288), centring as in TRL after arXiv 2312.09244.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch, logistic

if TYPE_CHECKING:
    import torch

TITLE = "Bradley–Terry"
SUMMARY = "The logistic loss of the reward difference; soft labels teach how sure people were, a tie counts half."
LABELS = "pairs"
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "label_smoothing": {
            "type": "number", "default": 0.0, "minimum": 0, "exclusiveMaximum": 0.5, "title": "Label smoothing",
            "description": "Share of labels taken to be flipped; .05 to .15 where labels are noisy.",
        },
        "margin_scale": {
            "type": "number", "default": 1.0, "minimum": 0, "title": "Margin scale",
            "description": "Factor on the margin that the data ask of the difference; 0 ignores margins.",
        },
        "center": {
            "type": "number", "default": 0.0, "minimum": 0, "title": "Centring",
            "description": "Weight of the squared sum of both rewards, which keeps them near 0; .01 is usual.",
        },
    },
}  # fmt: skip


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each pair, shape (P,)."""
    from torch.nn.functional import logsigmoid

    delta_P = batch.reward_a_P - batch.reward_b_P - settings["margin_scale"] * batch.margin_P
    q_P = batch.target_P3[:, 0] + batch.target_P3[:, 1] / 2
    q_P = q_P + settings["label_smoothing"] * (1 - 2 * q_P)
    loss_P = -q_P * logsigmoid(delta_P) - (1 - q_P) * logsigmoid(-delta_P)
    return loss_P + settings["center"] * (batch.reward_a_P + batch.reward_b_P).square()


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b; this model knows no tie."""
    return logistic(delta_P)
