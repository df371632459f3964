"""Drops pairs that too few raters voted on, or sends them back to people."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Minimum votes"
SCOPE = "row"
SUMMARY = "A pair needs this many votes to stay."
SETTINGS = settings_schema(
    least={"type": "integer", "minimum": 1, "default": 3, "title": "Votes needed"},
    action=action_setting("drop", "review", default="drop"),
)
REASONS = {"too_few_votes": "Fewer raters voted on the pair than are needed."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are votes."""
    votes_N = table["n_votes"].to_numpy().astype(np.float64)
    few_N = votes_N < settings["least"]
    return Decisions.drop_where(few_N, "too_few_votes", action=settings["action"], score_N=votes_N)
