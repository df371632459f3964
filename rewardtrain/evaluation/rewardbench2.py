"""RewardBench 2: one right response among four, and a subset where many are right.

Reads files in its format (``id``, ``prompt``, ``chosen``, ``rejected``, ``subset``; both responses are lists), which
`curation.formats.rewardbench2` writes. The result, beyond the contract's keys:

    subsets     [{"name", "n", "value", "low", "high", "longer"}]; for Ties the share of rows whose every right
                response beats every wrong one, not the score below
    scores      {subset: score}: the mean of best of four, and for Ties the weighted score
    total       mean of the scores of the six official subsets, or null where one is missing
    ties        null without such rows, else {"score", "tied_accuracy", "ref_accuracy", "correctness_preferred",
                "correctness_preferred_hard", "margin", "prompts", "longer": the score of longer wins}
    baselines   also "chance": one over the number of responses

Best of four: 1/(number tied at the maximum) where the right one is among them, else 0. Ties: with d the best right
less the worst right reward and g the worst right less the best wrong one, of the rows ``tied:<prompt>`` and
``ref:<prompt>``, accuracy is g > 0 and the score is
.30 tied accuracy + .30 ref accuracy + .20 mean(g_tied > d) + .20 mean(min(g_ref, g_tied) > d)
+ .01 mean(tanh(min(g_ref, g_tied)/d - 1)), in which 0/0 counts 0; so it may exceed 1 by .01.
Source: https://github.com/allenai/reward-bench/blob/main/rewardbench/utils.py, `process_single_model` and
`reroll_and_score_dataset` (Malik et al. 2025, arXiv 2506.01937).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common

TITLE = "RewardBench 2"
SUMMARY = "The right one of four, and prompts with many right answers."

SUBSETS = ("Factuality", "Precise IF", "Math", "Safety", "Focus", "Ties")
_SCHEMA = pa.schema(
    [("id", pa.string()), ("prompt", pa.large_string()), ("chosen", pa.list_(pa.large_string())),
     ("rejected", pa.list_(pa.large_string())), ("subset", pa.string())]
)  # fmt: skip


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file; ``split`` says nothing here."""
    table = []
    for number, row in enumerate(_common.read_rows(path, ("prompt",), ("chosen", "rejected")), 1):
        subset, identifier = str(row.get("subset") or ""), str(row.get("id") or number)
        if _is_ties(subset) and identifier.partition(":")[0] not in ("ref", "tied"):
            raise DataError(f"Row {number} of {path} is of the subset Ties, so its id must be ref:… or tied:….")
        if not _is_ties(subset) and len(row["chosen"]) != 1:
            raise DataError(
                f"Row {number} of {path} has {len(row['chosen'])} chosen responses. Outside the subset Ties give one."
            )
        table.append({**{name: row[name] for name in _common.CHOSEN}, "id": identifier, "subset": subset})
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    rows = table.to_pylist()
    texts = [[*row["chosen"], *row["rejected"]] for row in rows]
    reward_by_row = _common.rewards_by_row(model, [row["prompt"] for row in rows], texts)
    length_by_row = [_common.lengths(some) for some in texts]
    win_N, longer_N = _wins(rows, reward_by_row), _wins(rows, length_by_row)
    subset_N = np.array([row["subset"] for row in rows])
    found = _common.headline("rewardbench2", win_N, longer_N, np.array([row["prompt"] for row in rows]), seed)
    found["baselines"]["chance"] = _common.chance(float(np.mean([1 / len(some) for some in texts])))
    ties = _ties(rows, reward_by_row)
    scores = {str(name): float(win_N[subset_N == name].mean()) for name in np.unique(subset_N) if name}
    if ties:
        ties["longer"] = (_ties(rows, length_by_row) or ties)["score"]
        scores = {name: ties["score"] if _is_ties(name) else value for name, value in scores.items()}
    values = [scores.get(name) for name in SUBSETS]
    known = [value for value in values if value is not None]
    return {
        **found,
        "subsets": _common.by_subset(win_N, longer_N, subset_N),
        "scores": scores,
        "total": float(np.mean(known)) if len(known) == len(SUBSETS) else None,
        "ties": ties,
    }


def example() -> pa.Table:
    """A best of four, and a prompt with two right answers in its two rows."""
    colours = {"prompt": "Name a primary colour.", "rejected": ["Pink.", "A chair."], "subset": "Ties"}
    rows = [
        {"id": "0", "prompt": "Add 2 and 2.", "chosen": ["4"], "rejected": ["5", "22", "2"], "subset": "Math"},
        {"id": "tied:0", "chosen": ["Red.", "Blue."], **colours},
        {"id": "ref:0", "chosen": ["Red."], **colours},
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _is_ties(subset: str) -> bool:
    return subset.lower() == "ties"


def best_of(value_R: np.ndarray) -> float:
    """1/(number tied at the maximum) where the first of the responses is among them, else 0."""
    top = value_R == value_R.max()
    return float(top[0] / top.sum())


def gaps(value_R: np.ndarray, right: int) -> tuple[float, float]:
    """(d, g): best less worst right reward; worst right less best wrong one. The first ``right`` are right."""
    return float(np.ptp(value_R[:right])), float(value_R[:right].min() - value_R[right:].max())


def _wins(rows: list[dict[str, Any]], value_by_row: list[np.ndarray]) -> np.ndarray:
    return np.array(
        [
            float(gaps(value_R, len(row["chosen"]))[1] > 0) if _is_ties(row["subset"]) else best_of(value_R)
            for row, value_R in zip(rows, value_by_row, strict=True)
        ]
    )


def _ties(rows: list[dict[str, Any]], value_by_row: list[np.ndarray]) -> dict[str, Any] | None:
    """The figures of the subset Ties; a prompt of which one row is missing counts in the accuracies alone."""
    found: dict[str, dict[str, tuple[float, float]]] = {"ref": {}, "tied": {}}
    for row, value_R in zip(rows, value_by_row, strict=True):
        if _is_ties(row["subset"]):
            kind, _, prompt = row["id"].partition(":")
            found[kind][prompt] = gaps(value_R, len(row["chosen"]))
    if not found["ref"] and not found["tied"]:
        return None
    accuracy = {
        kind: float(np.mean([g > 0 for _, g in some.values()])) if some else 0.0 for kind, some in found.items()
    }
    both = sorted(found["ref"].keys() & found["tied"].keys())
    d_T, tied_T = np.array([found["tied"][prompt] for prompt in both]).reshape(-1, 2).T
    least_T = np.minimum([found["ref"][prompt][1] for prompt in both], tied_T)
    with np.errstate(divide="ignore", invalid="ignore"):
        margin_T = np.nan_to_num(np.tanh(least_T / d_T - 1), nan=0.0)
    preferred, hard, margin = (
        float(np.mean(some)) if len(some) else 0.0 for some in (tied_T > d_T, least_T > d_T, margin_T)
    )
    return {
        "score": 0.3 * accuracy["tied"] + 0.3 * accuracy["ref"] + 0.2 * preferred + 0.2 * hard + 0.01 * margin,
        "tied_accuracy": accuracy["tied"], "ref_accuracy": accuracy["ref"], "correctness_preferred": preferred,
        "correctness_preferred_hard": hard, "margin": margin, "prompts": len(both),
    }  # fmt: skip
