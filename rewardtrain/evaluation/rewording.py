"""Robustness to rewording: the same pairs after changes that leave the better response the better one.

Takes a pair table and rewords both responses, or the prompt, by each of `rewardtrain.rewording`; rows that a
transformation leaves as they are do not count in it. The result, beyond the contract's keys:

    accuracy    before, over all rows with a winner
    transformations [{"name", "part", "domain", "preserves", "n", "before", "after", "drop", "stable", "moved"}]:
                accuracies on the n rows that changed; drop is before less after, {"value", "low", "high"}, paired and
                resampled by group; stable is the share of rows whose two responses are ranked as before; moved the mean
                change of a reward, in standard deviations of all rewards before
    drop        mean of the drops, and ``worst``: the name of the largest
    unchanged   names of transformations that changed no row
    subsets     accuracy after each transformation

Source: Wu et al. 2025 (reWordBench), https://aclanthology.org/2025.emnlp-main.167; which of its 28 transformations are
here is told in `rewardtrain.rewording`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.evaluation import Model, _common
from rewardtrain.rewording import TRANSFORMATIONS, reword
from rewardtrain.statistics import bootstrap_mean

TITLE = "Robustness to rewording"
SUMMARY = "What typos, marks and other forms of the same text cost in accuracy."


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file, or a table without splits, is taken whole."""
    return _common.read_pairs(path, split)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    table, winner_N = _common.with_winner(table)
    before = list(zip(*(table[name].to_pylist() for name in ("prompt", "response_a", "response_b")), strict=True))
    changed = {name: [_reworded(name, row, seed) for row in before] for name in TRANSFORMATIONS}
    rows_of = {
        name: np.array([new != old for new, old in zip(rows, before, strict=True)]) for name, rows in changed.items()
    }
    asked = [before, *([rows[i] for i in np.flatnonzero(rows_of[name])] for name, rows in changed.items())]
    flat = [row for rows in asked for row in rows]
    reward_2T = _common.rewards(
        model, [p for p, _, _ in flat] + [p for p, _, _ in flat], [a for _, a, _ in flat] + [b for _, _, b in flat]
    ).reshape(2, -1)
    parts = np.split(reward_2T, np.cumsum([len(rows) for rows in asked])[:-1], axis=1)
    group_N = _common.groups(table)
    right_N = _common.half((parts[0][0] - parts[0][1]) * winner_N)
    longer_N = _longer(before, winner_N)
    spread = float(parts[0].std()) or 1.0

    found: list[dict[str, Any]] = []
    subsets = []
    for (name, how), new_2R in zip(TRANSFORMATIONS.items(), parts[1:], strict=True):
        rows = rows_of[name]
        if not rows.any():
            continue
        old_2R = parts[0][:, rows]
        after_R = _common.half((new_2R[0] - new_2R[1]) * winner_N[rows])
        found.append(
            {
                "name": name, "part": how.part, "domain": how.domain, "preserves": how.preserves, "n": int(rows.sum()),
                "before": float(right_N[rows].mean()), "after": float(after_R.mean()),
                "drop": bootstrap_mean(right_N[rows] - after_R, group_N[rows], seed=seed),
                "stable": float((np.sign(new_2R[0] - new_2R[1]) == np.sign(old_2R[0] - old_2R[1])).mean()),
                "moved": float(np.abs(new_2R - old_2R).mean()) / spread,
            }
        )  # fmt: skip
        new = [changed[name][i] for i in np.flatnonzero(rows)]
        subsets.append(_common.subset(name, after_R, _longer(new, winner_N[rows])))
    return {
        **_common.headline("rewording", right_N, longer_N, group_N, seed),
        "transformations": found,
        "drop": float(np.mean([one["drop"]["value"] for one in found])),
        "worst": max(found, key=lambda one: float(one["drop"]["value"]))["name"],
        "unchanged": [name for name, rows in rows_of.items() if not rows.any()],
        "subsets": subsets,
    }


def example() -> pa.Table:
    """Three made-up comparisons with prose, a list, code and a formula."""
    return _common.example_pairs(
        ("Name two colours.", '- Blue\n- "Red", I\'d say', "I do not know any colors.", 0.9, 0.0, "colours"),
        ("Print 1.", "```python\nif True:\n    print(1)\n```", "Write `1`, or something.", 1.0, 0.0, "code"),
        ("Add 2 and 2.", r"We have 2 numbers: $2 + 2$ is \boxed{4}.", r"It is \boxed{5}.", 1.0, 0.0, "sums"),
    )


def _reworded(name: str, row: tuple[str, str, str], seed: int) -> tuple[str, str, str]:
    prompt, a, b = row
    if TRANSFORMATIONS[name].part == "prompt":
        return _common.edited(prompt, lambda text: reword(name, text, seed)), a, b
    return prompt, reword(name, a, seed), reword(name, b, seed)


def _longer(rows: list[tuple[str, str, str]], winner_N: np.ndarray) -> np.ndarray:
    return _common.half((_common.lengths(a for _, a, _ in rows) - _common.lengths(b for *_, b in rows)) * winner_N)
