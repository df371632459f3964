"""Takes out the votes of raters who are named or found unreliable, and labels all pairs anew from the others."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import aggregation, labels, pairs
from curation.filters import Context, Decisions, settings_schema

TITLE = "Rater exclusion"
SUMMARY = "Votes of the raters named, and of those below a reliability, no longer count; every pair is labelled anew."
SETTINGS = settings_schema(
    raters={"type": "array", "items": {"type": "string"}, "default": [], "title": "Raters to leave out"},
    min_reliability={
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0,
        "title": "Least reliability",
        "description": "As the consensus method estimates it; methods that estimate none leave out nobody.",
    },
    min_votes={
        "type": "integer",
        "minimum": 1,
        "default": 10,
        "title": "Votes before reliability counts",
        "description": "Raters with fewer are not judged by their reliability.",
    },
    method={"type": "string", "default": aggregation.DEFAULT, "title": "Consensus method"},
    label={
        "enum": ["posterior", "forecast"],
        "default": "posterior",
        "title": "Label",
        "description": "Which outcome is true, or how the next vote would fall.",
    },
)
REASONS = {
    "votes_excluded": "Votes on the pair were left out; the label follows from the others.",
    "consensus_moved": "The label moved because raters who also voted elsewhere were left out.",
    "no_votes_left": "All votes on the pair were left out.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the share of a pair's votes that is left out; pairs that nobody voted on are kept as they are."""
    return judge(sketch(table, settings, context), settings, context)


def sketch(table: pa.Table, settings: Mapping[str, Any], context: Context) -> pa.Table:
    """The votes, and what they are on."""
    return labels.sketch(table)


def judge(sketch: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """`decide`, from the sketches of all rows."""
    excluded = set(settings["raters"]) | _unreliable(sketch, settings, context)
    if not excluded:  # the labels stand as they are, whatever made them
        return Decisions.drop_where(np.zeros(sketch.num_rows, dtype=bool), "", score_N=np.zeros(sketch.num_rows))
    found = _consensus(sketch, settings, context, excluded)
    lost_N, had_N = found.lost_N, np.bincount(found.row_V, minlength=sketch.num_rows)
    empty_N = (had_N > 0) & (lost_N == had_N)
    old_N4 = pairs.outcome_probs(sketch)
    moved_N = (had_N > 0) & ~np.isclose(found.probs_N4, old_N4, rtol=0, atol=10**-labels.DECIMALS).all(axis=1)
    reason_N = np.select([empty_N, lost_N > 0, moved_N], ["no_votes_left", "votes_excluded", "consensus_moved"], "")
    action_N = np.select([empty_N, reason_N != ""], ["drop", "relabel"], "keep")
    with np.errstate(invalid="ignore"):
        score_N = lost_N / np.where(had_N > 0, had_N, np.nan)
    votes = labels.votes_without(sketch, excluded)
    return Decisions(action_N, reason_N, label_N4=found.probs_N4, votes_N=votes, score_N=score_N)


def _unreliable(table: pa.Table, settings: Mapping[str, Any], context: Context) -> set[str]:
    if settings["min_reliability"] == 0:
        return set()
    reliability = _consensus(table, settings, context, settings["raters"]).reliability
    raters, counts = np.unique(labels.votes_of(table)[1].astype(str), return_counts=True)
    votes = dict(zip(raters.tolist(), counts.tolist(), strict=True))
    enough = {rater for rater in reliability if votes[rater] >= settings["min_votes"]}
    return {rater for rater in enough if reliability[rater] < settings["min_reliability"]}


def _consensus(table: pa.Table, settings: Mapping[str, Any], context: Context, without: Any) -> labels.Labels:
    forecast = settings["label"] == "forecast"
    return labels.consensus(table, settings["method"], seed=context.seed, forecast=forecast, without=without)
