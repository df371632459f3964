"""Probes: what a frozen reward model's vectors know of each dimension of preference, by a logistic probe.

Reads ``prompt``, ``response`` and one column of integer labels a dimension (helpful, harmless, …), null where unknown;
takes a model with ``vectors``. The result, beyond the contract's keys:

    accuracy    of the probes over all labels, each predicted while its prompt was held out
    dimensions  [{"name", "n", "classes", "balanced", "majority", "longer", "difference"}]: balanced is the balanced
                accuracy, {"value", "low", "high"}, resampled by prompt; majority is what a constant gets by it, one
                over the number of classes; longer is the balanced accuracy of the same probe of the length alone, and
                difference the model's less it, paired
    mean        mean of the balanced accuracies
    baselines   "longer": the probe of the length; "majority": the class that is most frequent in the other folds
    left_out    dimensions with one class, or a class in fewer prompts than FOLDS
    subsets     balanced accuracy by dimension

Nested cross-validation by prompt: in each of 5 folds, the strength of the penalty is chosen by 3 folds inside the rest,
and vectors are scaled by the rest. Source: https://github.com/wangclnlp/MRMBench (Wang et al. 2025, "Probing Preference
Representations"), which fits a head to the frozen model with a train and a test set of its own.
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rewardtrain.errors import DataError, RewardModelError
from rewardtrain.evaluation import Model, VectorModel, _common
from rewardtrain.statistics import bootstrap_sums

TITLE = "Probes per dimension"
SUMMARY = "A logistic probe of the frozen model's vectors for each dimension of preference."

FOLDS, INNER = 5, 3
STRENGTHS = tuple(10.0**power for power in (-4, -2, 0, 2))  # inverse of the penalty
_OTHERS = ("id", "subset", "group", "metadata", "model")  # columns that are no dimension


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file, dimensions as int64; ``split`` says nothing here."""
    rows = _common.read_rows(path, ("prompt", "response"))
    names = [name for name in (rows[0] if rows else ()) if name not in ("prompt", "response", *_OTHERS)]
    if rows and not names:
        raise DataError(f"{path} has no column of labels beside prompt and response. Add one for each dimension.")
    for number, row in enumerate(rows, 1):
        for name in names:
            value = row[name]
            if value is not None:
                if isinstance(value, bool):
                    value = int(value)
                if not isinstance(value, int | float) or value != int(_common.as_number(value, path, number, name)):
                    raise DataError(f"Row {number} of {path} has {value!r} in {name}. Labels are integers, or null.")
                row[name] = int(value)
    schema = pa.schema(
        [("prompt", pa.large_string()), ("response", pa.large_string()), *((name, pa.int64()) for name in names)]
    )
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape.

    Raises
    ------
    RewardModelError
        If the model shows no vectors.
    DataError
        If no dimension has enough labels.
    """
    _common.not_empty(table)
    if not hasattr(model, "vectors"):
        raise RewardModelError("This model shows no vectors, so nothing can be probed.")
    prompts, responses = (table[name].to_pylist() for name in ("prompt", "response"))
    vector_ND = np.asarray(cast(VectorModel, model).vectors(prompts, responses), float)
    _common.finite(vector_ND.T, len(prompts))
    length_N1, prompt_N = _common.lengths(responses)[:, None], np.array(prompts)
    dimensions, left_out, parts = [], [], []
    for name in table.column_names[2:]:
        known = np.array([value is not None for value in table[name].to_pylist()])
        label_R = np.array([value for value in table[name].to_pylist() if value is not None], int)
        prompt_R = prompt_N[known]
        classes, code_R = np.unique(label_R, return_inverse=True)
        if len(classes) < 2 or min(len(set(prompt_R[code_R == one])) for one in range(len(classes))) < FOLDS:
            left_out.append(name)
            continue
        folds = list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(code_R, code_R, prompt_R))
        right_R, longer_R = (
            (held_out(some_ND[known], code_R, prompt_R, folds, seed) == code_R).astype(float)
            for some_ND in (vector_ND, length_N1)
        )
        majority_R = np.zeros(len(code_R))
        for rest, held in folds:
            majority_R[held] = code_R[held] == np.bincount(code_R[rest]).argmax()
        parts.append((right_R, longer_R, majority_R, prompt_R))
        of_RC = np.eye(len(classes))[code_R]
        both = {"balanced": right_R, "longer": longer_R, "difference": right_R - longer_R}
        found = {
            key: bootstrap_sums(np.hstack([some_R[:, None] * of_RC, of_RC]), prompt_R, mean_of_classes, seed=seed)
            for key, some_R in both.items()
        }
        dimensions.append(
            {"name": name, "n": len(code_R), "classes": classes.tolist(), "majority": 1 / len(classes), **found}
        )
    if not parts:
        raise DataError(
            f"No dimension has two classes that stand under at least {FOLDS} prompts each. Give more rows, or merge "
            "classes."
        )
    right_N, longer_N, majority_N, cluster_N = (np.concatenate(some) for some in zip(*parts, strict=True))
    result = _common.headline("probe", right_N, longer_N, cluster_N, seed)
    result["baselines"]["majority"] = _common.baseline(right_N, majority_N, cluster_N, seed)
    return {
        **result,
        "dimensions": dimensions,
        "mean": float(np.mean([one["balanced"]["value"] for one in dimensions])),
        "left_out": left_out,
        "subsets": [
            {
                "name": one["name"], "n": one["n"], "longer": one["longer"]["value"],
                **{key: one["balanced"][key] for key in ("value", "low", "high")},
            }
            for one in dimensions
        ],
    }  # fmt: skip


def example() -> pa.Table:
    """Sixteen made-up answers under eight prompts, of which the longer are the helpful ones."""
    rows = [
        {"prompt": f"Name {n} colours.", "response": text, "helpful": helpful, "polite": int(n % 2 == helpful)}
        for n in range(1, 9)
        for text, helpful in (("No." + "!" * (n % 3), 0), ("Red, blue, green and others" + "!" * n, 1))
    ]
    schema = pa.schema(
        [
            ("prompt", pa.large_string()),
            ("response", pa.large_string()),
            ("helpful", pa.int64()),
            ("polite", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def held_out(
    vector_RD: np.ndarray,
    code_R: np.ndarray,
    prompt_R: np.ndarray,
    folds: list[tuple[np.ndarray, np.ndarray]],
    seed: int,
) -> np.ndarray:
    """The class of each row as a probe says that was fitted to the other folds, its penalty chosen inside them."""
    guess_R = np.empty_like(code_R)
    for rest, held in folds:
        inner = StratifiedGroupKFold(INNER, shuffle=True, random_state=seed)
        found = LogisticRegressionCV(
            Cs=STRENGTHS, cv=list(inner.split(rest, code_R[rest], prompt_R[rest])), scoring="balanced_accuracy",
            max_iter=1000, class_weight="balanced", l1_ratios=(0,), use_legacy_attributes=False,
        )  # fmt: skip
        probe = make_pipeline(StandardScaler(), found)
        guess_R[held] = probe.fit(vector_RD[rest], code_R[rest]).predict(vector_RD[held])
    return guess_R


def mean_of_classes(sum_RK: np.ndarray) -> np.ndarray:
    """Mean of the classes' means; K holds their sums, then their counts. Draws without some class are left out."""
    sums_RC, counts_RC = np.split(sum_RK, 2, axis=1)
    return np.asarray((sums_RC / counts_RC).mean(axis=1))
