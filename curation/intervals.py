"""Confidence intervals that behave at the ends of their range."""

from math import sqrt
from statistics import NormalDist

import numpy as np


def wilson(successes: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a share, in [0, 1]; (0, 1) where ``n`` is 0.

    Wilson 1927, doi:10.1080/01621459.1927.10502953. Unlike the normal interval it has a width at 0 and at n
    successes. ``successes`` may be fractional (ties that share a success).
    """
    if n <= 0:
        return 0.0, 1.0
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share = successes / n
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def clustered(hits: np.ndarray, clusters: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for the mean of hits in [0, 1] that come in clusters, such as the votes on one item.

    The number of hits is divided by the design effect, which is estimated from how the clusters differ and never
    taken to be below 1 (Rao and Scott 1992, doi:10.2307/2532311). Where all hits are alike the clusters show nothing
    of how they differ, so each counts once.
    """
    n = len(hits)
    if n == 0:
        return 0.0, 1.0
    share = float(np.mean(hits))
    _, index_N = np.unique(clusters, return_inverse=True)
    size_C = np.bincount(index_N)
    m = len(size_C)
    variance = share * (1 - share) / n
    if m == 1 or variance <= 0:
        effective = float(m if variance <= 0 else n)
    else:
        residual_C = np.bincount(index_N, np.asarray(hits, dtype=float)) - share * size_C
        effect = m / (m - 1) * float(residual_C @ residual_C) / n**2 / variance
        effective = n / max(1.0, effect)
    return wilson(share * effective, effective, confidence)
