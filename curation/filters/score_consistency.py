"""Keeps a pair only if its label agrees with what was said before of it: by one rater, and by any of some others.

The rule of Skywork-Reward-V2's second stage (arXiv 2507.01352), where the one is a model of the pairs that people
verified, and the others are AI judges and the best model so far; here their verdicts stand in the votes already, so
that a pool of any size is filtered without calling a model.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Consistency with given scores"
SCOPE = "row"
SUMMARY = "Pairs whose label disagrees with the verdict of one rater, or with those of all the others."
SETTINGS = settings_schema(
    gold={"type": "string", "minLength": 1, "title": "Rater that the label must agree with"},
    others={
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "title": "Raters of which one must agree",
        "description": "None: the one rater decides alone.",
    },
    action=action_setting("drop", "flip", "review", default="drop"),
)
REASONS = {
    "gold_disagrees": "The rater that the label must agree with does not.",
    "others_disagree": "None of the other raters agrees with the label.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the probability of the label by the one rater; pairs without a winner or that verdict are kept."""
    probs_N4 = pairs.outcome_probs(table)
    label_N = np.sign(probs_N4[:, 0] - probs_N4[:, 1])
    verdicts = _Verdicts(table)
    gold_N = verdicts.lead(settings["gold"]) * label_N
    judged_N = np.isfinite(gold_N) & (label_N != 0)
    leads = [verdicts.lead(rater) * label_N for rater in settings["others"]]
    agree_N = np.any([lead_N > 0 for lead_N in leads], axis=0) if leads else np.ones(table.num_rows, dtype=bool)
    reason_N = np.select([judged_N & (gold_N <= 0), judged_N & ~agree_N], ["gold_disagrees", "others_disagree"], "")
    score_N = np.where(judged_N, 0.5 + gold_N, np.nan)
    return Decisions(np.where(reason_N != "", settings["action"], "keep"), reason_N, score_N=score_N)


class _Verdicts:
    """Votes of a table by rater."""

    def __init__(self, table: pa.Table) -> None:
        votes = table["votes"].combine_chunks()
        fields = pc.list_flatten(votes)
        self.row_V = pc.list_parent_indices(votes).to_numpy()
        self.rater = fields.field("rater")
        outcome = fields.field("outcome")
        worth = pc.if_else(pc.equal(outcome, "a"), 1.0, pc.if_else(pc.equal(outcome, "b"), 0.0, 0.5))
        self.p_V = pc.coalesce(fields.field("p_a").cast(pa.float64()), worth).to_numpy(zero_copy_only=False)
        self.rows = table.num_rows

    def lead(self, rater: str) -> np.ndarray:
        """Probability of a, less one half, by a rater; NaN where the rater said nothing. Of several votes the mean."""
        own_V = pc.equal(self.rater, rater).to_numpy(zero_copy_only=False)
        count_N = np.bincount(self.row_V[own_V], minlength=self.rows)
        sum_N = np.bincount(self.row_V[own_V], self.p_V[own_V], minlength=self.rows)
        return np.divide(sum_N, count_N, out=np.full(self.rows, np.nan), where=count_N > 0) - 0.5
