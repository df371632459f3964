"""Held-out rankings: how a reward model orders the responses to one prompt, beside what costs nothing.

The result, beyond the contract's keys:

    accuracy     pairs of a list that the ranking does not tie, ordered rightly; equal rewards count half; Wilson's
                 interval, as if pairs were independent
    clustered    the same with an interval over groups (or prompts), which is the honest one
    baselines    {"longer": …} with ``difference``: model minus baseline, paired and resampled by group
    best         how often the highest reward is ranked first, over groups
    tau          mean of Kendall's tau-b of reward and rank within a list, over groups
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.labels import rankings
from rewardtrain.statistics import bootstrap_mean, wilson

TITLE = "Held-out rankings"
SUMMARY = "Pairs of each list ordered rightly, the best found, Kendall's tau."


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file is taken whole."""
    return _common.read_labels(path, split, rankings.normalised)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table of rankings; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If no list has two different ranks.
    """
    rows = [row for row in table.to_pylist() if len({rank for rank in row["ranks"] if rank is not None}) > 1]
    if not rows:
        raise DataError("No list has two different ranks, so there is no order to be found.")
    reward_by_row = _common.rewards_by_row(model, [row["prompt"] for row in rows], [row["responses"] for row in rows])
    right: dict[str, list[float]] = {"model": [], "longer": []}
    of_pair, of_list, best, tau = [], [], [], []
    for row, reward_K in zip(rows, reward_by_row, strict=True):
        ranked = [at for at, rank in enumerate(row["ranks"]) if rank is not None]
        rank_M = np.array([row["ranks"][at] for at in ranked])
        length_M = np.array([len(row["responses"][at]) for at in ranked], float)
        reward_M = reward_K[ranked]
        better, worse = np.nonzero(rank_M[:, None] < rank_M[None, :])
        for name, value_M in (("model", reward_M), ("longer", length_M)):
            right[name] += ((1 + np.sign(value_M[better] - value_M[worse])) / 2).tolist()
        group = row["group"] or row["prompt"]
        of_pair += [group] * len(better)
        of_list.append(group)
        highest = reward_M == reward_M.max()
        best.append(float((rank_M == rank_M.min())[highest].mean()))
        tau.append(_tau(reward_M, -rank_M))
    right_P, longer_P, group_P = np.array(right["model"]), np.array(right["longer"]), np.array(of_pair)
    return {
        "suite": "rankings",
        "n": len(right_P),
        "accuracy": wilson(right_P.sum(), len(right_P)),
        "clustered": bootstrap_mean(right_P, group_P, seed=seed),
        "baselines": {
            "longer": {
                **wilson(longer_P.sum(), len(longer_P)),
                "difference": bootstrap_mean(right_P - longer_P, group_P, seed=seed),
            }
        },
        "lists": len(rows),
        "best": bootstrap_mean(np.array(best), np.array(of_list), seed=seed),
        "tau": bootstrap_mean(np.array(tau), np.array(of_list), seed=seed),
    }


def _tau(x_M: np.ndarray, y_M: np.ndarray) -> float:
    """Kendall's tau-b (Kendall 1945); 0 where all of ``x_M`` are equal. ``y_M`` must hold two different values."""
    x_MM, y_MM = np.sign(x_M[:, None] - x_M[None, :]), np.sign(y_M[:, None] - y_M[None, :])
    scale = np.sqrt(np.square(x_MM).sum() * np.square(y_MM).sum())
    return float((x_MM * y_MM).sum() / scale) if scale else 0.0


def example() -> pa.Table:
    """The made-up rankings of `rewardtrain.labels.rankings`."""
    return rankings.normalised(rankings.example())
