"""Two responses that say the same get the same reward.

    penalty = alpha (r(y) - r(paraphrase of y))^2   for pairs whose column ``same`` is 1; 0 for all others

Such pairs say nothing of which is better, so they give no other loss (`alone`): a paraphrase is paired with its
original and stands among the other pairs.

reWordBench (arXiv 2503.11751): the regulariser alpha (r(x, y) - r(x, y'))^2 beside the pairwise loss.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Consistency"
SUMMARY = "A response and its paraphrase must get the same reward."
NEEDS = ("same",)
SETTINGS: dict[str, Any] = settings_of(
    weight=setting("number", 1.0, "Weight", "Of the squared difference of two rewards that should be one.", minimum=0)
)  # fmt: skip


def penalty(
    batch: PairBatch, settings: Mapping[str, Any], reward_a_P: "torch.Tensor", reward_b_P: "torch.Tensor"
) -> "torch.Tensor":
    """Penalty of each pair, shape (P,)."""
    return settings["weight"] * (reward_a_P - reward_b_P).square() * alone(batch)


def alone(batch: PairBatch) -> "torch.Tensor":
    """Pairs of one meaning, shape (P,)."""
    return batch.columns["same"] == 1
