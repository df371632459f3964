"""Asks where two draws put the responses far apart (double reverse Thompson sampling, as in arXiv 2603.09692).

The better response by one draw of the rewards meets the worse one by another draw, so that pairs which are surely far
apart come up often, and those of which little is known now and then.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, highest, normals, settings_schema
from curation.selection._settings import WIDTH

TITLE = "Double reverse Thompson sampling"
SUMMARY = "Pairs whose rewards lie far apart in two draws from what is believed of them."
SETTINGS = settings_schema(width=WIDTH)
NEEDS = ("reward_MN2",)
REASONS = {"drawn_gap": "In two draws of its rewards the responses lay far apart."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the greater of r'_a - r''_b and r'_b - r''_a, with r' and r'' drawn independently.

    Rewards are drawn from normal distributions of the members' mean and ``width`` times their deviation.
    """
    reward_MN2 = evidence.need("reward_MN2")
    draw_22N = normals(table, seed, 4).reshape(2, 2, -1)  # draw, side, row
    mean_2N, deviation_2N = reward_MN2.mean(axis=0).T, reward_MN2.std(axis=0).T
    reward_22N = mean_2N + settings["width"] * deviation_2N * draw_22N
    gap_N = np.maximum(reward_22N[0, 0] - reward_22N[1, 1], reward_22N[0, 1] - reward_22N[1, 0])
    return highest(table, evidence, gap_N, size, seed, "drawn_gap")
