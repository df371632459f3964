"""Weighs pairs by how sure their consensus is, instead of cutting at a threshold."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation import pairs
from curation.filters import Context, Decisions, settings_schema

TITLE = "Weight by certainty"
SCOPE = "row"
SUMMARY = "A pair counts in training by one less the entropy of its consensus, never less than the floor."
SETTINGS = settings_schema(
    floor={"type": "number", "minimum": 0, "maximum": 1, "default": 0.1, "title": "Least weight"},
)
REASONS = {"uncertain": "The weight follows the certainty of the consensus."}

_MOST_BITS = 2.0  # entropy of four outcomes that are all alike


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """Scores are the factors by which weights are multiplied."""
    factor_N = np.maximum(settings["floor"], 1 - pairs.entropy(pairs.outcome_probs(table)) / _MOST_BITS)
    factor_N = np.round(factor_N, 6)
    less_N = factor_N < 1
    weight_N = table["weight"].to_numpy() * factor_N
    return Decisions(
        np.where(less_N, "reweight", "keep"), np.where(less_N, "uncertain", ""), weight_N=weight_N, score_N=factor_N
    )
