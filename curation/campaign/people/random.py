"""People get their share by lot."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from curation.filters import settings_schema

TITLE = "Random"
SUMMARY = "Gives people their share by lot."
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
    """All alike."""
    return np.random.default_rng(seed).permutation(len(described))[:count]
