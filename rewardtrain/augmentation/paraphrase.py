"""Responses beside rewordings of themselves, which must be worth the same.

Rows of the question `rewardtrain.data.SAME`: the penalty *consistency* pulls their rewards together and the loss leaves
them out; without that penalty they are ties. The rewordings are rules (`rewardtrain.rewording`); those whose rows
would say something else to a person, such as code turned into prose, are not among them.

reWordBench (Wu et al. 2025, arXiv 2503.11751) trains with paraphrases by a language model; to use such, put them into
the table as rows of that question.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from rewardtrain.data import SAME
from rewardtrain.modeling.losses import setting, settings_of
from rewardtrain.rewording import TRANSFORMATIONS, reword

TITLE = "Rewordings"
SUMMARY = "Responses beside rewordings of themselves; the penalty consistency makes them worth the same."
SETTINGS = settings_of(
    share=setting(
        "number", 0.5, "Share", "How many of the distinct responses get a rewording.", exclusiveMinimum=0, maximum=1
    )
)
NAMES = tuple(
    name
    for name, found in TRANSFORMATIONS.items()
    if found.part == "response" and found.preserves == "meaning" and found.domain in ("any", "prose")
)


def augmented(table: pa.Table, settings: Mapping[str, Any], *, seed: int) -> pa.Table:
    """The table, then a row for each drawn response that some rewording changes."""
    rng = np.random.default_rng([seed, len(table)])
    distinct: dict[tuple[str, str], dict[str, Any]] = {}
    for row in table.to_pylist():
        for side in "ab":
            if row[f"response_{side}"]:
                distinct.setdefault((row["prompt"], row[f"response_{side}"]), row)
    added = []
    for (prompt, text), row in distinct.items():
        if rng.random() >= settings["share"]:
            continue
        for name in rng.permutation(NAMES)[:4].tolist():  # the first of a few that changes anything
            other = reword(name, text, seed)
            if other != text:
                added.append(_row(row, prompt, text, other, name))
                break
    return pa.concat_tables([table, pa.Table.from_pylist(added, schema=pairs.SCHEMA)])


def _row(row: dict[str, Any], prompt: str, text: str, other: str, name: str) -> dict[str, Any]:
    return {
        "row_id": pairs.row_id(prompt, text, other), "item": row["item"], "question": SAME,
        "dimension": row["dimension"], "group": row["group"], "prompt": prompt, "response_a": text, "response_b": other,
        "p_a": 0.0, "p_tie": 1.0, "p_b": 0.0, "p_both_bad": 0.0, "strength": 0.0, "margin": 0.0,
        "weight": row["weight"], "n_votes": 0, "votes": [], "metadata": pairs.canonical_json({"rewording": name}),
    }  # fmt: skip
