"""Watches a model learn: labels that it believes late, or never, are mostly wrong.

Sources: dataset cartography (Swayamdipta et al. 2020, arXiv 2009.10795): mean and deviation over epochs of the
probability of the label; area under the margin (Pleiss et al. 2020, arXiv 2001.10528): the mean of its margin.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curation.filters import Context, Decisions, action_setting, settings_schema
from curation.filters._learning import LEARNER, LEAST, Lesson, lowest, share_setting, sigmoid

TITLE = "Training dynamics"
SUMMARY = "The pairs whose label a model believes least while it learns, or about which it changes its mind most."
SETTINGS = settings_schema(
    epochs={"type": "integer", "minimum": 2, "maximum": 100, "default": 10, "title": "Epochs watched"},
    signal={
        "enum": ["confidence", "variability", "area_under_margin"],
        "default": "confidence",
        "title": "Mean or deviation of the label's probability, or mean of its margin",
    },
    share=share_setting("Share of pairs that are treated"),
    action=action_setting("drop", "flip", "review", default="drop"),
    sees_prompt=LEARNER["sees_prompt"],
)
REASONS = {
    "hard_to_learn": "The model went on doubting this label while it learnt.",
    "ambiguous": "The model kept changing its mind about this label while it learnt.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the signal: low confidence and margin, and high variability, are suspicious."""
    lesson = Lesson.of(table)
    if len(lesson) < LEAST:
        return lesson.keep_all()
    heads = {"mode": "head", "recipe": {}, **settings}
    lead_ER = lesson.margins(slice(None), slice(None), heads, context, epochs=settings["epochs"])[:, 0]
    if settings["signal"] == "variability":
        score_R = sigmoid(lead_ER).std(axis=0)
        found_R, reason = lowest(-score_R, settings["share"]), "ambiguous"
    else:
        score_R = (sigmoid(lead_ER) if settings["signal"] == "confidence" else lead_ER).mean(axis=0)
        found_R, reason = lowest(score_R, settings["share"]), "hard_to_learn"
    found_N, score_N = lesson.spread(found_R, False), lesson.spread(score_R)
    return Decisions.drop_where(found_N, reason, action=settings["action"], score_N=score_N)
