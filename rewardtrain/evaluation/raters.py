"""Raters: how well a model judges as each rater does, placed by a few of their own pairs, beside one reward for all.

Reads pair tables with votes. Of every rater with enough of them, some drawn votes place the rater and the others test.
The result, beyond the contract's keys:

    accuracy    of the votes that test, by the rewards of their own rater; ties are left out, equal rewards count half
    clustered   the same with an interval over raters
    baselines   {"everyone": the same model's reward for all, "longer": …} with ``difference``: own less that, paired
                and resampled by rater
    raters      how many were placed, and ``shots`` by how many pairs each
    subsets     accuracy by how often a rater agrees with the rest: those who do so least, middling and most

PAL (Chen et al. 2024, arXiv 2406.08469) and VPL (Poddar et al. 2024, arXiv 2408.10075) measure few-shot raters so.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean, wilson

TITLE = "Raters"
SUMMARY = "Judging as each rater does, placed by a few of their pairs, beside one reward for all."
SHOTS, LEAST = 8, 4  # votes that place a rater, at most, and votes that test them, at least
_LEAN = {"a": 1.0, "b": -1.0}


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split."""
    return _common.read_pairs(path, split)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table with votes; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If the model makes no difference between raters, or no rater has enough votes.
    """
    place, score_for = getattr(model, "place", None), getattr(model, "score_for", None)
    if place is None or score_for is None:
        raise DataError("This model makes no difference between raters. Train one with ideal_point or variational.")
    rows = table.select(["prompt", "response_a", "response_b", "votes", "p_a", "p_b"]).to_pylist()
    of_rater: dict[str, list[tuple[int, float]]] = {}
    for at, row in enumerate(rows):
        for vote in row["votes"] or ():
            if vote["outcome"] in _LEAN and row["response_a"] and row["response_b"]:
                of_rater.setdefault(vote["rater"] or "", []).append((at, _LEAN[vote["outcome"]]))
    rng = np.random.default_rng(seed)
    prompts = [row["prompt"] for row in rows]
    sides = [[row[f"response_{side}"] or "" for row in rows] for side in "ab"]
    everyone_N = _difference(_common.rewards(model, prompts * 2, sides[0] + sides[1]))
    length_N = _common.lengths(sides[0]) - _common.lengths(sides[1])
    own, everyone, longer, cluster, agrees = [], [], [], [], []
    for rater, votes in sorted(of_rater.items()):
        shots = min(SHOTS, len(votes) - LEAST)
        if shots < 1:
            continue
        order = rng.permutation(len(votes))
        placing, testing = ([votes[at] for at in some] for some in (order[:shots], order[shots:]))
        said = np.array([[lean > 0, 0.0, lean < 0] for _, lean in placing], dtype=float)
        vector = place(*([part[at] for at, _ in placing] for part in (prompts, *sides)), said)
        rows_T = [at for at, _ in testing]
        lean_T = np.array([lean for _, lean in testing])
        texts = [[part[at] for at in rows_T] for part in sides]
        asked = [prompts[at] for at in rows_T] * 2
        own_T = _difference(_common.finite(score_for(asked, texts[0] + texts[1], vector), len(asked)))
        own += _common.half(own_T * lean_T).tolist()
        everyone += _common.half(everyone_N[rows_T] * lean_T).tolist()
        longer += _common.half(length_N[rows_T] * lean_T).tolist()
        cluster += [rater] * len(testing)
        rest_T = np.array([rows[at]["p_a"] - rows[at]["p_b"] for at in rows_T])
        agrees += [float(np.mean(_common.half(rest_T * lean_T)))] * len(testing)
    if not own:
        raise DataError(
            f"No rater has more than {LEAST} votes with a winner here, so nobody could be placed and tested."
        )
    own_V, everyone_V, longer_V, cluster_V = np.array(own), np.array(everyone), np.array(longer), np.array(cluster)
    return {
        "suite": "raters",
        "n": len(own_V),
        "accuracy": wilson(own_V.sum(), len(own_V)),
        "clustered": bootstrap_mean(own_V, cluster_V, seed=seed),
        "baselines": {
            name: {
                **wilson(other_V.sum(), len(other_V)),
                "difference": bootstrap_mean(own_V - other_V, cluster_V, seed=seed),
            }
            for name, other_V in (("everyone", everyone_V), ("longer", longer_V))
        },
        "raters": len(set(cluster)),
        "shots": SHOTS,
        "subsets": _common.by_subset(own_V, longer_V, _thirds(np.array(agrees))),
    }


def _difference(reward_2N: np.ndarray) -> np.ndarray:
    """Reward of a less that of b, where those of all a stand before those of all b."""
    half = len(reward_2N) // 2
    return reward_2N[:half] - reward_2N[half:]


def _thirds(agrees_V: np.ndarray) -> np.ndarray:
    low, high = np.quantile(agrees_V, [1 / 3, 2 / 3])
    names = ["agrees least", "agrees middling", "agrees most"]
    return np.array(names)[(agrees_V > low).astype(int) + (agrees_V > high)]


def example() -> pa.Table:
    """Three made-up raters, one of whom wants the opposite of the others."""
    table = _common.example_pairs(
        *((f"Question {n}.", f"A long answer to {n}.", f"No {n}.", 0.6, 0.0, "g") for n in range(8))
    )
    votes = [
        [{"rater": rater, "outcome": "b" if rater == "r2" else "a"} for rater in ("r0", "r1", "r2")]
        for _ in range(len(table))
    ]
    at = table.column_names.index("votes")
    return table.set_column(at, table.schema.field("votes"), pa.array(votes, table.schema.field("votes").type))
