"""Signal and noise: how far accuracy spreads over seeds or checkpoints, beside what it differs from a baseline.

Takes a pair table and a model with ``members``, one a seed or checkpoint. The result, beyond the contract's keys:

    headline    accuracy is the mean over members, by Wilson's interval as if a row were one answer
    members     [{"name", "value", "low", "high"}] accuracy of each, in the order that the model gives
    noise       standard deviation of the members' accuracies (n - 1), and ``relative``: by their mean
    range       largest less smallest accuracy, {"value", "low", "high"}: the best against the worst member, paired and
                resampled by group; the two are chosen by the same rows, which widens it
    signal      {"longer", "majority"}: |mean accuracy - baseline|
    ratio       {"longer", "majority"}: signal by noise; null where the members do not differ
    told_apart  {"pairs", "share"}: share of pairs of members whose paired interval excludes 0
    agreement   share of rows, averaged over pairs of members, in which both prefer the same response
    subsets     the members again, so that they are drawn

A difference between two models is worth telling where it is well above the noise. Source: Heineman et al. 2025,
arXiv 2508.13144, https://github.com/allenai/signal-and-noise, whose signal is the spread over a population of
models; here it is the distance to a baseline, as there is one model only.
"""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import RewardModelError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean

TITLE = "Signal and noise"
SUMMARY = "Spread of accuracy over seeds or checkpoints, beside the difference to a baseline."


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file, or a table without splits, is taken whole."""
    return _common.read_pairs(path, split)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table; the module's docstring gives the result's shape.

    Raises
    ------
    RewardModelError
        If the model has not at least two members.
    """
    _common.not_empty(table)
    table, winner_N = _common.with_winner(table)
    prompts, a, b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    member_MN = _common.members(model, prompts + prompts, a + b)
    if member_MN is None or len(member_MN) < 2:
        raise RewardModelError("This model has no members. Train it with several seeds, or keep several checkpoints.")
    delta_MN = member_MN[:, : len(table)] - member_MN[:, len(table) :]
    right_MN = _common.half(delta_MN * winner_N)
    longer_N = _common.half((_common.lengths(a) - _common.lengths(b)) * winner_N)
    side = 1.0 if (_common.with_winner(train)[1] if train is not None and len(train) else winner_N).sum() >= 0 else -1.0
    majority_N = _common.half(side * winner_N)
    group_N, mean_N = _common.groups(table), right_MN.mean(axis=0)
    found = _common.headline("noise", mean_N, longer_N, group_N, seed)
    found["baselines"]["majority"] = _common.baseline(mean_N, majority_N, group_N, seed) | {
        "side": "a" if side > 0 else "b"
    }

    accuracy_M = right_MN.mean(axis=1)
    noise = float(np.std(accuracy_M, ddof=1))
    best, worst = int(accuracy_M.argmax()), int(accuracy_M.argmin())
    both = list(itertools.combinations(range(len(right_MN)), 2))
    intervals = [bootstrap_mean(right_MN[i] - right_MN[j], group_N, seed=seed) for i, j in both]
    signal = {
        name: abs(float(accuracy_M.mean()) - float(value_N.mean()))
        for name, value_N in (("longer", longer_N), ("majority", majority_N))
    }
    subsets = [_common.subset(f"member {m + 1}", right_N, longer_N) for m, right_N in enumerate(right_MN)]
    return {
        **found,
        "members": [{name: one[name] for name in ("name", "value", "low", "high")} for one in subsets],
        "noise": {"value": noise, "relative": noise / float(accuracy_M.mean()) if accuracy_M.mean() else None},
        "range": bootstrap_mean(right_MN[best] - right_MN[worst], group_N, seed=seed),
        "signal": signal,
        "ratio": {name: value / noise if noise > 1e-12 else None for name, value in signal.items()},
        "told_apart": {
            "pairs": len(both),
            "share": float(np.mean([one["low"] > 0 or one["high"] < 0 for one in intervals])),
        },
        "agreement": float(np.mean([(np.sign(delta_MN[i]) == np.sign(delta_MN[j])).mean() for i, j in both])),
        "subsets": subsets,
    }


def example() -> pa.Table:
    """Three made-up comparisons."""
    return _common.example_pairs(
        ("Name a colour.", "Blue.", "A table.", 0.9, 0.0, "colours"),
        ("Add 2 and 2.", "4", "5, I think.", 1.0, 0.0, "sums"),
        ("Add 3 and 3.", "6", "It is 6.", 0.0, 0.0, "sums"),
    )
