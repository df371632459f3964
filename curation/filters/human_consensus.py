"""Labels pairs by people alone and keeps those on which enough of them are sure: what a benchmark is made from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import aggregation, labels, pairs
from curation.filters import Context, Decisions, settings_schema

TITLE = "Human consensus"
SUMMARY = "Pairs are labelled by the people's votes alone; those with too few people or too little consensus go."
SETTINGS = settings_schema(
    least_people={"type": "integer", "minimum": 1, "default": 3, "title": "People needed"},
    min_probability={
        "type": "number", "minimum": 0, "maximum": 1, "default": 0.9, "title": "Least probability of the outcome",
    },
    ties={"type": "boolean", "default": False, "title": "Ties stay too"},
    method={"type": "string", "default": aggregation.DEFAULT, "title": "Consensus method"},
)  # fmt: skip
REASONS = {
    "people": "The label is the consensus of the people's votes.",
    "too_few_people": "Fewer people voted on the pair than are needed.",
    "people_divided": "No outcome is likely enough by the people's votes.",
    "people_undecided": "People find neither response better.",
}
PEOPLE = (None, "person", "import")  # a vote of unknown kind is one that was imported


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the probability of the likeliest outcome, NaN where nobody voted."""
    own = table["votes"].to_pylist()
    models = {vote["rater"] for votes in own for vote in votes if vote["kind"] not in PEOPLE}
    people_N = np.array([sum(vote["rater"] not in models for vote in votes) for votes in own], dtype=np.int64)
    probs_N4 = labels.consensus(table, settings["method"], seed=context.seed, without=models).probs_N4
    likeliest_N = np.where(people_N > 0, np.nan_to_num(probs_N4).max(axis=1, initial=0), np.nan)
    probs_N4 = np.where(np.isfinite(probs_N4), probs_N4, pairs.outcome_probs(table))
    winner_N = pairs.winner(pairs.with_columns(table, dict(zip(pairs.PROBABILITIES, probs_N4.T, strict=True))))
    few_N = people_N < settings["least_people"]
    divided_N = np.nan_to_num(likeliest_N) < settings["min_probability"]
    undecided_N = np.isin(winner_N, ["tie", "both_bad"]) & (not settings["ties"])
    reason_N = np.select(
        [few_N, divided_N, undecided_N], ["too_few_people", "people_divided", "people_undecided"], "people"
    )
    action_N = np.where(reason_N == "people", "relabel", "drop")
    return Decisions(action_N, reason_N, label_N4=probs_N4, score_N=likeliest_N)
