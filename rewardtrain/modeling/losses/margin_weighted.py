"""Bradley-Terry that trusts clear pairs more: the difference is scaled by a bounded function of the margin.

    loss = -q log s(beta delta) - (1 - q) log s(-beta delta),  beta = 1 + w (1 - exp(-k m))

q is the believed probability that a is better, a tie counting half; m >= 0 is how clearly one is better: the margin
of the data, or, with ``margin`` "reward", our own reward's in the direction of the label, which teaches nothing itself
(detached) and is 0 where the model disagrees. beta lies between 1 and 1 + w.

Dynamic reward scaling of MM-RLHF (arXiv 2502.10391, section 4.2: w = .5, k = .5), which scales the beta of DPO by the
margin of a separate reward model; it found the trained model's own margin (its appendix E) of no use there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Weighted by margin"
SUMMARY = "Pairs with a clear margin pull harder, within bounds; close ones, where labels err most, pull less."
LABELS = "pairs"
SETTINGS: dict[str, Any] = settings_of(
    w=setting("number", 0.5, "Largest extra", "How much harder the clearest pairs pull than unclear ones.", minimum=0),
    k=setting("number", 0.5, "Sensitivity", "How soon a margin counts as clear.", exclusiveMinimum=0),
    margin=setting(
        "string", "data", "Whose margin", "That of the data, or that of the rewards as they are learned.",
        enum=["data", "reward"],
    ),
)  # fmt: skip


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each pair, shape (P,)."""
    from torch.nn.functional import logsigmoid

    delta_P, win_P = batch.reward_a_P - batch.reward_b_P, batch.win_P
    if settings["margin"] == "data":
        margin_P = batch.margin_P.abs()
    else:
        margin_P = ((2 * win_P - 1).sign() * delta_P.detach()).clamp(min=0)
    scaled_P = delta_P * (1 - settings["w"] * (-settings["k"] * margin_P).expm1())
    return -win_P * logsigmoid(scaled_P) - (1 - win_P) * logsigmoid(-scaled_P)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b of a pair without a margin."""
    return logistic(delta_P)
