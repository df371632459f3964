"""Contrast instructions: of two near-identical prompts with different answers, each answer fits its own prompt best.

Reads ``prompt``, ``response``, ``contrast_prompt``, ``contrast_response`` and an optional ``subset``. The result,
beyond the contract's keys:

    accuracy    C_res, the next line, over the two prompts of every row
    c_res       P[r(I, R) > r(I, R')]: the prompt's own response against the other prompt's
    c_ins       P[r(I, R) > r(I', R)]: the response under its own prompt against the same under the other
    both        share of rows in which all four comparisons are won
    insensitive share of rows whose two rewards r(I, R) and r(I', R) are the same: the prompt is not read
    subsets     C_res by subset

Each of c_res and c_ins is {"value", "low", "high"}, by rows, resampled by prompt. What is longer says nothing of C_ins,
so a model of length gets 0 there. Source: Shen et al. 2023, https://arxiv.org/abs/2309.16155.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean

TITLE = "Contrast instructions"
SUMMARY = "Near-identical prompts: does the reward follow what is asked?"

_COLUMNS = ("prompt", "response", "contrast_prompt", "contrast_response")
_SCHEMA = pa.schema([*((name, pa.large_string()) for name in _COLUMNS), ("subset", pa.string())])


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file; ``split`` says nothing here."""
    table = [
        {**{name: row[name] for name in _COLUMNS}, "subset": str(row.get("subset") or "")}
        for row in _common.read_rows(path, _COLUMNS)
    ]
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    prompt, response, other_prompt, other_response = (table[name].to_pylist() for name in _COLUMNS)
    own_N, with_other_N, others_own_N, others_with_N = np.split(
        _common.rewards(
            model,
            prompt + prompt + other_prompt + other_prompt,
            response + other_response + other_response + response,
        ),
        4,
    )
    length_N = _common.lengths(response) - _common.lengths(other_response)
    res_2N = _common.strict(np.stack([own_N - with_other_N, others_own_N - others_with_N]))
    ins_2N = _common.strict(np.stack([own_N - others_with_N, others_own_N - with_other_N]))
    cluster_N = np.array(prompt)
    win_N, longer_N = res_2N.mean(axis=0), _common.strict(np.stack([length_N, -length_N])).mean(axis=0)
    return {
        **_common.headline("contrast", win_N, longer_N, cluster_N, seed),
        "c_res": bootstrap_mean(win_N, cluster_N, seed=seed),
        "c_ins": bootstrap_mean(ins_2N.mean(axis=0), cluster_N, seed=seed),
        "both": float(np.concatenate([res_2N, ins_2N]).all(axis=0).mean()),
        "insensitive": float((own_N == others_with_N).mean()),
        "subsets": _common.by_subset(win_N, longer_N, np.array(table["subset"].to_pylist())),
    }


def example() -> pa.Table:
    """Two made-up rows."""
    rows = [
        ("Name a colour.", "Blue.", "Name a cheese.", "Brie, or any other."),
        ("Add 2 and 2.", "4", "Multiply 2 and 3.", "The product is 6."),
    ]
    return pa.Table.from_pylist(
        [dict(zip([*_COLUMNS, "subset"], (*row, ""), strict=True)) for row in rows], schema=_SCHEMA
    )
