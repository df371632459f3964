"""Asks where the bounds of both rewards leave the answer most open (InfoMax, as in arXiv 2603.09692)."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curation.selection import Choice, Evidence, highest, settings_schema
from curation.selection._measures import bounds, sigmoid
from curation.selection._settings import WIDTH

TITLE = "InfoMax"
SUMMARY = "Pairs whose probability could be anything between the bounds of their two rewards."
SETTINGS = settings_schema(width=WIDTH)
NEEDS = ("reward_MN2",)
REASONS = {"open": "By the bounds of its rewards the pair could fall either way."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are σ(U_a - L_b) - σ(L_a - U_b): the same whichever side is called a."""
    low_N2, high_N2 = bounds(evidence.need("reward_MN2"), settings["width"])
    width_N = sigmoid(high_N2[:, 0] - low_N2[:, 1]) - sigmoid(low_N2[:, 0] - high_N2[:, 1])
    return highest(table, evidence, width_N, size, seed, "open")
