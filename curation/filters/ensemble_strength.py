"""Measures how strongly an ensemble of models prefers the labelled winner, and treats the weakest pairs.

Source: Secrets of RLHF, part II (arXiv 2401.06080): the mean margin over models trained on resamplings. The lowest
share is mostly mislabelled: there labels are flipped, smoothed or dropped. Or every pair asks for its own mean margin
in training, -log s(delta - mean): mislabelled ones then pull the other way.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import Context, Decisions, settings_schema
from curation.filters._learning import LEARNER, LEAST, Lesson, lowest, share_setting

TITLE = "Ensemble strength"
SUMMARY = "The pairs whose winner an ensemble of models prefers least."
SETTINGS = settings_schema(
    members={"type": "integer", "minimum": 2, "maximum": 50, "default": 5, "title": "Models in the ensemble"},
    share=share_setting("Share of pairs that are treated"),
    action={
        "enum": ["flip", "smooth", "margin", "drop", "review"],
        "default": "flip",
        "title": "What is done with such rows (margin: with all rows)",
    },
    smoothing={"type": "number", "minimum": 0, "maximum": 0.5, "default": 0.3, "title": "Doubt in a smoothed label"},
    **LEARNER,
)
REASONS = {
    "weak": "The ensemble prefers this pair's winner less than that of most other pairs.",
    "margin": "Training asks for the margin that the ensemble found.",
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the mean lead of the labelled winner over the ensemble."""
    lesson = Lesson.of(table)
    if len(lesson) < LEAST:
        return lesson.keep_all()
    everything = slice(None)
    strength_R = lesson.margins(everything, everything, settings, context, members=settings["members"])[-1].mean(axis=0)
    score_N = lesson.spread(strength_R)
    if settings["action"] == "margin":
        found_N = np.isfinite(score_N)
        return Decisions(
            np.where(found_N, "relabel", "keep"), np.where(found_N, "margin", ""),
            label_N4=pairs.outcome_probs(table), margin_N=lesson.spread(strength_R * lesson.sign_R, 0.0),
            score_N=score_N,
        )  # fmt: skip
    weak_N = lesson.spread(lowest(strength_R, settings["share"]), False)
    if settings["action"] != "smooth":
        return Decisions.drop_where(weak_N, "weak", action=settings["action"], score_N=score_N)
    label_N4 = pairs.outcome_probs(table)
    first, second = OUTCOMES.index("a"), OUTCOMES.index("b")
    label_N4[:, [first, second]] += settings["smoothing"] * (
        label_N4[:, [second, first]] - label_N4[:, [first, second]]
    )
    return Decisions(
        np.where(weak_N, "relabel", "keep"), np.where(weak_N, "weak", ""), label_N4=label_N4, score_N=score_N
    )
