"""Asks pairs at random: what every other strategy is to be held against."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curation.selection import Choice, Evidence, highest, lots, settings_schema

TITLE = "Random"
SUMMARY = "Every pair that was not asked yet is as likely as any other."
SETTINGS = settings_schema()
NEEDS: tuple[str, ...] = ()
REASONS = {"random": "It was drawn by lot."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the lots."""
    return highest(table, evidence, lots(table, seed), size, seed, "random")
