"""What people can decide best goes to them: objective before subjective, uncontroversial before disputed.

Source: the protocol of Skywork-Reward-V2, arXiv 2507.01352. Among pairs of the same ease the order given stands, which
is that of retrieval.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from curation.campaign.attributes import ease
from curation.filters import settings_schema

TITLE = "Objective and uncontroversial first"
SUMMARY = "Gives people the pairs that can be decided best, and models the rest."
SETTINGS = settings_schema()
NEEDS_MODEL = False


def choose(
    described: Sequence[Mapping[str, Any]],
    margin_T: np.ndarray,
    side_T: np.ndarray,
    count: int,
    settings: Mapping[str, Any],
    seed: int,
) -> np.ndarray:
    """A stable order by ease."""
    ease_T = np.array([ease(attributes) for attributes in described], dtype=np.int64)
    return np.argsort(-ease_T, kind="stable")[:count]
