"""TextNorm: the softmax of a response's reward over contrastive prompts, as a calibrated confidence.

c(x, y) = exp(r(x, y)/T) / sum over x' in {x} and its contrastive prompts of exp(r(x', y)/T): how surely the response
answers this prompt rather than a near one. The paper normalises rewards of pictures so; here the responses are text.
Reads ``prompt``, ``contrastive`` (a list of prompts), ``chosen``, ``rejected`` and an optional ``subset``. The result,
beyond the contract's keys:

    accuracy    of the raw reward, chosen strictly above rejected
    text_norm   accuracy of c in its place, {"value", "low", "high", "difference"}, the difference to the raw reward's
    top         share of chosen responses whose own prompt has the highest reward of all, ties lost; and "chance"
    calibration of the highest of a chosen response's confidences, against whether it is its own prompt's
    temperature T, which is 1: the rewards' own scale, on which the losses here are logistic
    subsets     by subset, of the raw reward

Source: https://github.com/kykim0/TextNorm, whose `prompts/` show what contrastive prompts are; it holds no code, so
the formula is the one that its paper is known for (Kim et al. 2024, arXiv 2404.01863).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import softmax

from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_mean

TITLE = "TextNorm"
SUMMARY = "Confidence over contrastive prompts: its accuracy and calibration."

TEMPERATURE = 1.0
_SCHEMA = pa.schema([*_common.preference_schema(), ("contrastive", pa.list_(pa.large_string()))])


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file; ``split`` says nothing here."""
    table = [
        {**{name: row[name] for name in (*_common.CHOSEN, "contrastive")}, "subset": str(row.get("subset") or "")}
        for row in _common.read_rows(path, _common.CHOSEN, ("contrastive",))
    ]
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    _common.not_empty(table)
    rows = table.to_pylist()
    prompts = [[row["prompt"], *row["contrastive"]] for row in rows]
    asked = [text for some in prompts for text in (*some, *some)]
    answers = [
        row[side] for row, some in zip(rows, prompts, strict=True) for side in ("chosen", "rejected") for _ in some
    ]
    ends = np.cumsum([2 * len(some) for some in prompts])[:-1]
    by_row = [part.reshape(2, -1) for part in np.split(_common.rewards(model, asked, answers), ends)]
    confidence_by_row = [softmax(reward_2K / TEMPERATURE, axis=1) for reward_2K in by_row]
    win_N = _common.strict(np.array([reward_2K[0, 0] - reward_2K[1, 0] for reward_2K in by_row]))
    norm_N = _common.strict(np.array([c_2K[0, 0] - c_2K[1, 0] for c_2K in confidence_by_row]))
    top_N = np.array([float((reward_2K[0, 0] > reward_2K[0, 1:]).all()) for reward_2K in by_row])
    surest_N = np.array([c_2K[0].max() for c_2K in confidence_by_row])
    prompt_N = np.array([row["prompt"] for row in rows])
    longer_N = _common.half(
        _common.lengths(row["chosen"] for row in rows) - _common.lengths(row["rejected"] for row in rows)
    )
    against_raw = _common.baseline(norm_N, win_N, prompt_N, seed)["difference"]
    return {
        **_common.headline("text_norm", win_N, longer_N, prompt_N, seed),
        "text_norm": {**bootstrap_mean(norm_N, prompt_N, seed=seed), "difference": against_raw},
        "top": {
            **bootstrap_mean(top_N, prompt_N, seed=seed),
            "chance": float(np.mean([1 / len(some) for some in prompts])),
        },
        "calibration": _common.calibration(surest_N, top_N),
        "temperature": TEMPERATURE,
        "subsets": _common.by_subset(win_N, longer_N, np.array([row["subset"] for row in rows])),
    }


def example() -> pa.Table:
    """Two made-up prompts, with others that differ in their number."""
    rows = [
        ("Name two colours.", "Red and blue.", "Red.", "", ["Name one colour.", "Name three colours."]),
        ("Name one town.", "Rome, for one.", "Rome, Oslo.", "", ["Name two towns."]),
    ]
    return pa.Table.from_pylist([dict(zip(_SCHEMA.names, row, strict=True)) for row in rows], schema=_SCHEMA)
