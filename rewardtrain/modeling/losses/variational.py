"""A rater is a hidden vector, read from a set of their pairs by one pass of an encoder: no steps for a newcomer.

    pairs of a rater -> MLP of (winner, loser) -> attention among them -> mean -> mean and log variance, within +-1
    reward = MLP of (x, z);  loss = cross-entropy of the label with s(their difference) + beta KL(z | normal)

x is the head's output of K numbers. In training the pairs that a rater has in the batch are cut in two halves, each
read to judge the other, so that no pair gives its own answer away; a rater with a single pair is read from nothing,
which is the prior. A pair of soft labels is the weighted sum of both readings. z is drawn in training, and is the mean
otherwise. Without a rater the reward is that of the prior's mean.

VPL (arXiv 2408.10075; github.com/WEIRDLabUW/vpl_llm, hidden_context/vae_utils.py). Left out: the annealing of beta, and
the projection of z to a sphere.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Hidden tastes"
SUMMARY = "Reads a rater's taste from a few of their answers, and rewards as they would; needs no list of raters."
LABELS = "pairs"
NEEDS = ("rater",)
SETTINGS: dict[str, Any] = settings_of(
    size=setting("integer", 16, "Size of a response", "Numbers that the head gives.", minimum=1, maximum=256),
    latent=setting("integer", 8, "Size of a taste", "Numbers that tell raters apart.", minimum=1, maximum=256),
    hidden=setting("integer", 64, "Hidden units", "Of the encoder and the decoder.", minimum=4, maximum=1024),
    kl=setting("number", 0.01, "Weight of the prior", "Higher lets raters differ less.", minimum=0),
)  # fmt: skip


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """What the encoder and the decoder see of a response."""
    return int(settings["size"])


def learned(settings: Mapping[str, Any], facts: Facts, width: int) -> "torch.nn.Module":
    """Encoder of pairs, attention among them, and decoder."""
    from torch import nn

    size, latent, hidden = settings["size"], settings["latent"], settings["hidden"]
    module = nn.Module()
    module.pair = nn.Sequential(nn.Linear(2 * size, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden))
    module.query, module.value = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
    module.key = nn.Linear(hidden, hidden, bias=False)  # its bias would cancel in the softmax
    module.mean, module.log_variance = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
    module.decoder = nn.Sequential(
        nn.Linear(size + latent, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1, bias=False)
    )
    return module


def _read(batch: PairBatch, set_P: "torch.Tensor", sets: int, learned: Any) -> tuple["torch.Tensor", "torch.Tensor"]:
    """(S, latent) mean and log variance of each set of pairs; an empty one gives the prior."""
    import torch

    forth_PH = learned.pair(torch.cat([batch.out_a_PK, batch.out_b_PK], dim=1))
    back_PH = learned.pair(torch.cat([batch.out_b_PK, batch.out_a_PK], dim=1))
    pair_PH = batch.win_P[:, None] * forth_PH + (1 - batch.win_P)[:, None] * back_PH
    score_PP = learned.query(pair_PH) @ learned.key(pair_PH).T / pair_PH.shape[1] ** 0.5
    score_PP = score_PP.masked_fill(set_P[:, None] != set_P, float("-inf"))
    seen_PH = score_PP.softmax(dim=1) @ learned.value(pair_PH)
    member_SP = (torch.arange(sets, device=set_P.device)[:, None] == set_P).to(seen_PH.dtype)
    count_S1 = member_SP.sum(dim=1, keepdim=True)
    mean_SH = member_SP @ seen_PH / count_S1.clamp(min=1)
    some_S1 = (count_S1 > 0).to(seen_PH.dtype)
    return some_S1 * learned.mean(mean_SH).clamp(-1, 1), some_S1 * learned.log_variance(mean_SH).clamp(-1, 1)


def _decode(out_UK: "torch.Tensor", z_UZ: "torch.Tensor", learned: Any) -> "torch.Tensor":
    import torch

    return learned.decoder(torch.cat([out_UK, z_UZ], dim=1))[:, 0]


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """Loss of each pair for its rater, with the divergence of what it was judged by, shape (P,)."""
    import torch
    from torch.nn.functional import logsigmoid

    raters, rater_P = batch.columns["rater"].long().unique(return_inverse=True)
    same_PP = rater_P[:, None] == rater_P
    half_P = same_PP.tril(-1).sum(dim=1) % 2
    mean_SZ, log_variance_SZ = _read(batch, 2 * rater_P + half_P, 2 * len(raters), learned)
    judged_by_P = 2 * rater_P + (1 - half_P)
    mean_PZ, log_variance_PZ = mean_SZ[judged_by_P], log_variance_SZ[judged_by_P]
    z_PZ = mean_PZ
    if learned.training:
        z_PZ = mean_PZ + (torch.randn_like(mean_SZ) * (log_variance_SZ / 2).exp())[judged_by_P]
    delta_P = _decode(batch.out_a_PK, z_PZ, learned) - _decode(batch.out_b_PK, z_PZ, learned)
    loss_P = -batch.win_P * logsigmoid(delta_P) - (1 - batch.win_P) * logsigmoid(-delta_P)
    divergence_P = (mean_PZ.square() + log_variance_PZ.exp() - 1 - log_variance_PZ).sum(dim=1) / 2
    return loss_P + settings["kl"] * divergence_P


def reward(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """For nobody in particular, shape (U,)."""
    return _decode(out_UK, out_UK.new_zeros(len(out_UK), settings["latent"]), learned)


def place(batch: PairBatch, settings: Mapping[str, Any], learned: Any) -> "torch.Tensor":
    """The taste of one rater from their pairs, shape (latent,)."""
    import torch

    with torch.no_grad():
        mean_SZ, _ = _read(
            batch, torch.zeros(len(batch.win_P), dtype=torch.long, device=batch.win_P.device), 1, learned
        )
    return mean_SZ[0]


def reward_for(
    out_UK: "torch.Tensor", vector: "torch.Tensor", settings: Mapping[str, Any], learned: Any
) -> "torch.Tensor":
    """For the rater of taste ``vector``, shape (U,)."""
    return _decode(out_UK, vector.expand(len(out_UK), -1), learned)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b; this model knows no tie."""
    return logistic(delta_P)
