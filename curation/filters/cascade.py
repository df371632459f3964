"""Takes the verdicts of judges in people's place where they are sure enough, from cheap judges to dear ones.

What the budget planner (`curation.judging.cascade`) promises of a plan holds for the pairs that this filter labels with
its thresholds, after Jung et al. 2024 (arXiv 2407.18370).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import labels, pairs
from curation.filters import Context, Decisions, action_setting, settings_schema
from curation.judging.cascade import confidence
from curation.judging.standing import verdicts

TITLE = "Judges in people's place"
SUMMARY = "Pairs that nobody labelled get the verdict of the first judge that is sure enough; the rest is for people."
SETTINGS = settings_schema(
    judges={
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["rater", "threshold"],
            "properties": {
                "rater": {"type": "string", "minLength": 1},
                "threshold": {"type": "number", "minimum": 0, "maximum": 1},
            },
        },
        "title": "Judges and how sure they must be",
        "description": "In the order in which they are asked; the budget planner finds the thresholds.",
    },
    action=action_setting("review", "drop", default="review"),
)
REASONS = {
    "judge_sure": "Nobody labelled the pair, and a judge is sure enough to answer in people's place.",
    "for_people": "Nobody labelled the pair, and no judge is sure enough.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are how sure the judge is whose verdict is taken, else the surest one; NaN where people voted."""
    return judge(sketch(table, settings, context), settings, context)


def sketch(table: pa.Table, settings: Mapping[str, Any], context: Context) -> pa.Table:
    """The votes, and what they are on."""
    return labels.sketch(table)


def judge(sketch: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """`decide`, from the sketches of all rows."""
    said, p_a, people_N = verdicts(sketch)
    open_N = people_N == 0
    label_N4 = pairs.outcome_probs(sketch).copy()
    taken_N, score_N = np.zeros(len(open_N), dtype=bool), np.full(len(open_N), np.nan)
    for entry in settings["judges"]:
        if (name := entry["rater"]) not in said:
            continue
        sure_N = np.round(confidence(said[name], p_a[name]), 6)
        score_N = np.where(taken_N, score_N, np.fmax(score_N, sure_N))
        own_N = open_N & ~taken_N & (np.nan_to_num(sure_N, nan=-1.0) >= entry["threshold"])
        score_N[own_N], label_N4[own_N] = sure_N[own_N], np.eye(len(OUTCOMES))[said[name][own_N]]
        taken_N |= own_N
    action_N = np.select([taken_N, open_N], ["relabel", settings["action"]], "keep")
    reason_N = np.select([taken_N, open_N], ["judge_sure", "for_people"], "")
    return Decisions(action_N, reason_N, label_N4=label_N4, score_N=np.where(open_N, score_N, np.nan))
