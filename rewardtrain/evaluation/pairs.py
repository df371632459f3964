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
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs as schema
from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean, wilson

TITLE = "Held-out pairs"
SUMMARY = "Accuracy with interval, by subset, calibration, and margins by consensus strength."

STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
MARGIN_BINS = 24


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file, or a table without splits, is taken whole."""
    return _common.read_pairs(path, split)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If no row has a winner.
    """
    prompts, responses_a, responses_b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    reward_2N = _common.rewards(model, prompts + prompts, responses_a + responses_b)
    delta_N = reward_2N[: len(table)] - reward_2N[len(table) :]
    p_a_N = _common.p_first(model, delta_N)
    length_N = _common.lengths(responses_a) - _common.lengths(responses_b)
    group_N, subset_N = _common.groups(table), _common.subset_names(table)
    side = _majority(table if train is None else train)
    consensus_N, share_N = _common.consensus(table)
    gold_N = _common.gold(table)

    against = {}
    for name, winner_N, target_N in (("gold", gold_N, (gold_N + 1) / 2), ("consensus", consensus_N, share_N)):
        rows = winner_N != 0
        if not rows.any():
            continue
        right = {
            key: _common.half(guess_N * winner_N)[rows]
            for key, guess_N in (("model", delta_N), ("longer", length_N), ("majority", np.full(len(table), side)))
        }
        against[name] = {
            "n": int(rows.sum()),
            "left_out": int((~rows).sum()),
            "accuracy": wilson(right["model"].sum(), int(rows.sum())),
            "clustered": bootstrap_mean(right["model"], group_N[rows], seed=seed),
            "baselines": _baselines(right, group_N[rows], side, seed),
            "subsets": _common.by_subset(right["model"], right["longer"], subset_N[rows]),
            "calibration": _common.calibration(p_a_N[rows], target_N[rows]),
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


def rows(table: pa.Table, model: Model) -> pa.Table:
    """What ``model`` says of each row beside what people say, for comparisons of models on the same rows.

    Columns: row_id, item, question, dimension (what makes a row the same row), group (rows that hang together),
    reward_a, reward_b, p (the model's P(a wins | no tie)), deviation (of the reward difference over the members of an
    ensemble, null without any), p_a, p_tie, p_b, p_both_bad, gold, length_a, length_b (characters).
    """
    prompts, responses_a, responses_b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    asked = prompts + prompts, responses_a + responses_b
    reward_2N, member_M2N = _common.rewards(model, *asked), _common.members(model, *asked)
    count = len(table)
    delta_N = reward_2N[:count] - reward_2N[count:]
    spread_N = None
    if member_M2N is not None and len(member_M2N) > 1:
        spread_N = np.std(member_M2N[:, :count] - member_M2N[:, count:], axis=0, ddof=1)
    both = zip(table["row_id"].to_pylist(), prompts, responses_a, responses_b, strict=True)
    kept = ("item", "question", "dimension", "p_a", "p_tie", "p_b", "p_both_bad", "gold")
    return pa.table(
        {
            "row_id": [own or schema.row_id(prompt, a, b) for own, prompt, a, b in both],
            **{name: table[name] for name in kept},
            "group": pa.array(_common.groups(table).tolist(), pa.large_string()),
            "reward_a": reward_2N[:count],
            "reward_b": reward_2N[count:],
            "p": _common.p_first(model, delta_N),
            "deviation": pa.array([None] * count if spread_N is None else spread_N, pa.float64()),
            "length_a": _common.lengths(responses_a),
            "length_b": _common.lengths(responses_b),
        }
    )


def example() -> pa.Table:
    """Four made-up comparisons in two groups, one of them a tie."""
    return _common.example_pairs(
        ("Name a colour.", "Blue.", "A table.", 0.9, 0.0, "colours"),
        ("Name a colour.", "Loud.", "Red, or green.", 0.2, 0.0, "colours"),
        ("Add 2 and 2.", "4", "5, I think.", 1.0, 0.0, "sums"),
        ("Add 3 and 3.", "6", "It is 6.", 0.0, 1.0, "sums"),
    )


def _majority(table: pa.Table) -> float:
    """1 where a wins at least as often as b, else -1."""
    return 1.0 if _common.consensus(table)[0].sum() >= 0 else -1.0


def _baselines(right: dict[str, np.ndarray], group_R: np.ndarray, side: float, seed: int) -> dict[str, Any]:
    found = {name: _common.baseline(right["model"], right[name], group_R, seed) for name in ("longer", "majority")}
    found["majority"]["side"] = "a" if side > 0 else "b"
    return found


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
