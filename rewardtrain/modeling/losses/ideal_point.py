"""Everyone likes best what is closest to a point of their own, and these points are mixtures of a few prototypes.

    reward for rater i = -|x - u_i|,  u_i = softmax(w_i) P;  loss = cross-entropy of the label with s(their difference)

x is the head's output of K numbers, P holds ``prototypes`` points, w_i is learned for each rater. Distances count in
logits, so the map is known but for a rotation and shift. Without a rater the reward is the mean over all of them, and
a pair whose rater is not known (-1) is taken as answered by the mean point. A new rater is placed by their few pairs,
among mixtures of the same prototypes: w maximises the likelihood with a normal prior around the mean of those known.

PAL (arXiv 2406.08469; github.com/RamyaLab/pluralistic-alignment, src/pal_rm_a: user points "Pw", preference by
distance, softmax over prototypes). Its model B, where the point depends on the prompt, is left out.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Ideal points"
SUMMARY = "A point for each rater among a few shared prototypes: rewards that differ by who asks, also for newcomers."
LABELS = "pairs"
NEEDS = ("rater",)
SETTINGS: dict[str, Any] = settings_of(
    size=setting("integer", 8, "Dimensions", "Of the space in which distance is dislike.", minimum=1, maximum=256),
    prototypes=setting("integer", 4, "Prototypes", "Kinds of taste that raters mix.", minimum=1, maximum=64),
    spread=setting(
        "number", 2.0, "Spread of newcomers", "How far a new rater's mixture may lie from the average one, in logits.",
        exclusiveMinimum=0,
    ),
)  # fmt: skip


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """Coordinates of a response."""
    return int(settings["size"])


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """Prototypes and each rater's mixture."""
    import torch

    module: Any = torch.nn.Module()
    module.prototype_CK = torch.nn.Parameter(torch.randn(settings["prototypes"], settings["size"]))
    module.mixture_RC = torch.nn.Parameter(0.1 * torch.randn(max(1, len(facts.raters)), settings["prototypes"]))
    return module


def points(learned: Any) -> "torch.Tensor":
    """(R, K): where each rater stands."""
    return learned.mixture_RC.softmax(dim=1) @ learned.prototype_CK


def _closeness(out_UK: "torch.Tensor", point_UK: "torch.Tensor") -> "torch.Tensor":
    """Minus the distance, smooth at 0."""
    return -((out_UK - point_UK).square().sum(dim=1) + 1e-6).sqrt()


def _loss(batch: PairBatch, point_PK: "torch.Tensor") -> "torch.Tensor":
    from torch.nn.functional import logsigmoid

    delta_P = _closeness(batch.out_a_PK, point_PK) - _closeness(batch.out_b_PK, point_PK)
    return -batch.win_P * logsigmoid(delta_P) - (1 - batch.win_P) * logsigmoid(-delta_P)


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each pair for its rater, shape (P,)."""
    import torch

    rater_P, point_RK = batch.columns["rater"].long(), points(learned)
    point_PK = torch.where((rater_P < 0)[:, None], point_RK.mean(dim=0), point_RK[rater_P.clamp(min=0)])
    return _loss(batch, point_PK)


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The mean over raters, shape (U,)."""
    point_RK = points(learned)
    distance_UR = ((out_UK[:, None, :] - point_RK).square().sum(dim=2) + 1e-6).sqrt()
    return -distance_UR.mean(dim=1)


def place(batch: PairBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The point of one new rater from their pairs, shape (K,)."""
    import torch

    out_a_PK, out_b_PK = batch.out_a_PK.detach(), batch.out_b_PK.detach()
    pairs = PairBatch(out_a_PK, out_b_PK, batch.target_P3, batch.margin_P)
    prototype_CK, mean_C = learned.prototype_CK.detach(), learned.mixture_RC.detach().mean(dim=0)
    mixture_C = mean_C.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([mixture_C], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> "torch.Tensor":
        optimizer.zero_grad()
        prior = ((mixture_C - mean_C) / settings["spread"]).square().sum() / 2
        loss = _loss(pairs, (mixture_C.softmax(dim=0) @ prototype_CK).expand_as(out_a_PK)).sum() + prior
        loss.backward()
        return loss

    with torch.enable_grad():
        optimizer.step(closure)
    return mixture_C.detach().softmax(dim=0) @ prototype_CK


def reward_for(
    out_UK: "torch.Tensor", vector: "torch.Tensor", settings: Mapping[str, Any], learned: Any
) -> "torch.Tensor":
    """For the rater at ``vector``, shape (U,)."""
    return _closeness(out_UK, vector)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b; this model knows no tie."""
    return logistic(delta_P)
