"""Finds pairs that the models which judged them are unsure of: near even odds, or answers that contradict each other.

A judge asked in both orders, or several times, that answers now one way and now the other has a mean probability near
one half; so has one that says so itself. The certainty of a row is the mean, over the models that judged it, of how
probable each holds its own verdict: 1/2 is a coin, 1 is certain. What others said does not matter: a model that is
sure and alone is not inconsistent.

Source: self-consistency (Wang et al. 2023, arXiv 2203.11171) as the filter, softener and weight of labels, as SCAN
and other self-denoising methods use it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotate.records import OUTCOMES
from curation import labels, pairs
from curation.filters import Context, Decisions, action_setting, settings_schema

TITLE = "Unsure judges"
SCOPE = "row"
SUMMARY = "Pairs whose model judges contradict themselves or say that they are unsure."
SETTINGS = settings_schema(
    threshold={
        "type": "number",
        "minimum": 0.5,
        "maximum": 1,
        "default": 0.65,
        "title": "Least certainty",
        "description": "One half is a coin; 1 acts on whatever is not certain.",
    },
    kinds={
        "type": "array",
        "items": {"enum": ["language_model", "reward_model", "rule"]},
        "uniqueItems": True,
        "minItems": 1,
        "default": ["language_model"],
        "title": "Kinds of rater looked at",
    },
    action=action_setting("drop", "reweight", "relabel", "review", default="reweight")
    | {"description": "relabel softens the label by the judges' own chance of error; reweight counts it less."},
)
REASONS = {"unsure_judges": "The models that judged the pair are unsure or contradict themselves."}

_A, _B = OUTCOMES.index("a"), OUTCOMES.index("b")
_OF_OUTCOME = {"a": 1.0, "b": 0.0, "tie": 0.5, "both_bad": 0.5}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the certainty, 1/2 to 1; rows that no such model judged have none and stay."""
    certain_N = certainty(table, settings["kinds"])
    with np.errstate(invalid="ignore"):
        unsure_N = certain_N < settings["threshold"]
    sure_N = np.nan_to_num(certain_N, nan=1.0)
    before_N4 = pairs.outcome_probs(table)
    swapped_N4 = before_N4.copy()
    swapped_N4[:, [_A, _B]] = before_N4[:, [_B, _A]]
    soft_N4 = labels.rounded(sure_N[:, None] * before_N4 + (1 - sure_N[:, None]) * swapped_N4)
    return Decisions(
        np.where(unsure_N, settings["action"], "keep"),
        np.where(unsure_N, "unsure_judges", ""),
        weight_N=np.round(table["weight"].to_numpy() * (2 * sure_N - 1), 6),
        label_N4=soft_N4,
        score_N=certain_N,
    )


def certainty(table: pa.Table, kinds: list[str]) -> np.ndarray:
    """Mean probability that the models of these kinds give their own verdicts, (N,); NaN where none judged."""
    row_V, rater_V, outcome_V = labels.votes_of(table)
    fields = pc.list_flatten(table["votes"].combine_chunks())
    kind_V = fields.field("kind").to_numpy(zero_copy_only=False)
    p_V = fields.field("p_a").to_numpy(zero_copy_only=False).astype(np.float64)
    said_V = np.array([_OF_OUTCOME[outcome] for outcome in outcome_V], dtype=np.float64)
    p_V = np.where(np.isfinite(p_V), np.clip(p_V, 0, 1), said_V)
    own_V = np.isin(kind_V.astype(str), kinds)
    row_J, rater_J = row_V[own_V], np.unique(rater_V[own_V].astype(str), return_inverse=True)[1]
    judged, place_J = np.unique(np.stack([row_J, rater_J]), axis=1, return_inverse=True)
    mean_M = np.bincount(place_J.ravel(), p_V[own_V]) / np.maximum(np.bincount(place_J.ravel()), 1)
    sure_M = np.round(np.maximum(mean_M, 1 - mean_M), 9)
    models_N = np.bincount(judged[0], minlength=table.num_rows)
    with np.errstate(invalid="ignore"):
        return np.bincount(judged[0], sure_M, table.num_rows) / np.where(models_N > 0, models_N, np.nan)
