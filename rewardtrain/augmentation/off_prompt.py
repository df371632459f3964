"""Responses to other prompts lose against the right ones and tie among themselves.

With a row i of (prompt x_i, winner w_i, loser l_i) and two other rows j and k, drawn by two shuffles, under x_i both of
w_i and l_i beat each of w_j, l_j, w_k, l_k (8 pairs), and those four tie with one another (6 pairs). So a model cannot
learn what makes a response look good without its prompt: artifacts such as length or format.

Liu et al. 2024, RRM (arXiv 2409.13156): 14 triples to each, of which the paper trains on a drawn share.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from rewardtrain.modeling.losses import setting, settings_of

TITLE = "Off-prompt responses"
SUMMARY = "Responses to other prompts lose to the right ones and tie among themselves (RRM)."
SETTINGS = settings_of(
    share=setting(
        "number", 0.3, "Share", "How many of the 14 possible rows are added to each, on average, over 14.",
        minimum=0, maximum=1,
    ),
    ties=setting("boolean", True, "Ties", "Whether foreign responses are also said to tie among themselves."),
)  # fmt: skip


def augmented(table: pa.Table, settings: Mapping[str, Any], *, seed: int) -> pa.Table:
    """The table, then the drawn rows; of rows with a winner, and of partners that answer another prompt."""
    rows = table.to_pylist()
    rng = np.random.default_rng([seed, len(rows)])
    decided = [row for row in rows if row["response_a"] and row["response_b"] and row["p_a"] != row["p_b"]]
    order_2N = [rng.permutation(len(decided)) for _ in range(2)]
    added = []
    for i, row in enumerate(decided):
        own = [row["response_a"], row["response_b"]]
        foreign = [
            text
            for order_N in order_2N
            for partner in [decided[order_N[i]]]
            if partner["prompt"] != row["prompt"]
            for text in (partner["response_a"], partner["response_b"])
            if text not in own
        ]
        foreign = list(dict.fromkeys(foreign))
        found = [(good, bad, True) for good in own for bad in foreign]
        if settings["ties"]:
            found += [(one, other, False) for at, one in enumerate(foreign) for other in foreign[at + 1 :]]
        for one, other, wins in found:
            if rng.random() < settings["share"]:
                a, b = (one, other) if rng.random() < 0.5 else (other, one)
                added.append(_row(row, a, b, (1.0 if a is one else -1.0) if wins else 0.0))
    return pa.concat_tables([table, pa.Table.from_pylist(added, schema=pairs.SCHEMA)])


def _row(row: dict[str, Any], a: str, b: str, lean: float) -> dict[str, Any]:
    """A row under the same prompt; ``lean`` is 1 where a wins, -1 where b does, 0 for a tie."""
    return {
        **row, "row_id": pairs.row_id(row["prompt"], a, b), "response_a": a, "response_b": b, "key_a": "", "key_b": "",
        "model_a": None, "model_b": None, "media_a": [], "media_b": [], "votes": [], "n_votes": 0, "gold": None,
        "p_a": float(lean > 0), "p_tie": float(lean == 0), "p_b": float(lean < 0), "p_both_bad": 0.0,
        "strength": lean, "margin": 0.0,
    }  # fmt: skip
