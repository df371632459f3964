"""Ratings on several dimensions at once, and a learned gate that weighs them into one reward.

    loss_n = mean over the dimensions rated of (x_d - v_d)^2                      ("regression")
          or mean over them of -log s(x_d - y_d) within the item                  ("pairwise")
           + w * mean of -log s(r_n - r_j) over the other responses j of the item

    r = sum_d g_d x_d,  g = softmax(gate / 10)

where dimensions that nobody rated are left out, and of each pair the better comes first; equal ones count half each
way. The head gives 2A numbers: A aspects x and A gate logits, so the gate sees the pooled vector as the aspects do,
and needs no weights of its own. Its pairwise loss follows the dimension called "overall" where there is one, which is
then no aspect itself, and the mean of the others elsewhere. As in ArmoRM it trains the gate alone: aspects stay what
they were rated. Unlike ArmoRM's, our gate sees the response too, since the pooled vector is that of both together.
Offsets of the aspects are learned, for heads have no bias and ratings are not centred.

ArmoRM (arXiv 2406.12845): regression, then a gate with temperature 10; pairwise dimensions as in VideoReward
(arXiv 2501.13918).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, RatingBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Many aspects"
SUMMARY = "A score for each rated dimension, missing ones left out, and a learned gate that weighs them into one."
LABELS = "ratings"
SETTINGS: dict[str, Any] = settings_of(
    fit=setting(
        "string", "regression", "How aspects are learned", "Squared errors, or comparisons within a prompt.",
        enum=["regression", "pairwise"],
    ),
    gate_weight=setting(
        "number", 1.0, "Weight of the gate's loss", "Comparisons of whole responses within a prompt.", minimum=0
    ),
    gate_temperature=setting(
        "number", 10.0, "Gate temperature", "Higher keeps the weights of aspects closer together.", exclusiveMinimum=0
    ),
)  # fmt: skip
OVERALL = "overall"


def _aspects(facts: Facts) -> list[int]:
    """Columns of the dimensions that are aspects."""
    dimensions = facts.dimensions or ("",)
    return [column for column, name in enumerate(dimensions) if name != OVERALL] or [0]


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """Aspects and gate logits; one aspect needs no gate."""
    aspects = len(_aspects(facts))
    return 2 * aspects if aspects > 1 else 1


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """Offsets of the aspects; which columns they are is kept beside them."""
    import torch

    module: Any = torch.nn.Module()
    module.columns = _aspects(facts)
    module.overall = facts.dimensions.index(OVERALL) if OVERALL in facts.dimensions else None
    module.offset_A = torch.nn.Parameter(torch.zeros(len(module.columns)))
    return module


def _scores_and_gate(
    out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any
) -> tuple["torch.Tensor", "torch.Tensor"]:
    count = len(learned.columns)
    score_UA = out_UK[:, :count] + learned.offset_A
    if count == 1:
        return score_UA, score_UA.new_ones(score_UA.shape)
    return score_UA, (out_UK[:, count:] / settings["gate_temperature"]).softmax(dim=1)


def label_losses(batch: RatingBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each response, shape (N,); 0 where it has no rating."""
    score_NA, gate_NA = _scores_and_gate(batch.out_NK, settings, learned)
    value_NA = batch.value_NA[:, learned.columns]
    rated_NA = value_NA.isfinite()
    value_NA = value_NA.nan_to_num(0.0)
    if settings["fit"] == "regression":
        each_NA, counts_NA = (score_NA - value_NA).square(), rated_NA
    else:
        columns = [_within(s, v, r, batch.item_N) for s, v, r in _columns(score_NA, value_NA, rated_NA)]
        each_NA, counts_NA = _stack([loss for loss, _ in columns]), _stack([some for _, some in columns])
    loss_N = (each_NA * counts_NA).sum(dim=1) / counts_NA.sum(dim=1).clamp(min=1)

    if learned.overall is None:
        whole_N = (value_NA * rated_NA).sum(dim=1) / rated_NA.sum(dim=1).clamp(min=1)
        has_N = rated_NA.any(dim=1)
    else:
        whole_N = batch.value_NA[:, learned.overall]
        has_N = whole_N.isfinite()
        whole_N = whole_N.nan_to_num(0.0)
    reward_N = (gate_NA * score_NA.detach()).sum(dim=1)
    gate_loss_N, _ = _within(reward_N, whole_N, has_N, batch.item_N)
    return loss_N + settings["gate_weight"] * gate_loss_N


def _within(
    score_N: "torch.Tensor", value_N: "torch.Tensor", has_N: "torch.Tensor", item_N: "torch.Tensor"
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Mean logistic loss of each response against those of its item, and whether there was any."""
    import torch
    from torch.nn.functional import softplus

    count = len(score_N)
    both_NN = (item_N[:, None] == item_N) & has_N[:, None] & has_N
    both_NN = both_NN & ~torch.eye(count, dtype=torch.bool, device=score_N.device)
    delta_NN = score_N[:, None] - score_N
    win_NN = ((value_N[:, None] - value_N).sign() + 1) / 2
    each_NN = win_NN * softplus(-delta_NN) + (1 - win_NN) * softplus(delta_NN)
    partners_N = both_NN.sum(dim=1)
    return (each_NN * both_NN).sum(dim=1) / partners_N.clamp(min=1), partners_N > 0


def _columns(*tensors_NA: "torch.Tensor") -> Any:
    return zip(*(tensor_NA.unbind(dim=1) for tensor_NA in tensors_NA), strict=True)


def _stack(columns: list["torch.Tensor"]) -> "torch.Tensor":
    import torch

    return torch.stack(columns, dim=1)


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The aspects as the gate weighs them, shape (U,)."""
    score_UA, gate_UA = _scores_and_gate(out_UK, settings, learned)
    return (gate_UA * score_UA).sum(dim=1)


def aspects(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """(U, A): each dimension's score; in the place of "overall" stands the reward, which has its own scale."""
    score_UA, _ = _scores_and_gate(out_UK, settings, learned)
    found = list(score_UA.unbind(dim=1))
    if learned.overall is not None and learned.overall not in learned.columns:
        found.insert(learned.overall, reward(out_UK, settings, learned))
    return _stack(found)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b; this model knows no tie."""
    return logistic(delta_P)
