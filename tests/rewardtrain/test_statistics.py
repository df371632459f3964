"""Intervals, against statsmodels-free textbook figures and by coverage."""

import numpy as np
import pytest

from rewardtrain.statistics import bootstrap_mean, wilson


def test_wilson_agrees_with_the_textbook() -> None:
    """Newcombe 1998, table I: 81 of 263 gives .2553 to .3662."""
    assert wilson(81, 263) == pytest.approx({"value": 81 / 263, "low": 0.2553, "high": 0.3662}, abs=5e-5)
    assert wilson(0, 20)["high"] == pytest.approx(0.1611, abs=5e-5)


def test_wilson_stays_within_bounds() -> None:
    for right in (0, 0.5, 7, 10):
        interval = wilson(right, 10)
        assert 0 <= interval["low"] <= interval["value"] <= interval["high"] <= 1


def test_wilson_needs_rows() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        wilson(0, 0)


def test_bootstrap_is_seeded() -> None:
    values, clusters = np.random.default_rng(0).random(40), np.repeat(np.arange(8), 5)
    assert bootstrap_mean(values, clusters, seed=1) == bootstrap_mean(values, clusters, seed=1)
    assert bootstrap_mean(values, clusters, seed=1) != bootstrap_mean(values, clusters, seed=2)


def test_bootstrap_widens_where_rows_hang_together() -> None:
    """Twenty clusters of fifty equal rows hold twenty facts, not a thousand."""
    values = np.repeat(np.random.default_rng(0).integers(0, 2, 20), 50).astype(float)
    honest = bootstrap_mean(values, np.repeat(np.arange(20), 50))
    naive = bootstrap_mean(values, np.arange(1000))
    assert honest["unit"] == "cluster"
    assert honest["high"] - honest["low"] > 4 * (naive["high"] - naive["low"])


def test_bootstrap_takes_rows_where_clusters_are_few() -> None:
    found = bootstrap_mean(np.arange(30.0), np.repeat(np.arange(3), 10))
    assert (found["unit"], found["clusters"]) == ("row", 3)


def test_bootstrap_covers_the_truth() -> None:
    random = np.random.default_rng(3)
    hits = 0
    for trial in range(60):
        level_C = random.normal(0.5, 0.2, 40)
        values = (random.random((40, 10)) < level_C[:, None]).astype(float).ravel()
        found = bootstrap_mean(values, np.repeat(np.arange(40), 10), seed=trial)
        hits += found["low"] <= 0.5 <= found["high"]
    assert hits >= 52
