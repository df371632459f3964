"""Finds near-duplicates with opposite outcomes: at least one of them is wrong, so all of them are suspicious.

`near_duplicates` keeps one of them, whichever has most votes; this filter, put before it, asks about all. Pairs that
are nearly the same are found as there (`_near`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.filters import Context, Decisions, _near, _suspects, action_setting, settings_schema

TITLE = "Conflicting duplicates"
SUMMARY = "Pairs that are nearly the same and have opposite outcomes."
SETTINGS = settings_schema(
    **_near.SETTINGS,
    action=action_setting("drop", "reweight", "review", default="review")
    | {"description": "reweight counts a pair by the share of its duplicates that say the same."},
)
REASONS = {"opposite_duplicates": "A pair that is nearly the same says that the other response is better."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the share of the like pairs, itself among them, that say the same: 1 where nobody objects."""
    return judge(sketch(table, settings, context), settings, context)


def sketch(table: pa.Table, settings: Mapping[str, Any], context: Context) -> pa.Table:
    """What tells whether rows are near, what each says, and its weight."""
    near = _near.sketch(table, threshold=settings["threshold"], words=settings["words"], seed=context.seed)
    sign_N = np.nan_to_num(_suspects.decided(table)).astype(np.int8)
    return near.append_column("says", [sign_N]).append_column("weight", table["weight"])


def judge(sketch: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """`decide`, from the sketches of all rows."""
    near = _near.among(sketch, threshold=settings["threshold"])
    says_N = sketch["says"].to_numpy() * np.where(near.swapped_N, -1, 1)
    for_a_L, for_b_L = (np.bincount(near.leader_N[says_N == sign], minlength=len(says_N)) for sign in (1, -1))
    same_N = np.where(says_N > 0, for_a_L[near.leader_N], for_b_L[near.leader_N])
    all_N = (for_a_L + for_b_L)[near.leader_N]
    share_N = np.where(says_N == 0, np.nan, same_N / np.maximum(all_N, 1))
    return _suspects.doubted(sketch, share_N, 1.0, "opposite_duplicates", settings["action"])
