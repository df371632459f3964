"""Means of ratings, less what is each rater's own: some are strict, some lenient, and not all rate everything.

    y = μ_u + b_r + e,    b_r ~ N(0, σ_b²),    μ_u ~ N(m, σ_u²),    e ~ N(0, σ²)

fitted with its variances by alternating between effects and variances, which is EM with the effects' covariances left
out (Robinson 1991, doi:10.1214/ss/1177011926, on such predictions). A unit rated once by a strict rater is drawn
towards the mean and upwards; with no differences between raters it is the plain mean, drawn by how little is known.
Shapes: V readings, U units, R raters.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from annotate.feedback import Reading
from curation.aggregation import Agreed, Embed, ValueConsensus

TITLE = "Mean with rater effects"
SUMMARY = "The mean rating of each response, less how strict or lenient its raters are; for ratings and scores."
TAKES = "levels"
_STEPS = 200
_LEAST = 1e-9  # a variance is never less, in squares of the scale's length


def combine(readings: Sequence[Reading], *, seed: int = 0, embed: Embed | None = None) -> ValueConsensus:
    """One number a unit with its 95 % interval; ``seed`` and ``embed`` are not used.

    The confidence is 1 less half the interval's length as a share of the range of all ratings. A rater's reliability
    is σ_u² / (σ_u² + σ_r²), with σ_r² the mean square of what is left of their ratings.
    """
    rows = [(reading[:3], reading.rater, float(reading.level)) for reading in readings if reading.level is not None]
    units = {unit: place for place, unit in enumerate(sorted({row[0] for row in rows}))}
    raters = {rater: place for place, rater in enumerate(sorted({row[1] for row in rows}))}
    if not rows:
        return ValueConsensus([], {}, {})
    unit_V, rater_V = np.array([(units[unit], raters[rater]) for unit, rater, _ in rows]).T
    y_V = np.array([level for *_, level in rows])
    mean_U, deviation_U, bias_R, spread_R, notes = fit(unit_V, rater_V, y_V)
    low, high = float(y_V.min()), float(y_V.max())
    half_U = 1.96 * deviation_U
    sure_U = np.clip(1 - half_U / (high - low), 0, 1) if high > low else np.ones(len(units))
    n_U = np.bincount(unit_V)
    agreed = [
        Agreed(
            unit,
            round(float(mean_U[u]), 6),
            float(sure_U[u]),
            int(n_U[u]),
            float(max(mean_U[u] - half_U[u], low)),
            float(min(mean_U[u] + half_U[u], high)),
        )
        for unit, u in units.items()
    ]
    signal = notes["unit_variance"]
    reliability = {rater: float(signal / (signal + max(spread_R[r], _LEAST))) for rater, r in raters.items()}
    strictest = sorted(((round(float(bias_R[r]), 4), rater) for rater, r in raters.items()))
    return ValueConsensus(agreed, reliability, {**notes, "strictest": strictest[:5], "most_lenient": strictest[:-6:-1]})


def fit(unit_V: np.ndarray, rater_V: np.ndarray, y_V: np.ndarray) -> tuple[Any, ...]:
    """Means (U,) and their deviations (U,), biases (R,) and mean squared residuals (R,) of raters, and variances."""
    n_U, n_R = np.bincount(unit_V), np.bincount(rater_V)
    scale = max(float(np.ptp(y_V)), 1e-12)
    centre = float(y_V.mean())
    noise = unit = rater = max(float(y_V.var()) / 3, _LEAST * scale**2)
    mean_U: np.ndarray = np.full(len(n_U), centre)
    bias_R: np.ndarray = np.zeros(len(n_R))
    for _ in range(_STEPS):
        before_U = mean_U
        shrink_U, shrink_R = noise / (n_U + noise / unit), noise / (n_R + noise / rater)
        mean_U = centre + shrink_U / noise * (np.bincount(unit_V, y_V - centre - bias_R[rater_V]))
        bias_R = shrink_R / noise * np.bincount(rater_V, y_V - mean_U[unit_V])
        centre = float(mean_U.mean())
        left_V = y_V - mean_U[unit_V] - bias_R[rater_V]
        floor = _LEAST * scale**2
        noise = max(float((left_V**2).mean() + (shrink_U @ n_U + shrink_R @ n_R) / len(y_V)), floor)
        unit = max(float(((mean_U - centre) ** 2 + shrink_U).mean()), floor)
        rater = max(float((bias_R**2 + shrink_R).mean()), floor)
        if np.abs(mean_U - before_U).max() < 1e-9 * scale:
            break
    spread_R = np.bincount(rater_V, left_V**2) / n_R
    notes = {"noise_variance": noise, "unit_variance": unit, "rater_variance": rater}
    deviation_U = np.sqrt(noise / (n_U + noise / unit) + np.bincount(unit_V, shrink_R[rater_V]) / n_U**2)
    return mean_U, deviation_U, bias_R, spread_R, {name: round(value, 6) for name, value in notes.items()}
