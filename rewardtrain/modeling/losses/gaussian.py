"""A reward with its doubt: each response's reward is normal, and so is the difference of two.

The head gives mu and log sigma; with delta = mu_a - mu_b and s^2 = sigma_a^2 + sigma_b^2,

    P(a) = E[s(delta + s z)], z standard normal;  loss = -q log P(a) - (1 - q) log P(b)

where q is the believed probability that a is better, a tie counting half. The expectation is a sum over 65 equally
spaced nodes, exact to 1e-4 for any deviation allowed here and to 1e-8 for those below 5, and the same every time.

HPSv3 (arXiv 2508.03789) and EditReward draw 1000 samples and average -log s(z). That costs noise in every step, and
it is another quantity: -log s is convex, so by Jensen that average only ever grows with sigma, and the best doubt is
none. The logarithm of the averaged probability is the likelihood of the label, which a larger sigma raises where the
model is wrong; so here, and only here, sigma says how far labels of a response contradict its mean.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rewardtrain.modeling.losses import Facts, PairBatch, logistic, setting, settings_of

if TYPE_CHECKING:
    import torch

TITLE = "Reward with doubt"
SUMMARY = "A mean and a deviation for each response: what people contradict each other about gets a wide reward."
LABELS = "pairs"
SETTINGS: dict[str, Any] = settings_of(
    label_smoothing=setting(
        "number", 0.0, "Label smoothing", "Share of labels taken to be flipped.", minimum=0, exclusiveMaximum=0.5
    )
)  # fmt: skip
LOG_SIGMA = (-6.0, 2.0)
NODES, REACH = 65, 6.5


def outputs(settings: Mapping[str, Any], facts: Facts) -> int:
    """mu and log sigma."""
    return 2


def log_wins(delta_P: "torch.Tensor", deviation_P: "torch.Tensor") -> "torch.Tensor":
    """log E[s(delta + deviation z)], shape (P,)."""
    import torch
    from torch.nn.functional import logsigmoid

    z_Z = torch.linspace(-REACH, REACH, NODES, dtype=delta_P.dtype, device=delta_P.device)
    log_weight_Z = (-z_Z.square() / 2).log_softmax(dim=0)
    return (log_weight_Z + logsigmoid(delta_P[:, None] + deviation_P[:, None] * z_Z)).logsumexp(dim=1)


def label_losses(batch: PairBatch, settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """Loss of each pair, shape (P,)."""
    delta_P = batch.out_a_PK[:, 0] - batch.out_b_PK[:, 0]
    variance_P = deviation(batch.out_a_PK, settings).square() + deviation(batch.out_b_PK, settings).square()
    win_P = batch.win_P + settings["label_smoothing"] * (1 - 2 * batch.win_P)
    return -win_P * log_wins(delta_P, variance_P.sqrt()) - (1 - win_P) * log_wins(-delta_P, variance_P.sqrt())


def deviation(out_UK: "torch.Tensor", settings: Mapping[str, Any], learned: Any = None) -> "torch.Tensor":
    """sigma, shape (U,)."""
    return out_UK[:, 1].clamp(*LOG_SIGMA).exp()


def probabilities(delta_P: "torch.Tensor", settings: Mapping[str, Any]) -> "torch.Tensor":
    """(P, 3) probabilities of a, tie, b where nothing is in doubt, for only the difference is given."""
    return logistic(delta_P)
