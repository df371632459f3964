"""Krippendorff's alpha and the observed agreement inside it, with bootstrap intervals over units.

Krippendorff 2011, https://repository.upenn.edu/asc_papers/43. Shapes: U units, V readings, K values,
B resamples, P distinct unit patterns, F features of a unit, N pairs of readings.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np

from annotate.feedback import Measure, Reading
from curation.agreement.coding import NO_OVERLAP, NO_VARIATION, NOTHING, ONE_UNIT, Coded, Estimate, Floats
from curation.intervals import wilson

PAIRS = 20_000  # pairs of readings that a custom distance is computed on to learn what chance gives


def alpha(
    readings: Iterable[Reading],
    measure: Measure = "nominal",
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Krippendorff's alpha with a bootstrap interval over units.

    Parameters
    ----------
    readings : where a rater judged a unit twice, the last counts.
    measure : "nominal" compares categories; "ordinal" and "interval" levels; a distance in [0, 1] contents.
        What chance gives for a distance is computed over all pairs of readings, or a seeded sample of
        ``PAIRS`` of them.
    resamples : units are drawn with replacement as often, and everything is computed anew, chance agreement
        included. (evalica.alpha_bootstrap draws pairs of readings as if those of one unit were independent,
        so its intervals are too narrow when units have more than two raters.)

    Returns
    -------
    Estimate with value in [-1, 1]: 1 perfect, 0 chance.
    """
    return estimates(Coded.of(readings, measure), measure, resamples, confidence, seed)[1]


def percent(
    readings: Iterable[Reading],
    measure: Measure = "nominal",
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Observed agreement in [0, 1], not corrected for chance, with a bootstrap interval over units.

    The share of a unit's pairs of raters who agree (1 - distance for a custom measure), averaged over units
    weighted by their readings: the observed agreement inside alpha.

    Raises
    ------
    ValueError
        For "ordinal" and "interval", whose distances have no natural unit.
    """
    if measure in ("ordinal", "interval"):
        raise ValueError("Percent agreement is for categories and distances; levels are compared by alpha or kappa.")
    return estimates(Coded.of(readings, measure), measure, resamples, confidence, seed)[0]


def estimates(
    coded: Coded, measure: Measure, resamples: int, confidence: float, seed: int
) -> tuple[Estimate, Estimate]:
    """Observed agreement and alpha."""
    extent = len(coded.units), len(coded.raters), len(coded.values_V)
    if not coded.units:
        nothing = Estimate(None, None, None, *extent, NO_OVERLAP)
        return nothing, nothing
    model = _Distance(coded, measure, seed) if callable(measure) else _Values(coded, measure)
    U, weight_P = len(coded.units), np.bincount(model.unit_U).astype(np.float64)
    observed, chance = (float(x[0]) for x in model.disagreement(weight_P[None]))
    seen = 1 - observed
    value = 1 - observed / chance if chance > NOTHING else 1.0
    if U < 2:
        note = ONE_UNIT if chance > NOTHING else NO_VARIATION
        return Estimate(seen, None, None, *extent, ONE_UNIT), Estimate(value, None, None, *extent, note)
    if observed <= NOTHING * max(chance, 1):
        low = wilson(U, U, confidence)[0]
        agreed = Estimate(seen, low, 1.0, *extent)
        if chance <= NOTHING:
            return agreed, Estimate(value, None, None, *extent, NO_VARIATION)
        return agreed, Estimate(value, max(-1.0, 1 - (1 - low) / chance), 1.0, *extent)
    rng = np.random.default_rng(seed)
    chunk = int(np.clip(4_000_000 // max(len(weight_P), PAIRS), 1, resamples))
    parts = [
        model.disagreement(rng.multinomial(U, weight_P / U, size=min(chunk, resamples - start)).astype(np.float64))
        for start in range(0, resamples, chunk)
    ]
    observed_B, chance_B = (np.concatenate(column) for column in zip(*parts, strict=True))
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    varied_B = chance_B > NOTHING  # a resample without variation says nothing about alpha
    alpha_B = 1 - observed_B[varied_B] / chance_B[varied_B]
    low, high = np.quantile(alpha_B, ends).tolist() if len(alpha_B) else (value, value)
    seen_low, seen_high = np.quantile(1 - observed_B, ends).tolist()
    return Estimate(seen, seen_low, seen_high, *extent), Estimate(value, low, high, *extent)


class _Values:
    """Disagreement of labels and levels. Units with the same counts are one pattern, drawn by its multiplicity."""

    def __init__(self, coded: Coded, measure: str) -> None:
        labels, code_V = np.unique(np.array(coded.values_V), return_inverse=True)
        U, K = len(coded.units), len(labels)
        if measure == "interval":  # count, sum and sum of squares say all, however many values there are
            x_V = labels[code_V] - labels.mean()
            features_UF = np.stack([np.bincount(coded.unit_V, x_V**power, U) for power in range(3)], axis=1)
        else:
            features_UF = np.bincount(coded.unit_V * K + code_V, minlength=U * K).reshape(U, K).astype(np.float64)
        self.measure = measure
        self.pattern_PF, self.unit_U = np.unique(features_UF, axis=0, return_inverse=True)

    def disagreement(self, weight_BP: Floats) -> tuple[Floats, Floats]:
        """Observed and chance disagreement per reading, for units drawn so many times."""
        F_P = self.pattern_PF
        total_BF = weight_BP @ F_P
        if self.measure == "interval":
            unit_P = _spread(F_P[:, 0], F_P[:, 1], F_P[:, 2])
            n_B = total_BF[:, 0]
            return weight_BP @ unit_P / n_B, _spread(n_B, total_BF[:, 1], total_BF[:, 2]) / n_B
        n_P, n_B = F_P.sum(axis=1), total_BF.sum(axis=1)
        if self.measure == "nominal":
            unit_P = (n_P**2 - (F_P**2).sum(axis=1)) / (n_P - 1)
            chance_B = (n_B**2 - (total_BF**2).sum(axis=1)) / (n_B - 1)
            return weight_BP @ unit_P / n_B, chance_B / n_B
        # ordinal is interval on the mid-ranks, and these depend on what was drawn
        rank_BK = (np.cumsum(total_BF, axis=1) - total_BF / 2) / n_B[:, None] - 0.5
        unit_PB = _spread(n_P[:, None], F_P @ rank_BK.T, F_P @ (rank_BK**2).T)
        chance_B = _spread(n_B, (total_BF * rank_BK).sum(axis=1), (total_BF * rank_BK**2).sum(axis=1))
        return np.einsum("bp,pb->b", weight_BP, unit_PB) / n_B, chance_B / n_B


def _spread(n: Any, total: Any, squares: Any) -> Any:
    """Squared differences over all ordered pairs of n values, divided by n - 1."""
    return np.maximum(2 * (n * squares - total**2), 0) / (n - 1)


class _Distance:
    """Disagreement of contents by a custom distance; every unit is its own pattern."""

    def __init__(self, coded: Coded, measure: Any, seed: int) -> None:
        U, V = len(coded.units), len(coded.values_V)
        self.unit_U = np.arange(U)
        self.n_U = np.bincount(coded.unit_V, minlength=U)
        of_unit: list[list[int]] = [[] for _ in range(U)]
        for v, u in enumerate(coded.unit_V):
            of_unit[u].append(v)
        total_U = [sum(measure(coded.values_V[i], coded.values_V[j]) for i, j in combinations(vs, 2)) for vs in of_unit]
        self.within_U = 2 * np.array(total_U, dtype=np.float64) / (self.n_U - 1)
        if V * (V - 1) // 2 <= PAIRS:
            one_N, other_N = np.triu_indices(V, k=1)
        else:
            rng = np.random.default_rng(seed)
            one_N = rng.integers(0, V, PAIRS)
            other_N = (one_N + rng.integers(1, V, PAIRS)) % V
        pairs = zip(one_N, other_N, strict=True)
        self.distance_N = np.array([measure(coded.values_V[i], coded.values_V[j]) for i, j in pairs], dtype=np.float64)
        self.one_N, self.other_N = coded.unit_V[one_N], coded.unit_V[other_N]

    def disagreement(self, weight_BU: Floats) -> tuple[Floats, Floats]:
        """Observed and chance disagreement per reading, for units drawn so many times."""
        weight_BN = weight_BU[:, self.one_N] * weight_BU[:, self.other_N]
        chance_B = weight_BN @ self.distance_N / np.maximum(weight_BN.sum(axis=1), 1)
        return weight_BU @ self.within_U / (weight_BU @ self.n_U), chance_B
