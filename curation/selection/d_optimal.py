"""Asks the batch that pins the reward down best: D-optimal design on the last layer.

Maximises log det(ridge I + Σ p (1 - p) δφ δφᵀ) over the rows asked, with δφ the difference of both sides' vectors and p
the probability that a is better: the Fisher information of Bradley-Terry. Greedily, each step by a rank-one update, so
the batch is at least 1 - 1/e as good as the best one (the gain is submodular: Nemhauser et al. 1978; Das et al. 2024,
arXiv 2402.10500 for preferences).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, best, lots, settings_schema
from curation.selection._measures import sigmoid

TITLE = "D-optimal design"
SUMMARY = "The pairs that together tell most about the reward, none of them what another tells already."
SETTINGS = settings_schema(
    ridge={
        "type": "number", "exclusiveMinimum": 0, "default": 1.0, "title": "Ridge",
        "description": "Information taken to be there before, in units of one even pair of the mean length.",
    },
)  # fmt: skip
NEEDS = ("margin_MN", "feature_N2D")
REASONS = {"information": "Its answer tells most about the reward beside those asked already."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the growth of the log determinant at each turn. Takes O(K N D) time."""
    feature_N2D = np.asarray(evidence.need("feature_N2D"), dtype=np.float64)
    p_N = sigmoid(evidence.members_MN).mean(axis=0)
    delta_ND = (feature_N2D[:, 0] - feature_N2D[:, 1]) * np.sqrt(p_N * (1 - p_N))[:, None]
    able_N, lot_N = evidence.open_N.copy(), lots(table, seed)
    scale = float((delta_ND**2).sum(axis=1).mean()) if table.num_rows else 1.0
    information_DD = settings["ridge"] * (scale or 1.0) * np.eye(delta_ND.shape[1])
    information_DD += delta_ND[~able_N].T @ delta_ND[~able_N]
    inverse_DD = np.linalg.inv(information_DD)
    spread_N = np.einsum("nd,de,ne->n", delta_ND, inverse_DD, delta_ND)  # δᵀ A⁻¹ δ of each row
    places, scores = [], []
    for _ in range(min(size, int(able_N.sum()))):
        place = best(np.where(able_N, spread_N, -np.inf), lot_N)
        places.append(place)
        scores.append(np.log1p(max(spread_N[place], 0.0)))
        able_N[place] = False
        direction_D = inverse_DD @ delta_ND[place]  # Sherman and Morrison 1950
        step = 1 / (1 + spread_N[place])
        inverse_DD -= step * np.outer(direction_D, direction_D)
        spread_N -= step * (delta_ND @ direction_D) ** 2
    return Choice(np.array(places, dtype=np.int64), np.array(scores), np.full(len(places), "information", dtype=object))
