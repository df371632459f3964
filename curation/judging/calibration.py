"""Whether a judge that says 80 % is right 80 % of the time, and what one temperature would mend.

A pair counts once, from the side that the judge believes in: its confidence is max(p, 1 - p), and it is right where
people chose that side, half right where they chose neither. Guo et al. 2017, arXiv 1706.04599.
Pure: knows no Django. Shapes: N pairs.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from curation import resampling

BINS = 10
_SURE = 1e-4  # what a judge says is brought this far from 0 and 1, where a logarithm ends


def calibration(p_a_N: np.ndarray, people_N: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0) -> dict[str, Any]:
    """Calibration as given, and after temperature scaling.

    Parameters
    ----------
    p_a_N : the judge's probability that a is better, a tie counting half; NaN where it gave none.
    people_N : verdicts, places in `annotate.records.OUTCOMES`; -1 where there is none.
    cluster_N : what stays together when a half is set apart.

    Returns
    -------
    dict:
        ``n``; ``before``, ``after``: {"ece", "brier", "log_loss", "bins": [{"from", "to", "n", "predicted",
        "observed"}]}; what is "after" was scaled by a temperature fitted to the other half of the clusters;
        ``temperature``: of all pairs, above 1 where the judge is too sure;
        ``gain``, ``gain_low``, ``gain_high``: how much less the Brier score is after, over clusters.
        ``{"n": 0}`` without a pair that has both.
    """
    rows_N = np.isfinite(p_a_N) & (people_N >= 0)
    if not rows_N.any():
        return {"n": 0}
    p_N, cluster_N = np.clip(p_a_N[rows_N], 0, 1), cluster_N[rows_N]
    target_N = np.select([people_N[rows_N] == 0, people_N[rows_N] == 1], [1.0, 0.0], 0.5)
    after_N = crossed(p_N, target_N, cluster_N, seed=seed)
    gain = resampling.mean((p_N - target_N) ** 2 - (after_N - target_N) ** 2, cluster_N, seed=seed)
    return {
        "n": int(rows_N.sum()),
        "before": figures(p_N, target_N),
        "after": figures(after_N, target_N),
        "temperature": temperature(p_N, target_N),
        "gain": gain["value"],
        "gain_low": gain["low"],
        "gain_high": gain["high"],
    }


def figures(p_N: np.ndarray, target_N: np.ndarray) -> dict[str, Any]:
    """Expected calibration error over `BINS` equal bins of confidence, Brier score, log-loss in nats."""
    confidence_N, right_N = np.maximum(p_N, 1 - p_N), np.where(p_N >= 0.5, target_N, 1 - target_N)
    right_N = np.where(p_N == 0.5, 0.5, right_N)
    bin_N = np.minimum(((confidence_N - 0.5) * 2 * BINS).astype(int), BINS - 1)
    bins = [
        {
            "from": 0.5 + which / (2 * BINS),
            "to": 0.5 + (which + 1) / (2 * BINS),
            "n": int(inside_N.sum()),
            "predicted": float(confidence_N[inside_N].mean()),
            "observed": float(right_N[inside_N].mean()),
        }
        for which in range(BINS)
        for inside_N in [bin_N == which]
        if inside_N.any()
    ]
    safe_N = np.clip(p_N, _SURE, 1 - _SURE)
    return {
        "ece": sum(row["n"] * abs(row["predicted"] - row["observed"]) for row in bins) / len(p_N),
        "brier": float(np.mean((p_N - target_N) ** 2)),
        "log_loss": float(-np.mean(target_N * np.log(safe_N) + (1 - target_N) * np.log1p(-safe_N))),
        "bins": bins,
    }


def temperature(p_N: np.ndarray, target_N: np.ndarray) -> float:
    """The temperature in [.05, 20] that makes the log-loss least."""

    def loss(log_t: float) -> float:
        z_N = _logit(p_N) / np.exp(log_t)
        return float(np.mean(np.logaddexp(0, z_N) - target_N * z_N))

    found = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    return float(np.exp(found.x))


def scaled(p_N: np.ndarray, t: float) -> np.ndarray:
    """Probabilities at another temperature."""
    return 1 / (1 + np.exp(-_logit(p_N) / t))


def crossed(p_N: np.ndarray, target_N: np.ndarray, cluster_N: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Each half of the clusters scaled by the temperature of the other half; as given with fewer than two clusters."""
    names, place_N = np.unique(cluster_N, return_inverse=True)
    if len(names) < 2:
        return p_N
    half_N = (np.random.default_rng(seed).permutation(len(names)) % 2).astype(bool)[place_N]
    result_N = p_N.copy()
    for part_N in (half_N, ~half_N):
        result_N[part_N] = scaled(p_N[part_N], temperature(p_N[~part_N], target_N[~part_N]))
    return result_N


def _logit(p_N: np.ndarray) -> np.ndarray:
    safe_N = np.clip(p_N, _SURE, 1 - _SURE)
    return np.asarray(np.log(safe_N) - np.log1p(-safe_N))
