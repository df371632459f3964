"""Drops pairs whose consensus is not sure enough, by the probability of the likeliest outcome or by entropy."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Consensus threshold"
SCOPE = "row"
SUMMARY = "The likeliest outcome must be likely enough, and the whole distribution narrow enough."
SETTINGS = settings_schema(
    min_probability={
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.6,
        "title": "Least probability of the likeliest outcome",
    },
    max_entropy={
        "type": "number",
        "minimum": 0,
        "maximum": 2,
        "default": 2,
        "title": "Largest entropy over the four outcomes, in bits",
    },
    action=action_setting("drop", "review", default="drop"),
)
REASONS = {
    "low_probability": "The likeliest outcome is not likely enough.",
    "high_entropy": "The votes are spread over too many outcomes.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are probabilities of the likeliest outcome."""
    probs_N4 = pairs.outcome_probs(table)
    likeliest_N = probs_N4.max(axis=1, initial=0)
    unsure_N = likeliest_N < settings["min_probability"]
    spread_N = ~unsure_N & (pairs.entropy(probs_N4) > settings["max_entropy"] + 1e-9)
    reason_N = np.select([unsure_N, spread_N], ["low_probability", "high_entropy"], "")
    return Decisions(np.where(reason_N != "", settings["action"], "keep"), reason_N, score_N=likeliest_N)
