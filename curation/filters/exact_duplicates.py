"""Keeps one of the pairs that compare the same responses to the same prompt, on whichever side they stand.

Rows are compared by three 64-bit numbers: of question, dimension and prompt, of the one response and of the other. A
row would be taken for a duplicate by mistake if all three were alike.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import hashes, pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Exact duplicates"
SUMMARY = "Of pairs with the same prompt and responses, the one with most votes stays."
SETTINGS = settings_schema(
    conflicts=action_setting("keep", "drop", "review", default="keep")
    | {"title": "What is done with the pair that stays where a duplicate says the opposite"},
)
REASONS = {
    "duplicate": "The same pair is there with as many votes or more.",
    "duplicate_conflict": "The same pair is there with as many votes or more, and another outcome.",
    "conflicting_duplicates": "A duplicate of the pair has another outcome.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are how many rows are the same pair."""
    return judge(sketch(table, settings, context), settings, context)


def sketch(table: pa.Table, settings: Mapping[str, Any], context: Context) -> pa.Table:
    """What each row compares, irrespective of sides; what it says of it; and how it stands among duplicates."""
    said_N2 = np.column_stack([hashes.digests(table[f"response_{side}"], table[f"media_{side}"]) for side in "ab"])
    swapped_N = said_N2[:, 0] > said_N2[:, 1]
    return pa.table(
        {
            "asked": hashes.digests(*(table[name] for name in ("question", "dimension", "prompt"))),
            "low": said_N2.min(axis=1, initial=2**64 - 1),
            "high": said_N2.max(axis=1, initial=0),
            "says": pairs.codes_from(pairs.outcome_codes(table), swapped_N),
            **pairs.standing(table),
        }
    )


def judge(sketch: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """`decide`, from the sketches of all rows."""
    keys = [sketch[name].to_numpy() for name in ("high", "low", "asked")]
    order_N = np.lexsort([pairs.preference_order(sketch), *keys])
    first_N = np.ones(len(order_N), dtype=bool)  # in that order: of a group of duplicates, the one that stays
    first_N[1:] = np.any([key[order_N][1:] != key[order_N][:-1] for key in keys], axis=0)
    group_N = np.cumsum(first_N) - 1
    says_N = sketch["says"].to_numpy()[order_N]
    differs_N = says_N != says_N[first_N][group_N]
    conflict_N = first_N & (np.bincount(group_N, differs_N) > 0)[group_N] & (settings["conflicts"] != "keep")
    reason_N = np.full(len(order_N), "", dtype="U32")
    score_N = np.ones(len(order_N))
    reason_N[order_N] = np.select(
        [conflict_N, ~first_N & differs_N, ~first_N], ["conflicting_duplicates", "duplicate_conflict", "duplicate"], ""
    )
    score_N[order_N] = np.bincount(group_N)[group_N]
    action_N = np.where(reason_N == "", "keep", "drop")
    action_N = np.where(reason_N == "conflicting_duplicates", settings["conflicts"], action_N)
    return Decisions(action_N, reason_N, score_N=score_N)
