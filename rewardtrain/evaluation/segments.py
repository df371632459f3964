"""Held-out segments: whether a model finds wrong steps and errors by type, beside what costs nothing.

The result, beyond the contract's keys:

    accuracy     of steps: how often the first wrong step is found (a chain without one counts as right where none is
                 called wrong); of error types: segments called rightly, over all types
    baselines    {"majority": …}: always the commonest answer of the train split (of the table, without one), and
                 {"longer": …}: the longest segment of a response is the wrong one; each with ``difference``: model
                 minus baseline, paired and resampled by group
    types        [{"name", "n", "base_rate", "auroc" {"value", "low", "high"}}]: ranking of segments that have an error
                 against those that have none; the interval is over groups; no value where only one kind is there
    labels       "steps" or "types"

A step is called wrong where the model gives more probability to bad than to good; a type of error where its
probability is above one half. Chance of an AUROC is .5.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import Model, _common
from rewardtrain.labels import segments
from rewardtrain.statistics import RESAMPLES, bootstrap_mean, wilson

TITLE = "Held-out segments"
SUMMARY = "The first wrong step found, errors by type, beside the commonest answer."
_RESAMPLES = RESAMPLES // 10  # an area under a curve is computed anew for each draw


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file is taken whole."""
    return _common.read_labels(path, split, segments.normalised)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure a model of segments; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If the model says nothing of segments, or no segment has a label.
    """
    wrong = getattr(model, "wrong", None)
    if wrong is None:
        raise DataError("This model says nothing of segments. Train one with a loss that learns from segments.")
    rows = [row for row in table.to_pylist() if row["segments"]]
    said = [json.loads(row["labels"]) for row in rows]
    names = sorted({name for one in said for label in one for name, value in label.items() if value is not None})
    if not names:
        raise DataError("No segment has a label.")
    found = wrong([row["prompt"] for row in rows], [row["segments"] for row in rows], names)
    if not any(np.isfinite(one).any() for one in found):
        raise RewardModelError(
            "What the model says of the segments is not a finite number. Its training may have diverged."
        )
    longest = [_longest(row["segments"], len(names)) for row in rows]
    group = np.array([row["group"] or row["prompt"] for row in rows])
    steps = names == [segments.STEP]
    if steps:
        truth = [_wrong_steps(labels) for labels in said]
        of_train = [_wrong_steps(json.loads(text)) for text in (train or table)["labels"].to_pylist()]
        right_N, base_N = _first_wrong([one[:, 0] for one in found], truth, of_train)
        longer_N, _ = _first_wrong([one[:, 0] for one in longest], truth, of_train)
        of_answer = group
    else:
        truth = [np.array([[bool(label.get(name)) for name in names] for label in labels]) for labels in said]
        right_N, base_N = _called(found, truth)
        longer_N, _ = _called(longest, truth)
        of_answer = np.repeat(group, [one.size for one in truth])
    flat = np.concatenate([np.repeat(at, len(one)) for at, one in enumerate(truth)])
    score_UA, truth_UA = np.concatenate(found), np.concatenate([one.reshape(len(one), -1) for one in truth])
    kinds = []
    for at, name in enumerate(names):
        known_U = ~np.isnan(score_UA[:, at]) & ~np.isnan(truth_UA[:, at].astype(float))
        score_U, has_U = score_UA[known_U, at], truth_UA[known_U, at].astype(bool)
        kinds.append(
            {
                "name": name, "n": int(known_U.sum()), "base_rate": float(has_U.mean()) if len(has_U) else None,
                "auroc": _auroc(score_U, has_U, group[flat[known_U]], seed),
            }
        )  # fmt: skip
    return {
        "suite": "segments",
        "labels": "steps" if steps else "types",
        "n": len(right_N),
        "accuracy": wilson(right_N.sum(), len(right_N)),
        "clustered": bootstrap_mean(right_N, of_answer, seed=seed),
        "baselines": {
            name: {
                **wilson(other_N.sum(), len(other_N)),
                "difference": bootstrap_mean(right_N - other_N, of_answer, seed=seed),
            }
            for name, other_N in (("majority", base_N), ("longer", longer_N))
        },
        "types": kinds,
    }


def _longest(parts: list[str], types: int) -> np.ndarray:
    """(U, A): 1 for the longest segment, else 0."""
    wrong_UA = np.zeros((len(parts), types))
    wrong_UA[int(np.argmax([len(part) for part in parts]))] = 1
    return wrong_UA


def _wrong_steps(labels: list[dict[str, float | None]]) -> np.ndarray:
    """(U,): 1 wrong, 0 not, NaN unknown."""
    values = [label.get(segments.STEP) for label in labels]
    return np.array([np.nan if value is None else float(value < 0) for value in values])


def _first(wrong_U: np.ndarray) -> int:
    """Place of the first wrong step; -1 where there is none."""
    places = np.flatnonzero(np.nan_to_num(wrong_U) > 0.5)
    return int(places[0]) if len(places) else -1


def _first_wrong(
    found: list[np.ndarray], truth: list[np.ndarray], of_train: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Whether the first wrong step is found in each chain, by the model and by the commonest answer."""
    answer_N = np.array([_first(one) for one in truth])
    values, counts = np.unique([_first(one) for one in of_train], return_counts=True)
    called_N = np.array([_first(one) for one in found])
    return (called_N == answer_N).astype(float), (answer_N == values[counts.argmax()]).astype(float)


def _called(found: list[np.ndarray], truth: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Whether each segment is called rightly of each type, by the model and by the commonest answer of the type."""
    score_UA, truth_UA = np.concatenate(found), np.concatenate(truth)
    common_A = truth_UA.mean(axis=0) > 0.5
    return ((score_UA > 0.5) == truth_UA).astype(float).ravel(), (truth_UA == common_A).astype(float).ravel()


def _auroc(score_U: np.ndarray, has_U: np.ndarray, group_U: np.ndarray, seed: int) -> dict[str, float | None]:
    """Area under the ROC curve with a 95 % interval over groups."""
    rng = np.random.default_rng(seed)
    _, index_U = np.unique(group_U, return_inverse=True)
    order = np.argsort(index_U, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(index_U[order])) + 1) if len(order) else []
    draws = []
    for _ in range(_RESAMPLES if parts else 0):
        some = np.concatenate([parts[at] for at in rng.integers(len(parts), size=len(parts))])
        value = area(score_U[some], has_U[some])
        draws += [value] if value is not None else []
    low, high = np.percentile(draws, [2.5, 97.5]).tolist() if draws else (None, None)
    return {"value": area(score_U, has_U), "low": low, "high": high}


def area(score_U: np.ndarray, has_U: np.ndarray) -> float | None:
    """Probability that one that has it scores above one that has not, a tie counting half; None without both."""
    has, has_not = score_U[has_U], np.sort(score_U[~has_U])
    if not len(has) or not len(has_not):
        return None
    below = np.searchsorted(has_not, has, "left") + np.searchsorted(has_not, has, "right")
    return float(below.sum() / 2 / len(has) / len(has_not))


def example() -> pa.Table:
    """The made-up chains of `rewardtrain.labels.segments`."""
    return segments.normalised(segments.example())
