"""Keeps a pair only if its label agrees with a gold model, and with the judges or the best model.

Source: Skywork-Reward-V2, stage two (arXiv 2507.01352): the gold model learnt from pairs that people verified alone,
the best model from all that survived so far. What does not agree is discarded, or turned round. Where no gold model is
named, one is fitted here to the rows whose outcome people verified; the best model likewise, to all rows.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import Context, Decisions, action_setting, settings_schema
from curation.filters._learning import LEARNER, LEAST, Lesson

TITLE = "Gold model consistency"
SUMMARY = "Pairs whose label disagrees with the gold model, or with both the judges and the best model."
SETTINGS = settings_schema(
    gold_model={"type": "string", "default": "", "title": "Gold model; empty: fitted to verified pairs"},
    best_model={"type": "string", "default": "", "title": "Best model; empty: fitted to all pairs, out of fold"},
    action=action_setting("drop", "flip", "review", default="drop"),
    **LEARNER,
)
REASONS = {
    "gold_model": "The gold model, which learnt from verified pairs alone, prefers the other response.",
    "judges_and_best": "Neither the judges' votes nor the best model prefer this pair's winner.",
}
JUDGES = "language_model"


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the lead of the labelled winner by the gold model. Verified pairs are kept.

    To flip means: of the pairs that disagree with the gold model, those whose other side the judges or the best model
    prefer are turned round, as consistent then; the others are dropped.
    """
    lesson = Lesson.of(table)
    verified_R = np.isin([outcome or "" for outcome in lesson.table["gold"].to_pylist()], ("a", "b"))
    if len(lesson) < LEAST or not (settings["gold_model"] or verified_R.sum() >= LEAST):
        return lesson.keep_all()
    gold_R = _lead(lesson, settings["gold_model"], context)
    if gold_R is None:
        gold_R = _fitted_to_verified(lesson, verified_R, settings, context)
    best_R = _lead(lesson, settings["best_model"], context)
    if best_R is None:
        best_R = lesson.out_of_fold(settings, context)
    votes_R = judged(lesson.table) * lesson.sign_R
    supported_R = (votes_R > 0) | (best_R > 0)
    reversed_R = (gold_R < 0) & ((votes_R < 0) | (best_R < 0))
    found_R = ~((gold_R > 0) & supported_R) & ~verified_R
    reason_R = np.where(gold_R > 0, "judges_and_best", "gold_model")
    action_R = np.full(len(lesson), settings["action"], dtype="U8")
    if settings["action"] == "flip":
        action_R = np.where(reversed_R, "flip", "drop")
    return Decisions(
        lesson.spread(np.where(found_R, action_R, "keep"), "keep"),
        lesson.spread(np.where(found_R, reason_R, ""), ""),
        score_N=lesson.spread(gold_R),
    )


def judged(table: pa.Table) -> np.ndarray:
    """Votes of language models for a less those for b, a row."""
    worth = {"a": 1, "b": -1}
    return np.array(
        [
            sum(worth.get(vote["outcome"], 0) for vote in votes or () if vote["kind"] == JUDGES)
            for votes in table["votes"].to_pylist()
        ],
        dtype=np.int64,
    )


def _lead(lesson: Lesson, model: str, context: Context) -> np.ndarray | None:
    """Lead of the labelled winner by a model that is named; None where none is."""
    if not model:
        return None
    prompts = lesson.table["prompt"].to_pylist()
    reward_a, reward_b = (
        np.asarray(context.models.score(model, prompts, lesson.table[f"response_{side}"].to_pylist()), dtype=float)
        for side in ("a", "b")
    )
    return np.asarray((reward_a - reward_b) * lesson.sign_R)


def _fitted_to_verified(
    lesson: Lesson, verified_R: np.ndarray, settings: Mapping[str, Any], context: Context
) -> np.ndarray:
    """Lead by a model of the verified outcomes."""
    gold = [outcome if sure else "" for outcome, sure in zip(lesson.table["gold"].to_pylist(), verified_R, strict=True)]
    label_R4 = np.array([[float(outcome == name) for name in OUTCOMES] for outcome in gold])
    columns = {name: label_R4[:, place] for place, name in enumerate(pairs.PROBABILITIES)}
    truth = Lesson(lesson.rows_R, pairs.with_columns(lesson.table, columns), lesson.sign_R, lesson.size)
    return np.asarray(truth.margins(verified_R, slice(None), settings, context)[-1, 0])
