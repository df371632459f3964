"""Intervals for accuracies: Wilson's for independent rows, a cluster bootstrap where rows hang together. Pure."""

import math
from typing import Any

import numpy as np

RESAMPLES = 2000
MIN_CLUSTERS = 5  # fewer groups than this cannot say how groups vary
Z95 = 1.959963984540054


def wilson(successes: float, n: int) -> dict[str, float]:
    """95 % score interval of a share (Wilson 1927); {"value", "low", "high"}, all NaN-free for n > 0.

    ``successes`` may be fractional: a tie counts half.
    """
    if n <= 0:
        raise ValueError("An accuracy needs at least one row.")
    share = successes / n
    scale = 1 + Z95**2 / n
    middle = (share + Z95**2 / (2 * n)) / scale
    half = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n)) / scale
    return {"value": share, "low": min(max(0.0, middle - half), share), "high": max(min(1.0, middle + half), share)}


def bootstrap_mean(value_N: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Mean with a 95 % percentile interval; whole clusters are drawn, or rows where there are too few clusters.

    Returns {"value", "low", "high", "unit": "cluster" or "row", "clusters"}.
    """
    names, index_N = np.unique(cluster_N, return_inverse=True)
    by_cluster = len(names) >= MIN_CLUSTERS
    if not by_cluster:
        index_N = np.arange(len(value_N))
    sum_C = np.bincount(index_N, weights=value_N)
    size_C = np.bincount(index_N).astype(float)
    random = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    for draw in range(RESAMPLES):
        chosen = random.integers(len(sum_C), size=len(sum_C))
        means[draw] = sum_C[chosen].sum() / size_C[chosen].sum()
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "value": float(np.mean(value_N)), "low": float(low), "high": float(high),
        "unit": "cluster" if by_cluster else "row", "clusters": len(names),
    }  # fmt: skip
