"""Bradley-Terry for labels that are flipped at known rates, which may differ by what is true.

With rho01 = P(b is said | a is better), rho10 = P(a is said | b is better), l1 = -log s(delta), l0 = -log s(-delta):

    unbiased:  l(a said) = [(1 - rho10) l1 - rho01 l0] / (1 - rho01 - rho10),
               l(b said) = [(1 - rho01) l0 - rho10 l1] / (1 - rho01 - rho10)
    forward:   cross-entropy of what was said with (1 - rho01) s(delta) + rho10 s(-delta)

The first has the clean loss as its expectation, whatever the model; but one pair's loss can fall without end, so a
flexible head may follow the flips. The second is a likelihood, never below 0, and is least where the model is true.
The two rates differ only where a and b mean something, such as the order shown; otherwise give both the same. Ties
count half each way, and are taken to be seen right.

Where the rates are not known, `flip_rates` reads them off pairs that a first model is surest about (anchors). Who
chose to give feedback at all is a matter of the ``weight`` column: `inverse_propensity` gives it.

CausalRM (arXiv 2603.18736), read in public notes: the surrogate, the anchors, propensities clipped at .1; its doubly
robust estimate needs a model of the losses that were not seen, and is left out. Natarajan et al. 2013 for the
surrogate, Patrini et al. 2017 (arXiv 1609.03683) for the forward correction.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Noise-aware"
SUMMARY = "Undoes labels flipped at known rates, also where one answer is taken for the other more often."
LABELS = "pairs"
SETTINGS: dict[str, Any] = settings_of(
    rho01=setting(
        "number", 0.1, "a taken for b", "How often b is said where a is better.", minimum=0, exclusiveMaximum=0.5
    ),
    rho10=setting(
        "number", 0.1, "b taken for a", "How often a is said where b is better.", minimum=0, exclusiveMaximum=0.5
    ),
    method=setting(
        "string", "unbiased", "Correction", "Of the loss (unbiased), or of the model's probabilities (forward).",
        enum=["unbiased", "forward"],
    ),
)  # fmt: skip


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each pair, shape (P,); the unbiased one may be negative."""
    import torch
    from torch.nn.functional import logsigmoid

    delta_P = batch.reward_a_P - batch.reward_b_P
    rho01, rho10 = settings["rho01"], settings["rho10"]
    said_a_P, tie_P, said_b_P = batch.target_P3.unbind(dim=1)
    log_a_P, log_b_P = logsigmoid(delta_P), logsigmoid(-delta_P)
    tie_loss_P = -(log_a_P + log_b_P) / 2
    if settings["method"] == "forward":
        seen_a_P = torch.logaddexp(log_a_P + _log(1 - rho01), log_b_P + _log(rho10))
        seen_b_P = torch.logaddexp(log_b_P + _log(1 - rho10), log_a_P + _log(rho01))
        return -said_a_P * seen_a_P - said_b_P * seen_b_P + tie_P * tie_loss_P
    kept = 1 - rho01 - rho10
    loss_a_P = (-(1 - rho10) * log_a_P + rho01 * log_b_P) / kept
    loss_b_P = (-(1 - rho01) * log_b_P + rho10 * log_a_P) / kept
    return said_a_P * loss_a_P + said_b_P * loss_b_P + tie_P * tie_loss_P


def _log(rate: float) -> float:
    import math

    return math.log(max(rate, 1e-30))


def flip_rates(delta_P: "torch.Tensor", said_a_P: "torch.Tensor", share: float = 0.02) -> tuple[float, float]:
    """(rho01, rho10) from anchors: the labels of the pairs where a first model sees the largest differences.

    Parameters
    ----------
    delta_P : differences of rewards of a model trained without correction, best on other pairs than these.
    said_a_P : 1 where a was said, 0 where b.
    share : of all pairs, how many at each end are taken as certain; less is truer and noisier.
    """
    order_P = delta_P.argsort()
    count = max(1, round(share * len(order_P)))
    sure_b_P, sure_a_P = said_a_P[order_P[:count]], said_a_P[order_P[-count:]]
    return 1 - float(sure_a_P.double().mean()), float(sure_b_P.double().mean())


def inverse_propensity(propensity: float, clip: float = 0.1) -> float:
    """What a label weighs whose giver gives one with probability ``propensity``; never above 1 / clip."""
    return 1 / max(propensity, clip)


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities that a, tie, b are true, not that they are said."""
    return logistic(delta_P)
