"""Temperature scaling: how far a model's differences of rewards are to be trusted as probabilities.

Guo et al. 2017 (arXiv 1706.04599). Fitted on the validation split, kept in the model's card.
Shapes: P pairs.
"""

import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import torch

from curation.pairs import outcome_probs
from rewardtrain import data

LEAST, MOST = 0.02, 50.0


def of_table(table: pa.Table, delta_N: np.ndarray, probabilities: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """`temperature` for the pairs of a table (`curation.pairs.SCHEMA`), given their differences of rewards."""
    prob_N4 = outcome_probs(table)
    sound_N = np.isfinite(prob_N4).all(axis=1) & (prob_N4.sum(axis=1) > 0) & np.isfinite(delta_N)
    target_P3 = np.column_stack([data.outcome_columns(prob_N4[sound_N], names) for names in data.A_TIE_B])
    weight_P = np.nan_to_num(table["weight"].to_numpy())[sound_N]
    found = (torch.from_numpy(np.ascontiguousarray(values)) for values in (delta_N[sound_N], target_P3, weight_P))
    return temperature(*found, probabilities)


def temperature(
    delta_P: torch.Tensor,
    target_P3: torch.Tensor,
    weight_P: torch.Tensor,
    probabilities: Callable[[torch.Tensor], torch.Tensor],
) -> float:
    """T > 0 for which ``probabilities(delta / T)`` has the lowest cross-entropy with the believed outcomes.

    Found by golden-section search over log T, in which the loss of a logistic model has one minimum; 1 where no pair
    has a difference, or none has a weight. A model that orders pairs no better than chance gets `MOST`.
    """
    if not bool((delta_P != 0).any()) or not bool((weight_P > 0).any()):
        return 1.0
    delta_P, target_P3, weight_P = delta_P.double(), target_P3.double(), weight_P.double()

    def loss(log_t: float) -> float:
        prob_P3 = probabilities(delta_P / math.exp(log_t))
        if not bool(prob_P3[:, 1].any()):  # a model without ties: a tie says one half of each
            half_P = target_P3[:, 1] / 2
            wanted_P3 = torch.stack([target_P3[:, 0] + half_P, torch.zeros_like(half_P), target_P3[:, 2] + half_P], 1)
        else:
            wanted_P3 = target_P3
        loss_P = -(wanted_P3 * prob_P3.clamp_min(1e-12).log()).sum(dim=1)
        return float((loss_P * weight_P).sum() / weight_P.sum())

    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(LEAST), math.log(MOST)
    while high - low > 1e-4:
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if loss(left) <= loss(right) else (left, high)
    return round(math.exp((low + high) / 2), 4)
