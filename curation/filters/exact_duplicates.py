"""Keeps one of the pairs that compare the same responses to the same prompt, on whichever side they stand."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
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
    reason_N = np.full(table.num_rows, "", dtype="U32")
    score_N = np.ones(table.num_rows)
    outcome_N = pairs.winner(table)
    groups: dict[tuple[Any, ...], list[tuple[int, bool]]] = {}
    for place, (pair, swapped) in enumerate(_pairs(table)):
        groups.setdefault(pair, []).append((place, swapped))
    rank_N = pairs.preference_order(table)
    for same in groups.values():
        if len(same) == 1:
            continue
        score_N[[place for place, _ in same]] = len(same)
        kept, *others = sorted(same, key=lambda entry: rank_N[entry[0]])
        said = {entry: pairs.seen_from(outcome_N[entry[0]], entry[1]) for entry in same}
        for entry in others:
            reason_N[entry[0]] = "duplicate" if said[entry] == said[kept] else "duplicate_conflict"
        if settings["conflicts"] != "keep" and len(set(said.values())) > 1:
            reason_N[kept[0]] = "conflicting_duplicates"
    action_N = np.where(reason_N == "", "keep", "drop")
    action_N = np.where(reason_N == "conflicting_duplicates", settings["conflicts"], action_N)
    return Decisions(action_N, reason_N, score_N=score_N)


def _pairs(table: pa.Table) -> list[tuple[tuple[Any, ...], bool]]:
    """What each row compares irrespective of sides, and whether its sides are swapped from that."""
    asked = [table[name].to_pylist() for name in ("question", "dimension", "prompt")]
    return [
        ((question, dimension, prompt, *sorted((a, b))), a > b)
        for question, dimension, prompt, a, b in zip(
            *asked, pairs.responses(table, "a"), pairs.responses(table, "b"), strict=True
        )
    ]
