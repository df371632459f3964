"""Errors in segments of a text, one yes-or-no output for each type of error, and weights that combine them.

    loss = mean over the types judged of BCE(x_t + offset_t, v_t),  v_t = 1 where the segment has that error
    reward = sum_t w_t (1 - 2 P(error t)), so a clean segment gets the sum of the weights

The types are the dimensions of the ratings; those nobody judged are left out. Offsets are learned, for errors are rare
and heads have no bias. Weights are equal, or given as "facts=.5, relevance=.3"; they change the reward, not what is
learned, so they can be chosen after training. A response's reward is the mean over its segments
(`rewardtrain.modeling.aggregate`).

Fine-Grained RLHF (arXiv 2306.01693: a model for each error type, +1 or -1 a segment, weights .3, .5, .3), here as one
model with an output for each type.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.errors import RecipeError
from rewardtrain.modeling import aggregate
from rewardtrain.modeling.losses import Facts, RatingBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Errors in segments"
SUMMARY = "Which errors does this part have? One answer for each type of error, and weights that make a reward of them."
LABELS = "segments"
SETTINGS: dict[str, Any] = settings_of(
    weights=setting(
        "string", "", "Weights", "Such as “facts=.5, relevance=.3”; types not named get 0. Empty means equal."
    ),
    aggregate=setting(
        "string", "mean", "Aggregate", "What of its segments is a response's reward.", enum=list(aggregate.WAYS)
    ),
)  # fmt: skip


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """One for each type of error."""
    return max(1, len(facts.dimensions))


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """Offsets, and the weights in the order of the types."""
    import torch

    module: Any = torch.nn.Module()
    module.offset_K = torch.nn.Parameter(torch.zeros(outputs(settings, facts)))
    module.register_buffer(
        "weight_K", torch.tensor(weights_of(settings["weights"], facts.dimensions)), persistent=False
    )
    return module


def weights_of(text: str, types: tuple[str, ...]) -> list[float]:
    """The weight of each type; equal ones add up to 1.

    Raises
    ------
    RecipeError
        Where ``text`` is not of the form or names a type that does not exist.
    """
    count = max(1, len(types))
    if not text.strip():
        return [1 / count] * count
    found = dict.fromkeys(types, 0.0)
    for part in text.split(","):
        name, _, number = (piece.strip() for piece in part.partition("="))
        if name not in found:
            raise RecipeError(f"There is no error type {name!r}. Those that exist: {', '.join(types)}.", "weights")
        try:
            found[name] = float(number)
        except ValueError:
            raise RecipeError(f"The weight of {name} must be a number, not {number!r}.", "weights") from None
    return list(found.values())


def label_losses(batch: RatingBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each segment, shape (N,); 0 where nothing was judged."""
    from torch.nn.functional import binary_cross_entropy_with_logits

    judged_NA = batch.value_NA.isfinite()
    wrong_NA = batch.value_NA.nan_to_num(0.0).clamp(0, 1)
    each_NA = binary_cross_entropy_with_logits(batch.out_NK + learned.offset_K, wrong_NA, reduction="none")
    return (each_NA * judged_NA).sum(dim=1) / judged_NA.sum(dim=1).clamp(min=1)


def aspects(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """(U, A): 1 where a type of error is surely absent, -1 where it is surely there."""
    return 1 - 2 * (out_UK + learned.offset_K).sigmoid()


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The weighted sum of these, shape (U,)."""
    return aspects(out_UK, settings, learned) @ learned.weight_K


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b: the logistic of the difference, since only that is given."""
    return logistic(delta_P)
