"""Distribution shift: accuracy and calibration where a model was trained, and where it was not.

Takes a pair table whose rows' metadata name a ``shift``, the ``side`` of it ("source" or "target") and, optionally,
``tuned``: what a model that was tuned on the target made of the row, 1 right, 0 wrong, 0.5 undecided. A table without
these is read by its groups (or subsets): those in the train split are the source, every other one is a shift of its
own. The result, beyond the contract's keys:

    accuracy    over all target rows
    shifts      [{"name", "source", "target", "gap", "tuned", "elicited"}]: source and target are {"n", "value", "low",
                "high", "longer", "calibration"}, calibration as `pairs` gives it with "rms", the root mean square
                calibration error; gap is source less target, {"value", "low", "high"}, resampled by prompt;
                tuned is null, or {"n", "value", "difference"}: the tuned model on the target rows for which it is
                known, and the model less it there, paired
                elicited, null without tuned: (target accuracy - that of longer wins) / the tuned model's, after GENIES'
                differential elicitation, whose baseline is the untrained model
    gap         mean of the shifts' gaps
    subsets     the target sides, by shift

Source: https://github.com/Joshuaclymer/GENIES `src/api/compute_generalization_metrics.py` (Clymer et al. 2023,
arXiv 2311.07723).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean, bootstrap_sums

TITLE = "Distribution shift"
SUMMARY = "Accuracy and calibration where the model was trained, and where it was not."


def read(path: Path, split: str) -> pa.Table:
    """The rows of a split; a single file, or a table without splits, is taken whole."""
    return _common.read_pairs(path, split)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a pair table; the module's docstring gives the result's shape.

    Raises
    ------
    DataError
        If the rows name no shift and the train split does not tell source from target.
    """
    _common.not_empty(table)
    table, winner_N = _common.with_winner(table)
    shift_N, target_N, tuned_N = _sides(table, train)
    prompts, a, b = (table[name].to_pylist() for name in ("prompt", "response_a", "response_b"))
    reward_2N = _common.rewards(model, prompts + prompts, a + b)
    delta_N = reward_2N[: len(table)] - reward_2N[len(table) :]
    right_N = _common.half(delta_N * winner_N)
    longer_N = _common.half((_common.lengths(a) - _common.lengths(b)) * winner_N)
    p_N, label_N = _common.p_first(model, delta_N), (winner_N + 1) / 2
    prompt_N = np.array(prompts)

    def side(rows: np.ndarray) -> dict[str, Any]:
        found = _common.calibration(p_N[rows], label_N[rows])
        found["rms"] = float(
            np.sqrt(sum(bin["n"] * (bin["predicted"] - bin["observed"]) ** 2 for bin in found["bins"]) / found["n"])
        )
        return {**_common.subset("", right_N[rows], longer_N[rows]), "calibration": found}

    shifts: list[dict[str, Any]] = []
    for name in np.unique(shift_N[target_N]):
        target = target_N & (shift_N == name)
        source = ~target_N & ((shift_N == name) | (shift_N == ""))
        if not source.any():
            raise DataError(f"The shift {name} has no row of the side source. Add some, or leave the shift out.")
        sides = {"source": side(source), "target": side(target)}
        part_NK = np.column_stack([right_N * source, source, right_N * target, target])[source | target]
        known = target & np.isfinite(tuned_N)
        tuned: dict[str, Any] | None = None
        if known.any():
            difference = bootstrap_mean((right_N - tuned_N)[known], prompt_N[known], seed=seed)
            tuned = {"n": int(known.sum()), "value": float(tuned_N[known].mean()), "difference": difference}
        lead = float((right_N - longer_N)[target].mean())
        shifts.append(
            {
                "name": str(name),
                **{key: {k: v for k, v in value.items() if k != "name"} for key, value in sides.items()},
                "gap": bootstrap_sums(part_NK, prompt_N[source | target], _gap, seed=seed),
                "tuned": tuned,
                "elicited": lead / tuned["value"] if tuned and tuned["value"] else None,
            }
        )
    return {
        **_common.headline("shift", right_N[target_N], longer_N[target_N], prompt_N[target_N], seed),
        "shifts": shifts,
        "gap": float(np.mean([one["gap"]["value"] for one in shifts])),
        "subsets": _common.by_subset(right_N[target_N], longer_N[target_N], shift_N[target_N]),
    }


def example() -> pa.Table:
    """Four made-up comparisons of one shift, from easy sums to hard ones."""
    table = _common.example_pairs(
        ("Add 2 and 2.", "4", "5, I think.", 1.0, 0.0, ""),
        ("Add 3 and 3.", "6", "It is 6.", 0.0, 0.0, ""),
        ("Add 213 and 878.", "1091", "1081, I think.", 1.0, 0.0, ""),
        ("Add 999 and 999.", "It is 1998.", "1998", 1.0, 0.0, ""),
    )
    sides = ['{"shift":"easy to hard","side":"%s"}' % side for side in ("source", "source", "target", "target")]  # noqa: UP031 (braces)
    return table.set_column(
        table.schema.get_field_index("metadata"), table.schema.field("metadata"), pa.array(sides, pa.large_string())
    )


def _sides(table: pa.Table, train: pa.Table | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Name of each row's shift ("" a source of all shifts), whether it is a target, and the tuned model's result."""
    metadata = _common.metadata(table)
    if any("shift" in one for one in metadata):
        for number, one in enumerate(metadata, 1):
            if not one.get("shift") or one.get("side") not in ("source", "target"):
                raise DataError(
                    f"Row {number} of those with a winner names no shift or no side in its metadata. Write both in "
                    "every row; the side is source or target."
                )
            if one.get("tuned") not in (None, 0, 0.5, 1):
                raise DataError(
                    f"Row {number} of those with a winner has tuned {one['tuned']!r} in its metadata. Write 1, 0 or "
                    "0.5."
                )
        tuned_N = np.array([np.nan if one.get("tuned") is None else float(one["tuned"]) for one in metadata])
        return (
            np.array([str(one["shift"]) for one in metadata]), np.array([one["side"] == "target" for one in metadata]),
            tuned_N,
        )  # fmt: skip
    name_N = _common.subset_names(table)
    seen = set(_common.subset_names(train).tolist()) - {""} if train is not None else set()
    target_N = np.array([bool(name) and name not in seen for name in name_N.tolist()])
    if not seen or target_N.all() or not target_N.any():
        raise DataError(
            "Nothing tells source from target. Name shift and side in the rows' metadata, or give a folder whose train "
            "split holds some of the groups of this one and not all."
        )
    return np.where(target_N, name_N, ""), target_N, np.full(len(table), np.nan)


def _gap(sum_RK: np.ndarray) -> np.ndarray:
    return np.asarray(sum_RK[:, 0] / sum_RK[:, 1] - sum_RK[:, 2] / sum_RK[:, 3])
