"""Languages: the same preferences asked in several languages, as M-RewardBench translates RewardBench.

Reads ``prompt``, ``chosen``, ``rejected``, ``language``, and optionally ``id`` (the same in every language, so that
translations are resampled together) and ``subset``, ``source`` or ``category``. The result, beyond the contract's keys:

    subsets     by language
    macro       mean of the languages' accuracies, {"value", "low", "high"}, resampled by id
    spread      best less worst language, {"value", "low", "high"}
    deviation   standard deviation over languages
    worst, best {"name", "value", "low", "high"}
    categories  by subset, over all languages
    equal       pairs whose two rewards are the same, which count as lost

Source: https://github.com/Cohere-Labs-Community/m-rewardbench (Gureja et al. 2024, arXiv 2410.15522).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from rewardtrain.evaluation import Model, _common
from rewardtrain.statistics import bootstrap_sums

TITLE = "Languages"
SUMMARY = "Chosen above rejected in each language, their mean and spread."

_SCHEMA = pa.schema([*_common.preference_schema("language"), ("id", pa.string())])


def read(path: Path, split: str) -> pa.Table:
    """The rows of a file; ``split`` says nothing here."""
    table = [
        {
            **{name: row[name] for name in (*_common.CHOSEN, "language")},
            "subset": str(next((row[name] for name in ("subset", "source", "category") if row.get(name)), "")),
            "id": str(row["prompt"] if row.get("id") is None else row["id"]),
        }
        for row in _common.read_rows(path, (*_common.CHOSEN, "language"))
    ]
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def evaluate(table: pa.Table, model: Model, *, seed: int = 0, train: pa.Table | None = None) -> dict[str, Any]:
    """Measure ``model`` on a table that `read` gave; the module's docstring gives the result's shape."""
    delta_N, win_N, longer_N = _common.won(table, model)
    language_N, id_N, category_N = (np.array(table[name].to_pylist()) for name in ("language", "id", "subset"))
    subsets = _common.by_subset(win_N, longer_N, language_N)
    order = sorted(subsets, key=lambda one: one["value"])
    of_NL = (language_N[:, None] == np.unique(language_N)).astype(float)
    part_NK = np.hstack([win_N[:, None] * of_NL, of_NL])
    return {
        **_common.headline("languages", win_N, longer_N, id_N, seed),
        "subsets": subsets,
        "macro": bootstrap_sums(part_NK, id_N, lambda sums: _by_language(sums).mean(axis=1), seed=seed),
        "spread": bootstrap_sums(part_NK, id_N, lambda sums: np.ptp(_by_language(sums), axis=1), seed=seed),
        "deviation": float(np.std([one["value"] for one in subsets])),
        "worst": {name: order[0][name] for name in ("name", "value", "low", "high")},
        "best": {name: order[-1][name] for name in ("name", "value", "low", "high")},
        "categories": _common.by_subset(win_N, longer_N, category_N),
        "equal": int((delta_N == 0).sum()),
    }


def example() -> pa.Table:
    """One made-up question in three languages."""
    rows = [
        ("Name a colour.", "Blue.", "A table.", "en"),
        ("Nenne eine Farbe.", "Blau.", "Ein Tisch.", "de"),
        ("Nomme une couleur.", "Le bleu marine.", "Une table.", "fr"),
    ]
    names = [*_common.CHOSEN, "language"]
    table = [{**dict(zip(names, row, strict=True)), "subset": "chat", "id": "0"} for row in rows]
    return pa.Table.from_pylist(table, schema=_SCHEMA)


def _by_language(sum_RK: np.ndarray) -> np.ndarray:
    sums_RL, counts_RL = np.split(sum_RK, 2, axis=1)
    return np.asarray(sums_RL / counts_RL)
