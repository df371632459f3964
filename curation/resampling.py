"""Bootstrap intervals of figures made of sums, drawing whole clusters: the pairs of one prompt are judged alike.

Pure: knows no Django. Shapes: N rows, C clusters, K sums, B resamples.
"""

from collections.abc import Callable

import numpy as np

FEWEST_CLUSTERS = 5  # fewer cannot say how clusters vary
_AT_ONCE = 100  # resamples held in memory together


def interval(
    sums_CK: np.ndarray,
    figure: Callable[[np.ndarray], np.ndarray],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> tuple[float | None, float | None]:
    """Percentile interval of a figure made of sums, drawing whole clusters with replacement.

    Parameters
    ----------
    sums_CK : what each of C clusters adds to each of K sums.
    figure : of (B, K) sums, shape (B,); NaN where the sums do not support it.

    Returns
    -------
    The two ends; None, None with fewer than `FEWEST_CLUSTERS` clusters or where nothing supports the figure.
    """
    C = len(sums_CK)
    if C < FEWEST_CLUSTERS:
        return None, None
    rng = np.random.default_rng(seed)
    drawn = []
    for start in range(0, resamples, _AT_ONCE):
        times_BC = rng.multinomial(C, np.full(C, 1 / C), size=min(_AT_ONCE, resamples - start))
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn.append(figure(times_BC @ sums_CK))
    value_B = np.concatenate(drawn)
    value_B = value_B[np.isfinite(value_B)]
    if not len(value_B):
        return None, None
    low, high = np.quantile(value_B, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def cluster_sums(cluster_N: np.ndarray, *columns_N: np.ndarray) -> np.ndarray:
    """(C, K): the sum of each column over the rows of each cluster that is there."""
    _, place_N = np.unique(cluster_N, return_inverse=True)
    return np.column_stack([np.bincount(place_N, weights=column_N) for column_N in columns_N])


def mean(value_N: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0) -> dict[str, float | int | None]:
    """The mean of rows, with its interval over clusters: value, low, high, n, clusters."""
    if not len(value_N):
        return {"value": None, "low": None, "high": None, "n": 0, "clusters": 0}
    sums_C2 = cluster_sums(cluster_N, value_N, np.ones(len(value_N)))
    low, high = interval(sums_C2, lambda sums_B2: sums_B2[:, 0] / sums_B2[:, 1], seed=seed)
    return {"value": float(np.mean(value_N)), "low": low, "high": high, "n": len(value_N), "clusters": len(sums_C2)}
