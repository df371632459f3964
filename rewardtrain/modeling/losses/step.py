"""Steps of reasoning, each judged by itself: bad, neutral or good.

    loss = cross-entropy of the step's label with the softmax of the head's outputs at the step
    reward = expected label / highest label, so 0 is surely bad and 1 surely good

Labels are whole numbers from 0, the worst; steps without one cost nothing. The score is a probability where there are
two labels, so `rewardtrain.modeling.aggregate` can multiply the steps of a response or take the least of them.

Let's Verify Step by Step (arXiv 2305.20050: good, neutral, bad, and the product); TRL's PRMTrainer up to 1.13 reads at
each step's last token.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling import aggregate
from rewardtrain.modeling.losses import Facts, RatingBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Steps"
SUMMARY = "Is this step bad, neutral or good? A response's reward is made of those of its steps."
LABELS = "segments"
SETTINGS: dict[str, Any] = settings_of(
    label_smoothing=setting(
        "number", 0.0, "Label smoothing", "Share of labels spread over all.", minimum=0, exclusiveMaximum=1
    ),
    aggregate=setting(
        "string", "min", "Aggregate", "What of its steps is a response's reward.", enum=list(aggregate.WAYS)
    ),
)  # fmt: skip


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """The logit of each label; three where the facts do not say."""
    return facts.levels if facts.levels >= 2 else 3


def label_losses(batch: RatingBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each step, shape (N,); 0 where it has no label."""
    from torch.nn.functional import cross_entropy

    value_N = batch.value_NA[:, 0]
    label_N = value_N.nan_to_num(0.0).round().long().clamp(0, batch.out_NK.shape[1] - 1)
    loss_N = cross_entropy(batch.out_NK, label_N, reduction="none", label_smoothing=settings["label_smoothing"])
    return loss_N * value_N.isfinite()


def _scores(out_UK: "torch.Tensor") -> "torch.Tensor":
    import torch

    return torch.linspace(0, 1, out_UK.shape[1], dtype=out_UK.dtype, device=out_UK.device)


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """How good each step is, from 0 to 1, shape (U,)."""
    return out_UK.softmax(dim=1) @ _scores(out_UK)


def deviation(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Standard deviation of that, shape (U,)."""
    prob_UK, score_K = out_UK.softmax(dim=1), _scores(out_UK)
    return (prob_UK * (score_K - (prob_UK @ score_K)[:, None]).square()).sum(dim=1).sqrt()


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b: the logistic of the difference, since only that is given."""
    return logistic(delta_P)
