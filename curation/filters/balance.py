"""Keeps at most so many pairs of each subset, drawn by what the rows hold: no subset outweighs the others."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa

from curation.filters import Context, Decisions, settings_schema
from curation.pairs import IDENTITY

TITLE = "Balance of subsets"
SUMMARY = "Of every subset at most so many pairs stay."
SETTINGS = settings_schema(
    most={"type": "integer", "minimum": 1, "default": 100, "title": "Pairs a subset"},
    by={
        "type": "string",
        "default": "group",
        "title": "Subset",
        "description": "The row's group, or a name in its metadata, such as subset or language.",
    },
)
REASONS = {"subset_full": "Its subset has as many pairs as it may have."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are each row's place in the drawn order of its subset, from 0."""
    names = zip(*(table[name].to_pylist() for name in IDENTITY), strict=True)
    keys = [sha256(f"{context.seed} {name}".encode("utf-8", "surrogatepass")).digest() for name in names]
    subset_N = _subsets(table, settings["by"])
    place_N = np.zeros(table.num_rows)
    taken: dict[str, int] = {}
    for row in sorted(range(table.num_rows), key=keys.__getitem__):
        place_N[row] = taken.setdefault(subset_N[row], 0)
        taken[subset_N[row]] += 1
    return Decisions.drop_where(place_N >= settings["most"], "subset_full", score_N=place_N)


def _subsets(table: pa.Table, by: str) -> list[str]:
    if by == "group":
        return list(table["group"].to_pylist())
    return [str(json.loads(text or "{}").get(by, "")) for text in table["metadata"].to_pylist()]
