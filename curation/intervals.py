"""Confidence intervals that behave at the ends of their range."""

from math import sqrt
from statistics import NormalDist


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
