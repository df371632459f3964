"""Held-out ratings: whether a reward model orders responses to one prompt as people rate them, by dimension.

The result, beyond the contract's keys:

    accuracy     pairs of responses to one prompt whose mean ratings differ, ordered rightly; equal rewards count half
    clustered    the same with an interval over groups (or prompts), which is the honest one
    baselines    {"longer": …} with ``difference``: model minus baseline, paired and resampled by group
    dimensions   [{"name", "n", "spearman" {"value", "low", "high"}, "aspect"}]: rank correlation over responses with
                 the model's own reward for that dimension where it has one (``aspect`` is true), else with its reward
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.labels import ratings
from rewardtrain.statistics import bootstrap_mean, bootstrap_sums, correlation, wilson

TITLE = "Held-out ratings"
SUMMARY = "Responses to one prompt ordered as they are rated, and rank correlation by dimension."


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file is taken whole."""
    return _common.read_labels(path, split, ratings.normalised)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table of ratings; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If nothing is rated.
    """
    said = [json.loads(text) for text in table["ratings"].to_pylist()]
    names = sorted({name for one in said for name in one})
    if not names:
        raise DataError("No row has a rating.")
    value_NA = np.array([[one.get(name, np.nan) for name in names] for one in said], float)
    prompts, responses = table["prompt"].to_pylist(), table["response"].to_pylist()
    group_N = np.array([group or prompt for group, prompt in zip(table["group"].to_pylist(), prompts, strict=True)])
    reward_N, aspects = _rewards(model, prompts, responses)
    dimensions = []
    for at, name in enumerate(names):
        use_N = ~np.isnan(value_NA[:, at])
        own_N = aspects.get(name, reward_N)
        part_NK = _rank_products(own_N[use_N], value_NA[use_N, at])
        found = bootstrap_sums(part_NK, group_N[use_N], correlation, seed=seed)
        dimensions.append({"name": name, "n": int(use_N.sum()), "spearman": found, "aspect": name in aspects})
    rated_N = ~np.isnan(value_NA).all(axis=1)
    mean_N = np.full(len(table), np.nan)
    mean_N[rated_N] = np.nanmean(value_NA[rated_N], axis=1)
    better_P, worse_P = _pairs(prompts, mean_N)
    result: dict[str, Any] = {"suite": "ratings", "n": int(rated_N.sum()), "dimensions": dimensions}
    if not len(better_P):
        raise DataError("No prompt has two responses that are rated differently, so there is no order to be found.")
    length_N = np.array([len(text) for text in responses], float)
    right_P, longer_P = ((1 + np.sign(x_N[better_P] - x_N[worse_P])) / 2 for x_N in (reward_N, length_N))
    return result | {
        "pairs": len(better_P),
        "accuracy": wilson(right_P.sum(), len(right_P)),
        "clustered": bootstrap_mean(right_P, group_N[better_P], seed=seed),
        "baselines": {
            "longer": {
                **wilson(longer_P.sum(), len(longer_P)),
                "difference": bootstrap_mean(right_P - longer_P, group_N[better_P], seed=seed),
            }
        },
    }


def _rewards(model: Model, prompts: list[str], responses: list[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The reward of each response, and what the model says of it by dimension."""
    scores = getattr(model, "scores", None)
    if scores is None:
        return _common.rewards(model, prompts, responses), {}
    found = scores(prompts, responses)
    return _common.finite(found.reward_N, len(responses)), dict(zip(found.aspects, found.aspect_NA.T, strict=False))


def _pairs(prompts: list[str], value_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of rows of one prompt whose values differ: the better, the worse."""
    rows: dict[str, list[int]] = {}
    for row, prompt in enumerate(prompts):
        if not np.isnan(value_N[row]):
            rows.setdefault(prompt, []).append(row)
    better, worse = [], []
    for members in (np.array(found) for found in rows.values()):
        one, other = np.nonzero(value_N[members][:, None] > value_N[members][None, :])
        better.append(members[one])
        worse.append(members[other])
    empty = np.zeros(0, np.int64)
    return np.concatenate([empty, *better]), np.concatenate([empty, *worse])


def _rank_products(x_N: np.ndarray, y_N: np.ndarray) -> np.ndarray:
    """(N, 3): what each row adds to the sums xy, xx, yy of centred ranks, from which Spearman's correlation follows."""
    x, y = (rank - rank.mean() for rank in (_mean_ranks(x_N), _mean_ranks(y_N)))
    return np.column_stack([x * y, x * x, y * y])


def _mean_ranks(value_N: np.ndarray) -> np.ndarray:
    _, inverse_N, count = np.unique(value_N, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[inverse_N]


def example() -> pa.Table:
    """The made-up ratings of `rewardtrain.labels.ratings`."""
    return ratings.normalised(ratings.example())
