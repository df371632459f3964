"""Held-out pairs: accuracy, subsets, calibration and margins of a reward model, beside what costs nothing.

The result, beyond the contract's keys:

    headline      "gold" where the table holds gold winners, else "consensus": what ``accuracy`` is measured against
    against       {"gold": block, "consensus": block}; a block holds
        n, left_out      rows with a winner, and rows without one (tie, both bad, unknown)
        accuracy         Wilson's interval, as if rows were independent; equal rewards count half
        clustered        the same with an interval over groups (or prompts), which is the honest one
        baselines        {"longer": …, "majority": …}: their accuracy, and ``difference``: model minus baseline,
                         paired and resampled by group
        subsets          [{"name", "n", "value", "low", "high", "longer"}] by group
        calibration      {"n", "bins": [{"from", "to", "n", "predicted", "observed"}], "ece", "brier", "log_loss"}
    margins       {"edges", "strengths": [{"from", "to", "n", "mean", "counts"}]}: reward differences toward the
                  consensus winner, by how sure the consensus is (|p_a - p_b|); counts has one less than edges
    ties          {"n", "mean_abs_difference"}: reward differences where the consensus is a tie

*longer* says that the response with more characters wins. *majority* says that the side which wins more often in
the train split always wins (in the table itself where no train split is given, the best that a constant can do).
The prediction is P(a wins | no tie) by the model's own loss; its target is the winner (gold) or the share of a
among wins (consensus).
"""

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from rewardtrain import data
from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model
from rewardtrain.statistics import bootstrap_mean, wilson

TITLE = "Held-out pairs"
SUMMARY = "Accuracy with interval, by subset, calibration, and margins by consensus strength."

BINS = 10
STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
MARGIN_BINS = 24


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file, or a table without splits, is taken whole."""
    table = data.read_split(path, split)
    if table is None and Path(path).is_file():
        table = data.read_split(path, "train")
    if table is None:
        raise DataError(f"{path} has no {split} split.")
    return table


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If no row has a winner.
    """
    prompts, responses_a, responses_b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    reward_2N = model.score(prompts + prompts, responses_a + responses_b)
    delta_N = reward_2N[: len(table)] - reward_2N[len(table) :]
    prob_N3 = model.probabilities(delta_N)
    p_a_N = prob_N3[:, 0] / (prob_N3[:, 0] + prob_N3[:, 2])
    length_N = np.array([len(a) - len(b) for a, b in zip(responses_a, responses_b, strict=True)], float)
    group_N = np.array([group or prompt for group, prompt in zip(table["group"].to_pylist(), prompts, strict=True)])
    subset_N = np.array(_subsets(table))
    side = _majority(table if train is None else train)
    consensus_N, share_N = _consensus(table)
    gold_N = np.array([{"a": 1.0, "b": -1.0}.get(gold or "", 0.0) for gold in table["gold"].to_pylist()])

    against = {}
    for name, winner_N, target_N in (("gold", gold_N, (gold_N + 1) / 2), ("consensus", consensus_N, share_N)):
        rows = winner_N != 0
        if not rows.any():
            continue
        right = {
            key: _right(guess_N, winner_N)[rows]
            for key, guess_N in (("model", delta_N), ("longer", length_N), ("majority", np.full(len(table), side)))
        }
        against[name] = {
            "n": int(rows.sum()),
            "left_out": int((~rows).sum()),
            "accuracy": wilson(right["model"].sum(), int(rows.sum())),
            "clustered": bootstrap_mean(right["model"], group_N[rows], seed=seed),
            "baselines": _baselines(right, group_N[rows], side, seed),
            "subsets": _by_subset(right, subset_N[rows]),
            "calibration": _calibration(p_a_N[rows], target_N[rows]),
        }
    if not against:
        raise DataError("No row has a winner, so there is no accuracy: every label is a tie or unknown.")
    headline = "gold" if "gold" in against else "consensus"
    return {
        "suite": "pairs",
        "n": against[headline]["n"],
        "accuracy": against[headline]["accuracy"],
        "baselines": against[headline]["baselines"],
        "headline": headline,
        "against": against,
        "margins": _margins(delta_N, consensus_N, np.abs(table["p_a"].to_numpy() - table["p_b"].to_numpy())),
        "ties": _ties(delta_N[consensus_N == 0]),
    }


def example() -> pa.Table:
    """Four made-up comparisons in two groups, one of them a tie."""
    rows = [
        ("Name a colour.", "Blue.", "A table.", 0.9, 0.0, "colours"),
        ("Name a colour.", "Loud.", "Red, or green.", 0.2, 0.0, "colours"),
        ("Add 2 and 2.", "4", "5, I think.", 1.0, 0.0, "sums"),
        ("Add 3 and 3.", "6", "It is 6.", 0.0, 1.0, "sums"),
    ]
    return data.as_pairs(
        pa.Table.from_pylist(
            [
                {
                    "prompt": pairs.canonical_json([{"role": "user", "content": prompt}]),
                    "response_a": a, "response_b": b, "group": group,
                    "p_a": p_a, "p_tie": p_tie, "p_b": 1 - p_a - p_tie,
                }
                for prompt, a, b, p_a, p_tie, group in rows
            ]
        )
    )  # fmt: skip


def _right(guess_N: np.ndarray, winner_N: np.ndarray) -> np.ndarray:
    """1 where the signs agree, 0 where they differ, one half where the guess is undecided."""
    return (1 + np.sign(guess_N) * winner_N) / 2


def _consensus(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Winner of each row (1: a, -1: b, 0: neither is the likeliest outcome) and share of a among wins."""
    p_a, p_b = table["p_a"].to_numpy(), table["p_b"].to_numpy()
    rest = np.maximum(table["p_tie"].to_numpy(), table["p_both_bad"].to_numpy())
    winner_N = np.where((p_a > p_b) & (p_a > rest), 1.0, np.where((p_b > p_a) & (p_b > rest), -1.0, 0.0))
    decided = p_a + p_b
    return winner_N, np.divide(p_a, decided, out=np.full(len(table), 0.5), where=decided > 0)


def _majority(table: pa.Table) -> float:
    """1 where a wins at least as often as b, else -1."""
    return 1.0 if _consensus(table)[0].sum() >= 0 else -1.0


def _subsets(table: pa.Table) -> list[str]:
    """Name of each row's subset: its group, else the subset in its metadata, else nothing."""
    names = []
    for group, metadata in zip(table["group"].to_pylist(), table["metadata"].to_pylist(), strict=True):
        found = json.loads(metadata) if metadata and not group else {}
        names.append(group or (str(found.get("subset") or "") if isinstance(found, dict) else ""))
    return names


def _baselines(right: dict[str, np.ndarray], group_R: np.ndarray, side: float, seed: int) -> dict[str, Any]:
    return {
        name: {
            **wilson(right[name].sum(), len(right[name])),
            "difference": bootstrap_mean(right["model"] - right[name], group_R, seed=seed),
            **({"side": "a" if side > 0 else "b"} if name == "majority" else {}),
        }
        for name in ("longer", "majority")
    }


def _by_subset(right: dict[str, np.ndarray], subset_R: np.ndarray) -> list[dict[str, Any]]:
    return [
        {
            "name": str(name), "n": int(rows.sum()),
            **wilson(right["model"][rows].sum(), int(rows.sum())),
            "longer": float(right["longer"][rows].mean()),
        }
        for name in np.unique(subset_R)
        if name
        for rows in [subset_R == name]
    ]  # fmt: skip


def _calibration(p_R: np.ndarray, target_R: np.ndarray) -> dict[str, Any]:
    """Reliability bins of equal width, expected calibration error (Naeini et al. 2015), Brier score, log-loss."""
    bin_R = np.minimum((p_R * BINS).astype(int), BINS - 1)
    bins = [
        {
            "from": which / BINS, "to": (which + 1) / BINS, "n": int(rows.sum()),
            "predicted": float(p_R[rows].mean()), "observed": float(target_R[rows].mean()),
        }
        for which in range(BINS)
        for rows in [bin_R == which]
        if rows.any()
    ]  # fmt: skip
    safe_R = np.clip(p_R, 1e-12, 1 - 1e-12)
    return {
        "n": len(p_R),
        "bins": bins,
        "ece": sum(b["n"] * abs(b["predicted"] - b["observed"]) for b in bins) / len(p_R),
        "brier": float(np.mean((p_R - target_R) ** 2)),
        "log_loss": float(-np.mean(target_R * np.log(safe_R) + (1 - target_R) * np.log1p(-safe_R))),
    }


def _margins(delta_N: np.ndarray, winner_N: np.ndarray, strength_N: np.ndarray) -> dict[str, Any]:
    """Histograms of the reward difference toward the winner; what lies beyond the edges counts in the last bins."""
    toward_N = (delta_N * winner_N)[winner_N != 0]
    strength_R = strength_N[winner_N != 0]
    reach = float(np.quantile(np.abs(toward_N), 0.995)) if len(toward_N) else 0.0
    edges = np.linspace(-1, 1, MARGIN_BINS + 1) * (reach or 1.0)
    strengths = []
    for low, high in itertools.pairwise(STRENGTHS):
        values = toward_N[(strength_R >= low) & ((strength_R < high) | (high == STRENGTHS[-1]))]
        counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
        mean = float(values.mean()) if len(values) else None
        strengths.append({"from": low, "to": high, "n": len(values), "mean": mean, "counts": counts.tolist()})
    return {"edges": edges.tolist(), "strengths": strengths}


def _ties(delta_R: np.ndarray) -> dict[str, Any]:
    return {"n": len(delta_R), "mean_abs_difference": float(np.abs(delta_R).mean()) if len(delta_R) else None}
