"""Drops pairs whose two responses are the same: there is nothing to learn from which of them was preferred."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, settings_schema

TITLE = "Identical responses"
SCOPE = "row"
SUMMARY = "Pairs of one response with itself are dropped."
SETTINGS = settings_schema()
REASONS = {"identical_responses": "Both responses are the same."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """No scores: a pair is identical or not."""
    both = zip(pairs.responses(table, "a"), pairs.responses(table, "b"), strict=True)
    return Decisions.drop_where(np.array([a == b for a, b in both], dtype=bool), "identical_responses")
