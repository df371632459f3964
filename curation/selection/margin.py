"""Asks where the ensemble is least sure which response is better: uncertainty sampling (Lewis and Gale 1994)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, highest, settings_schema
from curation.selection._measures import sigmoid

TITLE = "Smallest margin"
SUMMARY = "Pairs whose two responses the ensemble puts closest together."
SETTINGS = settings_schema()
NEEDS = ("margin_MN",)
REASONS = {"close": "The ensemble cannot tell which response is better."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are 1 - 2 |p - ½| with p the members' mean probability that a is better: 1 where it is even."""
    p_N = sigmoid(evidence.members_MN).mean(axis=0)
    return highest(table, evidence, 1 - 2 * np.abs(p_N - 0.5), size, seed, "close")
