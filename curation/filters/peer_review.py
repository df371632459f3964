"""Two models choose for each other what to learn from, the clearest pairs first; what neither accepts is dropped.

Source: collaborative reward modelling (CRM, arXiv 2505.10597). Each model starts from its own half of the pairs. In
each round it learns from those that the *other* finds clearest: first half of what is thought to be right, in the end
all of it. Unlike there, the share of wrong labels is estimated (confident learning on the first, out-of-fold round).
Without rounds, two models judge each other's half once and nothing is exchanged: the plain control.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.filters import Context, Decisions, action_setting, settings_schema
from curation.filters._learning import LEARNER, LEAST, Lesson, lowest, sigmoid
from curation.noise import confident

TITLE = "Peer review"
SUMMARY = "Pairs that two models, which chose for each other what to learn from, both find least convincing."
SETTINGS = settings_schema(
    rounds={"type": "integer", "minimum": 0, "maximum": 20, "default": 4, "title": "Rounds; 0: no review"},
    rate={
        "type": ["number", "null"],
        "minimum": 0,
        "maximum": 0.5,
        "default": None,
        "title": "Share of wrong labels; empty: estimated",
    },
    action=action_setting("drop", "flip", "review", default="drop"),
    **LEARNER,
)
REASONS = {"not_accepted": "Neither of two models that reviewed each other's pairs finds this label convincing."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the mean lead of the labelled winner over both models."""
    lesson = Lesson.of(table)
    if len(lesson) < LEAST:
        return lesson.keep_all()
    half_R = lesson.dealt(2, context.seed)
    lead_2R = np.stack([_judged(lesson, half_R == half, settings, context) for half in (0, 1)])
    across_R = np.where(half_R == 0, lead_2R[1], lead_2R[0])  # by the model that did not learn from the pair
    rate = _rate(lesson, across_R) if settings["rate"] is None else settings["rate"]
    score_R = across_R
    for number in range(1, settings["rounds"] + 1):
        left_out = 1 - (1 - rate) * (0.5 + 0.5 * number / settings["rounds"])
        chosen_2R = [~lowest(lead_R, left_out) for lead_R in lead_2R[::-1]]
        lead_2R = np.stack([_judged(lesson, chosen_R, settings, context) for chosen_R in chosen_2R])
        score_R = lead_2R.mean(axis=0)
    found_N = lesson.spread(lowest(score_R, rate), False)
    return Decisions.drop_where(found_N, "not_accepted", action=settings["action"], score_N=lesson.spread(score_R))


def _judged(lesson: Lesson, learn_R: np.ndarray, settings: Mapping[str, Any], context: Context) -> np.ndarray:
    return np.asarray(lesson.margins(learn_R, slice(None), settings, context)[-1, 0])


def _rate(lesson: Lesson, lead_R: np.ndarray) -> float:
    """Estimated share of wrong labels, at most a half."""
    class_R = (lesson.sign_R < 0).astype(np.int64)
    prob_R = sigmoid(lead_R)
    prob_R2 = np.where(class_R[:, None] == [0, 1], prob_R[:, None], 1 - prob_R[:, None])
    return min(confident.noise_rate(confident.joint(class_R, prob_R2)), 0.5)
