"""Pairs with evidence for strategies."""

from typing import Any

import numpy as np
import pytest

from curation.selection import Evidence


@pytest.fixture
def pairs_of(pair_table: Any) -> Any:
    """``pairs_of(5)``: five pairs, each of a prompt of its own."""
    return lambda count: pair_table(*({} for _ in range(count)))


def evidence(count: int, seed: int = 0, **given: Any) -> Evidence:
    """Everything that a strategy may ask for, drawn at random where nothing else is said; a tenth was asked."""
    rng = np.random.default_rng(seed)
    made = {
        "asked_N": np.arange(count) % 10 == 3,
        "margin_MN": rng.normal(0, 2, (3, count)),
        "reward_MN2": rng.normal(0, 2, (3, count, 2)),
        "feature_N2D": rng.normal(0, 1, (count, 2, 4)),
        "prompt_ND": rng.normal(0, 1, (count, 5)),
        "suspicion_N": rng.random(count),
        "label_N": rng.integers(0, 2, count).astype(float),
        "present_N": rng.normal(0, 2, count),
        "mended_N": rng.normal(0, 2, count),
        "verified_N": np.where(np.arange(count) % 10 == 3, rng.integers(0, 2, count), np.nan),
    }
    return Evidence(**{**made, **given})
