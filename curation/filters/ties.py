"""Says what becomes of pairs that are ties or both bad: kept as soft labels, dropped, or sent back to people."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Ties and both bad"
SCOPE = "row"
SUMMARY = "Pairs without a winner can be kept as soft labels, dropped, or sent back to people."
SETTINGS = settings_schema(
    tie=action_setting("keep", "drop", "review", default="keep") | {"title": "Ties"},
    both_bad=action_setting("keep", "drop", "review", default="drop") | {"title": "Both bad"},
)
REASONS = {"tie": "The likeliest outcome is a tie.", "both_bad": "Both responses are likeliest bad."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the probability that there is no winner."""
    winner_N = pairs.winner(table)
    reason_N = np.select(
        [(winner_N == outcome) & (settings[outcome] != "keep") for outcome in REASONS], list(REASONS), ""
    )
    action_N = np.array([settings[reason] if reason else "keep" for reason in reason_N.tolist()], dtype="U8")
    undecided = [OUTCOMES.index("tie"), OUTCOMES.index("both_bad")]
    return Decisions(action_N, reason_N, score_N=pairs.outcome_probs(table)[:, undecided].sum(axis=1))
