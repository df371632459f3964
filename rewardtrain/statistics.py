"""Intervals for accuracies: Wilson's for independent rows, a cluster bootstrap where rows hang together. Pure."""

import math
from collections.abc import Callable, Iterator
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


def bootstrap_sums(
    part_NK: np.ndarray, cluster_N: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], *, seed: int = 0
) -> dict[str, Any]:
    """A statistic of column sums with a 95 % percentile interval; whole clusters are drawn, as `bootstrap_mean` does.

    Parameters
    ----------
    part_NK : what each row adds to the K sums: a mean is (value, 1), a correlation (xy, xx, yy).
    statistic : turns sums of shape (R, K) into values (R,); draws for which it is not finite are left out.

    Returns
    -------
    {"value", "low", "high", "unit", "clusters"}; the figures are None where the statistic is not defined.
    """
    names = np.unique(cluster_N)
    by_cluster = len(names) >= MIN_CLUSTERS
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(part_NK.sum(axis=0, keepdims=True))[0])
        draws = [statistic(sum_RK) for sum_RK in resampled_sums(part_NK, cluster_N, seed=seed)]
    drawn = np.concatenate(draws)
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist() if len(drawn) else (None, None)
    if not math.isfinite(value):
        value, low, high = None, None, None  # type: ignore[assignment]
    return {
        "value": value, "low": low, "high": high, "unit": "cluster" if by_cluster else "row", "clusters": len(names),
    }  # fmt: skip


def resampled_sums(part_NK: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0) -> Iterator[np.ndarray]:
    """Sums of RESAMPLES resamples, some (R, K) at a time; whole clusters are drawn, or rows where there are few."""
    names, index_N = np.unique(cluster_N, return_inverse=True)
    if len(names) < MIN_CLUSTERS:
        index_N = np.arange(len(part_NK))
    sum_CK = np.zeros((int(index_N.max()) + 1, part_NK.shape[1]))
    np.add.at(sum_CK, index_N, part_NK)
    random, share_C = np.random.default_rng(seed), np.full(len(sum_CK), 1 / len(sum_CK))
    for _ in range(RESAMPLES // 100):
        yield random.multinomial(len(sum_CK), share_C, size=100) @ sum_CK


def ratio_of_means(sum_RK: np.ndarray) -> np.ndarray:
    """Mean of each resample whose sums are (value, count)."""
    return np.asarray(sum_RK[:, 0] / sum_RK[:, 1])


def correlation(sum_RK: np.ndarray) -> np.ndarray:
    """Correlation through the origin of each resample whose sums are (xy, xx, yy)."""
    return np.asarray(sum_RK[:, 0] / np.sqrt(sum_RK[:, 1] * sum_RK[:, 2]))
