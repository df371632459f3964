"""What single rows tell of one model: accuracy against coverage, length beside people, doubt beside disagreement. Pure.

Takes what `rewardtrain.comparing.shared` gives of one table. Shapes: N rows with a winner.
"""

import itertools
from typing import Any

import numpy as np

from rewardtrain.comparing import Shared
from rewardtrain.statistics import bootstrap_mean, wilson

STEPS = 20  # points of the coverage curve
GAPS = (0.0, 0.25, 0.5, 1.0, 2.0, np.inf)  # doublings of length
DOUBTS = 5  # bins of equal count
LEAST_DOUBT = 1e-6  # members that differ by less are the same model


def selective(found: Shared) -> dict[str, Any]:
    """Accuracy on the share of rows that the model is surest of (Geifman and El-Yaniv 2017, arXiv 1705.08500).

    Returns
    -------
    {"points": [{"coverage", "n", "value", "low", "high"}], "area": mean accuracy over coverages, "random": the accuracy
    on all rows, which an uninformed order gives at every coverage, "best": the area of an order that puts every right
    row first}
    """
    sure_N = np.abs(found.p_NM[:, 0] - 0.5)
    right_N = found.right_NM[np.argsort(-sure_N, kind="stable"), 0]
    n = len(right_N)
    sizes = sorted({max(1, round(n * step / STEPS)) for step in range(1, STEPS + 1)})
    running_N = np.cumsum(right_N) / np.arange(1, n + 1)
    best_N = np.cumsum(np.sort(right_N)[::-1]) / np.arange(1, n + 1)
    return {
        "points": [{"coverage": size / n, "n": size, **wilson(right_N[:size].sum(), size)} for size in sizes],
        "area": float(running_N.mean()),
        "random": float(right_N.mean()),
        "best": float(best_N.mean()),
    }


def lengths(found: Shared) -> list[dict[str, Any]]:
    """How often the longer response wins, by how much longer it is in doublings, by the model and by people.

    [{"from", "to", "n", "model": {"value", "low", "high"}, "people": {…}}], on the same rows; bins without rows and
    rows of equal length are left out. ``to`` is None in the last bin.
    """
    length_N2 = np.column_stack([np.maximum(found.table[f"length_{side}"].to_numpy(), 1.0) for side in "ab"])
    gap_N = np.log2(length_N2[:, 0] / length_N2[:, 1])
    longer_N = np.sign(gap_N) * found.winner_N  # 1 where the longer one wins by what people say
    shares = {"model": (1 + np.sign(found.toward_NM[:, 0]) * longer_N) / 2, "people": (1 + longer_N) / 2}
    rows: list[dict[str, Any]] = []
    for low, high in itertools.pairwise(GAPS):
        own_N = (np.abs(gap_N) > low) & (np.abs(gap_N) <= high)
        if n := int(own_N.sum()):
            figures = {name: wilson(float(share_N[own_N].sum()), n) for name, share_N in shares.items()}
            rows.append({"from": low, "to": None if high == np.inf else high, "n": n, **figures})
    return rows


def doubts(found: Shared) -> list[dict[str, Any]] | None:
    """People's disagreement and the model's error by the spread of an ensemble's members; None without any.

    [{"deviation": mean of the bin, "n", "people": {"value", "low", "high"}, "wrong": {…}}]. People disagree by
    1 - |p_a - p_b|.
    """
    deviation_N = found.table["deviation"].to_numpy(zero_copy_only=False).astype(float)
    if len(deviation_N) < DOUBTS or not np.isfinite(deviation_N).all() or np.ptp(deviation_N) < LEAST_DOUBT:
        return None
    people_N = 1 - np.abs(found.table["p_a"].to_numpy() - found.table["p_b"].to_numpy())
    wrong_N = 1 - found.right_NM[:, 0]
    group_N = np.array(found.table["group"].to_pylist())
    rows = []
    for own_N in np.array_split(np.argsort(deviation_N, kind="stable"), DOUBTS):
        means = {
            name: {key: found_[key] for key in ("value", "low", "high")}
            for name, value_N in (("people", people_N), ("wrong", wrong_N))
            for found_ in [bootstrap_mean(value_N[own_N], group_N[own_N])]
        }
        rows.append({"deviation": float(deviation_N[own_N].mean()), "n": len(own_N), **means})
    return rows
