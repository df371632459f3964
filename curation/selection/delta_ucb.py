"""Asks where one response could be far better than the other (DeltaUCB, as in arXiv 2603.09692).

Such pairs make good training pairs, for their answers are seldom doubtful; they find few wrong labels.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, highest, settings_schema
from curation.selection._measures import bounds
from curation.selection._settings import WIDTH

TITLE = "DeltaUCB"
SUMMARY = "Pairs with the largest gap that the bounds of their rewards allow: clear answers to train on."
SETTINGS = settings_schema(width=WIDTH)
NEEDS = ("reward_MN2",)
REASONS = {"gap": "One response may be far better than the other."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the greater of U_a - L_b and U_b - L_a."""
    low_N2, high_N2 = bounds(evidence.need("reward_MN2"), settings["width"])
    gap_N = np.maximum(high_N2[:, 0] - low_N2[:, 1], high_N2[:, 1] - low_N2[:, 0])
    return highest(table, evidence, gap_N, size, seed, "gap")
