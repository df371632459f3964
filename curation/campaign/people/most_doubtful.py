"""What the model contradicts most goes to people: where the pool's label and the model disagree, one is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from curation.campaign.tiers import chosen
from curation.filters import settings_schema

TITLE = "Most doubtful first"
SUMMARY = "Gives people the pairs whose label in the pool the model finds least likely."
SETTINGS = settings_schema()
NEEDS_MODEL = True


def choose(
    described: Sequence[Mapping[str, Any]],
    margin_T: np.ndarray,
    side_T: np.ndarray,
    count: int,
    settings: Mapping[str, Any],
    seed: int,
) -> np.ndarray:
    """The order given stands where there is no model yet."""
    return np.argsort(chosen(margin_T, side_T), kind="stable")[:count]
