"""Keeps one of the pairs that compare nearly the same responses to nearly the same prompt; `_near` finds them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, _near, settings_schema

TITLE = "Near duplicates"
SUMMARY = "Of pairs whose prompt and responses are nearly the same, the one with most votes stays."
SETTINGS = settings_schema(**_near.SETTINGS)
REASONS = {
    "near_duplicate": "A pair that is nearly the same is there with as many votes or more.",
    "near_duplicate_conflict": "A pair that is nearly the same is there, and has another outcome.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the similarity to the most similar pair that stays, 0 where none is near."""
    return judge(sketch(table, settings, context), settings, context)


def sketch(table: pa.Table, settings: Mapping[str, Any], context: Context) -> pa.Table:
    """What tells whether rows are near, and what each says."""
    return _near.sketch(table, seed=context.seed, **settings).append_column("says", [pairs.outcome_codes(table)])


def judge(sketch: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """`decide`, from the sketches of all rows."""
    near = _near.among(sketch, threshold=settings["threshold"])
    says_N = sketch["says"].to_numpy()
    near_N = near.leader_N != np.arange(len(says_N))
    same_N = pairs.codes_from(says_N, near.swapped_N) == says_N[near.leader_N]
    reason_N = np.select([near_N & same_N, near_N], ["near_duplicate", "near_duplicate_conflict"], "")
    return Decisions(np.where(near_N, "drop", "keep"), reason_N, score_N=near.score_N)
