"""Finds wrong labels by confident learning: models judge pairs that they did not learn from.

Source: Northcutt, Jiang and Chuang 2021 (arXiv 1911.00068), as in cleanlab. The sides are shuffled by what the texts
are, so that a dataset whose better response always stands first has two classes too.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from curation.filters import Context, Decisions, action_setting, settings_schema
from curation.filters._learning import LEARNER, LEAST, Lesson, sigmoid
from curation.noise import confident

TITLE = "Label issues"
SUMMARY = "Pairs whose label a model contradicts that did not learn from them: as many as it finds wrong labels."
SETTINGS = settings_schema(action=action_setting("drop", "flip", "review", default="drop"), **LEARNER)
REASONS = {"label_issue": "A model that did not learn from this pair thinks its label is wrong."}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the probability of the label, out of fold."""
    lesson = Lesson.of(table)
    if len(lesson) < LEAST:
        return lesson.keep_all()
    prob_R = sigmoid(lesson.out_of_fold(settings, context))
    class_R = np.where(_swapped(lesson.table), lesson.sign_R > 0, lesson.sign_R < 0).astype(np.int64)
    prob_R2 = np.where(class_R[:, None] == [0, 1], prob_R[:, None], 1 - prob_R[:, None])
    found_N = lesson.spread(confident.issues(class_R, prob_R2), False)
    return Decisions.drop_where(found_N, "label_issue", action=settings["action"], score_N=lesson.spread(prob_R))


def _swapped(table: pa.Table) -> np.ndarray:
    """Which rows are read with their sides exchanged: half of them, by a hash of the texts."""
    digests = (
        [blake2b(text.encode("utf-8", "surrogatepass")).digest() for text in row]
        for row in zip(table["response_a"].to_pylist(), table["response_b"].to_pylist(), strict=True)
    )
    return np.array([(a[0] + b[0]) % 2 == (a < b) for a, b in digests])
