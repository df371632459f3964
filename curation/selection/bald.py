"""Asks where the members of an ensemble contradict each other (BALD, Houlsby et al. 2011, arXiv 1112.5745)."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curation.selection import Choice, Evidence, highest, settings_schema
from curation.selection._measures import mutual_information

TITLE = "BALD over an ensemble"
SUMMARY = "Pairs whose answer would tell most about which member is right; doubts that all members share count nothing."
SETTINGS = settings_schema()
NEEDS = ("margin_MN",)
REASONS = {"disagreement": "The members of the ensemble contradict each other."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are H(mean p) - mean H(p) in bits."""
    return highest(table, evidence, mutual_information(evidence.members_MN), size, seed, "disagreement")
