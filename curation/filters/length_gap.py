"""Drops pairs whose responses differ too much in length, where length alone may have decided."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Length gap"
SCOPE = "row"
SUMMARY = "The longer response may be at most this many times as long as the shorter."
SETTINGS = settings_schema(
    max_ratio={"type": "number", "minimum": 1, "default": 10, "title": "Most times as long"},
    action=action_setting("drop", "review", default="drop"),
)
REASONS = {"length_gap": "One response is many times as long as the other."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are ratios of the lengths in characters, 1 or more; an empty response counts as one character."""
    length_N2 = np.column_stack([pc.utf8_length(table[f"response_{side}"]).to_numpy() for side in "ab"])
    ratio_N = length_N2.max(axis=1, initial=1) / np.maximum(length_N2.min(axis=1, initial=2**62), 1)
    return Decisions.drop_where(
        ratio_N > settings["max_ratio"], "length_gap", action=settings["action"], score_N=ratio_N
    )
