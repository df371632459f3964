"""Plackett and Luce's model of rankings, with ties after Davidson and Luce.

Among what is left, people choose the best, then the best of the rest, and so on; a group of t equal ones is chosen
with the weight nu^(t-1) times the geometric mean of its strengths, beside all other groups that could be chosen:

    P(group S of those left R) = w(S) / sum of w(T) over all T in R,  w(T) = nu^(|T|-1) exp(mean of rewards in T)

The sum has 2^|R| terms but needs none of them: the groups of one size add up to an elementary symmetric polynomial of
exp(reward / size), which a recursion gives. Two responses make it Davidson's model of pairs (1970). The ties are
neither broken at random nor averaged over orders (Efron), since a tie is what was said.

Plackett 1975, Luce 1959; ties: Firth, Kosmidis and Turner 2019 (arXiv 1909.07123), with their tie parameters
delta_t = nu^(t-1). A list counts as one label, however long.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import RankingBatch, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Plackett–Luce"
SUMMARY = "Whole rankings, ties among them: a list teaches what its pairs teach, but counts its labels only once."
LABELS = "rankings"
SETTINGS: dict[str, Any] = settings_of(
    nu=setting(
        "number", 0.5, "Tie weight", "How readily people call a tie: of two equals nu / (2 + nu) are ties.",
        exclusiveMinimum=0,
    )
)  # fmt: skip
NOTHING = -1e9
"""The logarithm of nothing: finite, so that gradients are."""


def label_losses(batch: RankingBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each list, shape (L,); 0 where fewer than two responses are ranked."""
    import torch

    log_nu = math.log(settings["nu"])
    ranked_LM = batch.rank_LM >= 0
    order_LM = batch.rank_LM.masked_fill(~ranked_LM, -1).argsort(dim=1, descending=True, stable=True)  # worst first
    rank_LM = batch.rank_LM.gather(1, order_LM)
    ranked_LM = ranked_LM.gather(1, order_LM)
    reward_LM = torch.where(ranked_LM, batch.out_LMK[:, :, 0].gather(1, order_LM), 0.0)

    size_LM = ((rank_LM[:, :, None] == rank_LM[:, None, :]) & ranked_LM[:, None, :]).sum(dim=2)
    best_of_group_LM = ranked_LM & torch.cat([rank_LM[:, 1:] != rank_LM[:, :-1], torch.ones_like(ranked_LM[:, :1])], 1)
    sizes_LM = size_LM.clamp(min=1).to(reward_LM.dtype)
    # a group's log weight is the sum of its members' shares, so shares and sums over those left can be added freely
    chosen_LM = torch.where(ranked_LM, reward_LM / sizes_LM + log_nu * (sizes_LM - 1) / sizes_LM, 0.0)
    all_LM = _log_sum_of_groups(reward_LM, ranked_LM, log_nu)
    return torch.where(best_of_group_LM, all_LM, 0.0).sum(dim=1) - chosen_LM.sum(dim=1)


def _log_sum_of_groups(reward_LM: "torch.Tensor", ranked_LM: "torch.Tensor", log_nu: float) -> "torch.Tensor":
    """log of the summed weights of all groups among the first m ranked responses, for each m, shape (L, M)."""
    import torch

    lists, places = reward_LM.shape
    by_size = []
    for size in range(1, places + 1):
        # log e_0 ... log e_size of exp(reward / size) over the responses so far
        poly_LT = reward_LM.new_full((lists, size + 1), NOTHING)
        poly_LT[:, 0] = 0.0
        sums = []
        for place in range(places):
            added_LT = torch.logaddexp(poly_LT[:, 1:], poly_LT[:, :-1] + reward_LM[:, place, None] / size)
            added_LT = torch.cat([poly_LT[:, :1], added_LT], dim=1)
            poly_LT = torch.where(ranked_LM[:, place, None], added_LT, poly_LT)
            sums.append(poly_LT[:, size] + log_nu * (size - 1))
        by_size.append(torch.stack(sums, dim=1))
    return torch.stack(by_size).logsumexp(dim=0)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b: Davidson's model of a pair."""
    import torch

    half_P = delta_P / 2
    return torch.stack([half_P, torch.full_like(half_P, math.log(settings["nu"])), -half_P], dim=1).softmax(dim=1)
