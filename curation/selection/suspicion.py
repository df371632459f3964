"""Asks about the labels that are most likely wrong: what an answer mends counts most where labels are doubtful."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, settings_schema
from curation.selection._spreading import MOST_A_TEXT, spread

TITLE = "Most suspicious labels"
SUMMARY = "Pairs whose present label is most likely wrong, each text a few times only."
SETTINGS = settings_schema(most_a_text=MOST_A_TEXT)
NEEDS = ("suspicion_N",)
REASONS = {"suspicious": "Its label is likely wrong."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the suspicions."""
    suspicion_N = np.asarray(evidence.need("suspicion_N"), dtype=np.float64)
    return spread(table, evidence, suspicion_N, settings["most_a_text"], size, seed, "suspicious")
