"""Asks where an answer would move the model most the right way: likely wrong labels that pull it astray.

A model that learned from the labels as they are (margin d) is held against one that learned from them less what is
suspicious (margin m), the best guess at where answers lead. An answer in the place of label y is q in expectation, the
chance that a is better, and changes the pull on d by q - y; to first order that moves d towards m by (m - d) (q - y).
It is influence as of Koh and Liang 2017 (arXiv 1703.04730) with the mended model in the place of a validation loss.
`bench/asking.py` measures it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.selection import Choice, Evidence, settings_schema
from curation.selection._spreading import MOST_A_TEXT, spread

TITLE = "Most influential doubts"
SUMMARY = "Likely wrong labels whose correction moves the reward model most the right way, each text a few times only."
SETTINGS = settings_schema(most_a_text=MOST_A_TEXT)
NEEDS = ("suspicion_N", "label_N", "present_N", "mended_N")
REASONS = {"influential": "Its label is likely wrong, and pulls the model astray."}


def choose(table: pa.Table, evidence: Evidence, settings: Mapping[str, Any], size: int, seed: int) -> Choice:
    """Scores are the movement towards the mended model, in squares of the margin's unit."""
    suspicion_N, label_N = evidence.need("suspicion_N"), evidence.need("label_N")
    better_N = np.where(label_N > 0.5, 1 - suspicion_N, suspicion_N)
    moved_N = (evidence.need("mended_N") - evidence.need("present_N")) * (better_N - label_N)
    return spread(table, evidence, moved_N, settings["most_a_text"], size, seed, "influential")
