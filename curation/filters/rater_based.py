"""Finds raters who answer at random, always the same, or by side, from their votes alone; then leaves their votes out.

A rater is judged by the pairs that others judged too:

    chance         agreement with the others' majority is no better than two who know nothing of each other would have:
                   the upper end of the interval of Cohen's kappa (Cohen 1960) is below ``least_kappa``
    straight_line  nearly all answers are the same, where the others' majorities vary
    side           one side is chosen more often than the others' majorities say of the very same pairs (z above 4)

What is done with their votes is what `rater_exclusion` does. It is a control: gold questions tell more.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from annotate.records import OUTCOMES
from curation import labels
from curation.filters import Context, Decisions, rater_exclusion, settings_schema

TITLE = "Careless raters"
SUMMARY = (
    "Votes of raters who agree with the others by chance only, answer always the same, or by side, no longer count."
)
SETTINGS = settings_schema(
    min_votes={
        "type": "integer",
        "minimum": 5,
        "default": 20,
        "title": "Votes before a rater is judged",
        "description": "On pairs that others judged too.",
    },
    least_kappa={"type": "number", "minimum": -1, "maximum": 1, "default": 0.2, "title": "Kappa that is above chance"},
    same_share={
        "type": "number",
        "minimum": 0.5,
        "maximum": 1,
        "default": 0.95,
        "title": "Share of one answer that is a straight line",
    },
    **{name: rater_exclusion.SETTINGS["properties"][name] for name in ("method", "label")},
)
REASONS = rater_exclusion.REASONS
_SIDE_Z = 4.0
_VARIED = 0.8  # share of one answer among the others, up to which their answers vary


class Judged(NamedTuple):
    """One rater beside the majority of the others on the same pairs; ``why`` is "" where nothing is wrong."""

    rater: str
    n: int
    agreement: float
    kappa: float
    kappa_high: float
    same_share: float
    side_z: float
    why: str


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the share of a pair's votes that is left out."""
    careless = _careless(table, settings)
    excluded = {
        "raters": [found.rater for found in careless],
        "min_reliability": 0,
        "min_votes": 1,
        "method": settings["method"],
        "label": settings["label"],
    }
    found = rater_exclusion.decide(table, excluded, context)
    raters = [
        {name: round(value, 4) if isinstance(value, float) else value for name, value in one._asdict().items()}
        for one in careless[:100]
    ]
    return Decisions(**{**vars(found), "notes": {"raters": raters, "n_raters": len(careless)}})


def _careless(table: pa.Table, settings: Mapping[str, Any]) -> list[Judged]:
    """Found again and again without those found before, for they are in the majorities that others are held against."""
    found: list[Judged] = []
    while more := [one for one in judged(table, settings, {one.rater for one in found}) if one.why]:
        found += more
    return found


def judged(table: pa.Table, settings: Mapping[str, Any], without: Collection[str] = ()) -> Iterator[Judged]:
    """All raters but some with enough votes beside others', by name."""
    row_V, rater_V, outcome_V = labels.votes_of(table)
    counted_V = ~np.isin(rater_V.astype(str), list(without))
    row_V, rater_V, outcome_V = row_V[counted_V], rater_V[counted_V], outcome_V[counted_V]
    choice_V = np.array([OUTCOMES.index(outcome) for outcome in outcome_V], dtype=np.int64)
    count_NC = np.zeros((table.num_rows, len(OUTCOMES)), dtype=np.int64)
    np.add.at(count_NC, (row_V, choice_V), 1)
    others_VC = count_NC[row_V]
    others_VC[np.arange(len(row_V)), choice_V] -= 1
    top_V = others_VC.max(axis=1, initial=0)
    clear_V = (others_VC == top_V[:, None]).sum(axis=1) == 1  # one majority, so at least one other vote
    majority_V = others_VC.argmax(axis=1)
    raters, code_V = np.unique(rater_V.astype(str), return_inverse=True)
    order_V = np.argsort(code_V, kind="stable")
    ends = np.cumsum(np.bincount(code_V, minlength=len(raters)))
    for rater, own_V in zip(raters.tolist(), np.split(order_V, ends[:-1] if len(ends) else []), strict=False):
        own_V = own_V[clear_V[own_V]]
        if len(own_V) >= settings["min_votes"]:
            yield _judged(rater, choice_V[own_V], majority_V[own_V], settings)


def _judged(rater: str, own: np.ndarray, others: np.ndarray, settings: Mapping[str, Any]) -> Judged:
    n = len(own)
    own_C, others_C = (np.bincount(choice, minlength=len(OUTCOMES)) / n for choice in (own, others))
    agreement, chance = float((own == others).mean()), float(own_C @ others_C)
    spread = (max(agreement * (1 - agreement), 1 / n) / n) ** 0.5
    left = max(1 - chance, 1e-9)
    kappa, high = (agreement - chance) / left, (agreement + 1.96 * spread - chance) / left
    side = (own == 0).astype(float) - (own == 1) - (others == 0) + (others == 1)
    z = float(side.sum() / max((side**2).sum() ** 0.5, 1.0))
    same, varied = float(own_C.max()), float(others_C.max()) <= _VARIED
    checks = {
        "straight_line": same >= settings["same_share"] and varied,
        "chance": high < settings["least_kappa"] and varied,
        "side": abs(z) > _SIDE_Z,
    }
    why = next((name for name, holds in checks.items() if holds), "")
    return Judged(rater, n, agreement, kappa, high, same, z, why)
