"""Bradley-Terry with ties after Rao and Kupper, soft labels over a, tie and b.

With t = ln k, the model gives P(a) = s(delta - t), P(b) = s(-delta - t) and
P(tie) = (k^2 - 1) s(delta - t) s(-delta - t), which sum to 1; the loss is the cross-entropy with the label.

Rao and Kupper 1967 (10.1080/01621459.1967.10482901); k = 5 as in VideoReward (arXiv 2501.13918).
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch

if TYPE_CHECKING:
    import torch

TITLE = "Bradley–Terry with ties"
SUMMARY = "Rao and Kupper's model: a tie is an outcome of its own, and it pulls the two rewards together."
LABELS = "pairs"
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "k": {
            "type": "number", "default": 5.0, "exclusiveMinimum": 1, "title": "k",
            "description": "How readily people call a tie: 1 never; of equal rewards (k - 1) / (k + 1) are ties.",
        },
        "label_smoothing": {
            "type": "number", "default": 0.0, "minimum": 0, "exclusiveMaximum": 0.5, "title": "Label smoothing",
            "description": "Share of wins taken to be flipped.",
        },
        "margin_scale": {
            "type": "number", "default": 1.0, "minimum": 0, "title": "Margin scale",
            "description": "Factor on the margin that the data ask of the difference; 0 ignores margins.",
        },
        "center": {
            "type": "number", "default": 0.0, "minimum": 0, "title": "Centring",
            "description": "Weight of the squared sum of both rewards, which keeps them near 0.",
        },
    },
}  # fmt: skip


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each pair, shape (P,)."""
    from torch.nn.functional import logsigmoid

    k = settings["k"]
    delta_P = batch.reward_a_P - batch.reward_b_P - settings["margin_scale"] * batch.margin_P
    log_a_P, log_b_P = logsigmoid(delta_P - math.log(k)), logsigmoid(-delta_P - math.log(k))
    target_a_P, target_tie_P, target_b_P = batch.target_P3.unbind(dim=1)
    swapped_P = settings["label_smoothing"] * (target_b_P - target_a_P)
    loss_P = (
        -(target_a_P + swapped_P) * log_a_P
        - (target_b_P - swapped_P) * log_b_P
        - target_tie_P * (log_a_P + log_b_P + math.log(k * k - 1))
    )
    return loss_P + settings["center"] * (batch.reward_a_P + batch.reward_b_P).square()


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b."""
    import torch

    k = settings["k"]
    win_a_P, win_b_P = (delta_P - math.log(k)).sigmoid(), (-delta_P - math.log(k)).sigmoid()
    return torch.stack([win_a_P, (k * k - 1) * win_a_P * win_b_P, win_b_P], dim=1)
