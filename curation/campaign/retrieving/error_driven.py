"""Around every pair of gold its nearest free neighbours, the more the less sure of it the model is.

Source: Skywork-Reward-V2, arXiv 2507.01352; how many is said by `tiers.fetched`. A pair that several ask for counts
once. Where more are found than wanted, those around the worst errors go first, the nearest before the farther.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation.campaign.tiers import MOST, fetched
from curation.campaign.vectors import Index
from curation.filters import settings_schema

TITLE = "Error-driven"
SUMMARY = (
    "Fetches the nearest neighbours of pairs that the model gets wrong or is unsure of: eight at most, none if sure."
)
SETTINGS = settings_schema(
    around={"type": "integer", "minimum": 1, "maximum": 64, "default": MOST, "title": "Most neighbours of one pair"}
)


def retrieve(
    gold: np.ndarray,
    p_G: np.ndarray,
    index: Index,
    free_N: np.ndarray,
    most: int,
    settings: Mapping[str, Any],
    seed: int,
) -> np.ndarray:
    """Without gold, nothing."""
    wanted_G = fetched(p_G, settings["around"])
    order_G = np.lexsort((gold, p_G))
    order_G = order_G[wanted_G[order_G] > 0]
    if not len(order_G) or not free_N.any():
        return np.zeros(0, np.int64)
    near_GK = index.nearest(index.vectors(gold[order_G]), settings["around"], free_N)
    found = [near[:wanted][near[:wanted] >= 0] for near, wanted in zip(near_GK, wanted_G[order_G], strict=True)]
    places = np.concatenate(found)
    _, first = np.unique(places, return_index=True)
    return places[np.sort(first)][:most]
