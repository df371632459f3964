"""Free pairs by lot: what error-driven retrieval is to be compared with."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation.campaign.vectors import Index
from curation.filters import settings_schema

TITLE = "Random"
SUMMARY = "Draws pairs by lot; what other ways of retrieving are to be compared with."
SETTINGS = settings_schema()


def retrieve(
    gold: np.ndarray,
    p_G: np.ndarray,
    index: Index,
    free_N: np.ndarray,
    most: int,
    settings: Mapping[str, Any],
    seed: int,
) -> np.ndarray:
    """All alike."""
    free = np.flatnonzero(free_N)
    return np.random.default_rng(seed).permutation(free)[:most]
