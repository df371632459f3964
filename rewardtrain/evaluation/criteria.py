"""Criteria: which response is better by a criterion that the row states, as Omni-RewardBench asks; text alone.

Reads ``prompt``, ``criterion``, ``chosen``, ``rejected`` and an optional ``subset``, and Omni-RewardBench's rows of
text (``criteria``, ``response1``, ``response2``, ``criteria_preference``), of which ties are left out as theirs are by
default. The criterion goes after the question in the user's last message. The result, beyond the contract's keys:

    without     accuracy without the criteria, and ``difference``: with less without; near 0 says they are not read
    flips       {"n", "both"}: pairs of rows in which two criteria prefer opposite responses of one prompt, and the
                share of which both are right; a model that does not read criteria gets 0
    subsets     by subset
    equal       pairs whose two rewards are the same, which count as lost

Source: https://github.com/HongbangYuan/OmniReward `evaluation_experiments/run_exp.py` (Jin et al. 2025,
arXiv 2510.23451).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.data import read_file
from rewardtrain.errors import DataError
from rewardtrain.evaluation import Model, _common

TITLE = "Criteria"
SUMMARY = "The better response by a criterion that each row states, with and without it."

_SCHEMA = _common.preference_schema("bare")


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file with the criterion in the prompt; ``split`` says nothing here."""
    columns = set(read_file(Path(path)).column_names)
    theirs = "criteria_preference" in columns
    if theirs:
        rows = _common.read_rows(path, ("prompt", "criteria", "response1", "response2", "criteria_preference"))
    else:
        rows = _common.read_rows(path, (*_common.CHOSEN, "bare" if "bare" in columns else "criterion"))
    _common.text_only(path, rows)
    table = []
    for number, row in enumerate(rows, 1):
        if theirs:
            if row["criteria_preference"] not in ("response1", "response2", "tie"):
                raise DataError(
                    f"Row {number} of {path} has the criteria_preference {row['criteria_preference']!r}; write "
                    "response1, response2 or tie."
                )
            if row["criteria_preference"] == "tie":
                continue
            other = {"response1": "response2", "response2": "response1"}[row["criteria_preference"]]
            row |= {"chosen": row[row["criteria_preference"]], "rejected": row[other], "criterion": row["criteria"]}
        if not row.get("bare"):
            row |= {"bare": row["prompt"], "prompt": stated(row["prompt"], row["criterion"])}
        table.append(
            {**{name: row[name] for name in (*_common.CHOSEN, "bare")}, "subset": str(row.get("subset") or "")}
        )
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    found = _common.measure_in_context("criteria", table, model, seed)
    win_N = _common.won(table, model)[1]
    asked: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(table.to_pylist()):
        asked.setdefault((row["bare"], row["chosen"], row["rejected"]), []).append(place)
    both = [
        win_N[i] * win_N[j]
        for (bare, chosen, rejected), places in asked.items()
        if chosen < rejected
        for i in places
        for j in asked.get((bare, rejected, chosen), [])
    ]
    return {**found, "flips": {"n": len(both), "both": float(np.mean(both)) if both else None}}


def example() -> pa.Table:
    """A made-up question by two criteria that disagree."""
    short, full = "Water boils at 100 °C.", "Water boils at 100 °C at sea level, and at less in the mountains."
    rows = [("The shorter one is better.", short, full), ("The more exact one is better.", full, short)]
    asked = "When does water boil?"
    return pa.Table.from_pylist(
        [
            {"prompt": stated(asked, text), "chosen": chosen, "rejected": rejected, "bare": asked, "subset": "facts"}
            for text, chosen, rejected in rows
        ],
        schema=_SCHEMA,
    )


def stated(prompt: str, criterion: str) -> str:
    """The prompt with its criterion after the question."""
    return _common.edited(prompt, lambda asked: f"{asked}\n\nCriterion: {criterion}")
