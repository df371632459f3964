"""One against many: every right response must score above every wrong one, as RewardMATH asks of ten solutions.

Reads ``prompt``, ``chosen`` and ``rejected`` (lists, or one text) and an optional ``subset``, and RewardMATH's own
rows of one solution each (``problem_id``, ``problem``, ``eval_solution``, ``solution_type`` chosen or rejected,
``subject``). The result, beyond the contract's keys:

    accuracy    share of prompts with min(right) > max(wrong)
    with_ties   the same with >=
    mrr         mean reciprocal rank of the best right response, {"value", "low", "high"}; a wrong one of equal reward
                stands before it (theirs the other way round, by the alphabet of their marks)
    pairwise    mean over prompts of the share of (right, wrong) pairs in order, which one-against-one benchmarks see
    baselines   also "chance": that the right ones of a random order come first
    subsets     by subset or subject

Scores of steps (theirs are aggregated by min, max, product, means, last) are not asked of the model: it scores whole
responses. Source: https://github.com/kimsh0507/RewardMATH_official `src/evaluation/eval.py` (Kim et al. 2024,
arXiv 2410.01729).
"""

from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.data import read_file
from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean

TITLE = "One against many"
SUMMARY = "Every right response above every wrong one, and the rank of the best right one."

_SCHEMA = pa.schema(
    [("prompt", pa.large_string()), ("chosen", pa.list_(pa.large_string())), ("rejected", pa.list_(pa.large_string())),
     ("subset", pa.string())]
)  # fmt: skip


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file, one a prompt; ``split`` says nothing here."""
    if {"problem", "eval_solution", "solution_type"} <= set(read_file(Path(path)).column_names):
        return pa.Table.from_pylist(_solutions(path), schema=_SCHEMA)
    rows = _common.read_rows(path, ("prompt",), ("chosen", "rejected"))
    table = [{**{name: row[name] for name in _common.CHOSEN}, "subset": str(row.get("subset") or "")} for row in rows]
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    rows = table.to_pylist()
    texts = [[*row["chosen"], *row["rejected"]] for row in rows]
    reward_by_row = _common.rewards_by_row(model, [row["prompt"] for row in rows], texts)
    rights = [len(row["chosen"]) for row in rows]
    margin_N = np.array([least_margin(*at) for at in zip(reward_by_row, rights, strict=True)])
    longer_N = np.array([least_margin(_common.lengths(some), right) for some, right in zip(texts, rights, strict=True)])
    prompt_N = np.array([row["prompt"] for row in rows])
    win_N, longer_N = _common.strict(margin_N), _common.strict(longer_N)
    found = _common.headline("one_against_many", win_N, longer_N, prompt_N, seed)
    found["baselines"]["chance"] = _common.chance(
        float(np.mean([1 / comb(len(some), right) for some, right in zip(texts, rights, strict=True)]))
    )
    reciprocal_N = np.array([reciprocal_rank(*at) for at in zip(reward_by_row, rights, strict=True)])
    pairwise_N = np.array(
        [
            _common.strict(some[:right, None] - some[right:]).mean()
            for some, right in zip(reward_by_row, rights, strict=True)
        ]
    )
    return {
        **found,
        "with_ties": float((margin_N >= 0).mean()),
        "mrr": bootstrap_mean(reciprocal_N, prompt_N, seed=seed),
        "pairwise": bootstrap_mean(pairwise_N, prompt_N, seed=seed),
        "subsets": _common.by_subset(win_N, longer_N, np.array([row["subset"] for row in rows])),
    }


def example() -> pa.Table:
    """Two made-up sums, one with two right answers."""
    rows = [
        {"prompt": "Add 2 and 2.", "chosen": ["4"], "rejected": ["5", "It is 22.", "3"], "subset": "sums"},
        {
            "prompt": "Solve x² = 4.",
            "chosen": ["2 or -2", "±2, as both squares are 4"],
            "rejected": ["2", "4"],
            "subset": "",
        },
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def least_margin(value_R: np.ndarray, right: int) -> float:
    """Worst right less best wrong value; the first ``right`` are right."""
    return float(value_R[:right].min() - value_R[right:].max())


def reciprocal_rank(value_R: np.ndarray, right: int) -> float:
    """1/(1 + number of wrong values at or above the best right one)."""
    return float(1 / (1 + (value_R[right:] >= value_R[:right].max()).sum()))


def _solutions(path: Path) -> list[dict[str, Any]]:
    """RewardMATH's rows, one a solution, gathered by problem."""
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(_common.read_rows(path, ("problem", "solution_type"), ("eval_solution",)), 1):
        if row["solution_type"] not in ("chosen", "rejected"):
            raise DataError(
                f"Row {number} of {path} has the solution_type {row['solution_type']!r}; write chosen or rejected."
            )
        empty = {"prompt": row["problem"], "chosen": [], "rejected": [], "subset": str(row.get("subject") or "")}
        problem = found.setdefault(str(row.get("problem_id", row["problem"])), empty)
        problem[row["solution_type"]].append("\n".join(row["eval_solution"]))
    for name, problem in found.items():
        if not problem["chosen"] or not problem["rejected"]:
            raise DataError(f"Problem {name} of {path} needs at least one chosen and one rejected solution.")
    return list(found.values())
