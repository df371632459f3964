"""Cohen's kappa of two raters, and the matrix of all pairs of raters. Shapes: K values, N shared units."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from annotate.feedback import Measure, Reading
from curation.agreement.coding import NO_OVERLAP, NO_VARIATION, NOTHING, Coded, Estimate, Floats, codes, measure_name
from curation.intervals import wilson

Weights = Literal["linear", "quadratic"]
Figure = tuple[float | None, float | None, float | None]  # value, low, high
SHARED = 1_000  # shared units of two raters that a custom distance is computed on


def kappa(
    first: Sequence[Any],
    second: Sequence[Any],
    *,
    weights: Weights | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Cohen's kappa of two raters' values for the same units, with the analytic interval.

    Parameters
    ----------
    first, second : equally long; labels, or numbers where ``weights`` are given.
    weights : None counts every disagreement fully (Cohen 1960); "linear" and "quadratic" by the distance of the
        two numbers or its square (Cohen 1968), so unused steps of the scale keep their width.

    Notes
    -----
    Standard error of Fleiss, Cohen and Everitt 1969, doi:10.1037/h0028106, for both kinds.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    if len(first) != len(second):
        raise ValueError(f"The raters must judge the same units; got {len(first)} and {len(second)} values.")
    labels, codes_2N = codes([*first, *second])
    K, n = len(labels), len(first)
    table_KK = np.bincount(codes_2N[:n] * K + codes_2N[n:], minlength=K * K).reshape(K, K).astype(np.float64)
    (value, low, high), note = kappa_of_table(table_KK, disagreement(labels, weights), confidence)
    return Estimate(value, low, high, n, 2 if n else 0, 2 * n, note)


def pairwise(
    readings: Iterable[Reading],
    measure: Measure = "nominal",
    *,
    top: int = 20,
    include: Iterable[str] = (),
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Any]:
    """Rater × rater agreement.

    Parameters
    ----------
    top : so many raters, those who share the most units with others.
    include : raters shown besides (models, say), where they share a unit with anybody.

    Returns
    -------
    dict, JSON-serialisable:
        ``measure``; ``statistic`` ("kappa", "quadratic kappa" for levels, "alpha" for a distance);
        ``raters`` [R], most shared units first; ``n_others``: raters left out;
        ``n``, ``percent``, ``percent_low``, ``percent_high``, ``value``, ``low``, ``high``: [R][R] matrices,
        symmetric. ``n`` is the number of shared units (on the diagonal, of the rater's own); ``percent`` is the
        share of identical values (mean similarity for a distance) with Wilson's interval; all but ``n`` are
        None on the diagonal and where no unit is shared.
    """
    coded = Coded.of(readings, measure)
    order = [coded.raters[r] for r in np.argsort(-np.bincount(coded.rater_V), kind="stable")] if coded.raters else []
    shown = list(dict.fromkeys([*order[:top], *(rater for rater in include if rater in order)]))
    chosen = set(shown)
    values: dict[str, dict[int, Any]] = {rater: {} for rater in shown}
    for unit, rater, value in zip(coded.unit_V.tolist(), coded.rater_V.tolist(), coded.values_V, strict=True):
        if coded.raters[rater] in chosen:
            values[coded.raters[rater]][unit] = value
    matrix: dict[str, list[list[Any]]] = {
        figure: [[None] * len(shown) for _ in shown]
        for figure in ("n", "percent", "percent_low", "percent_high", "value", "low", "high")
    }
    for i, rater in enumerate(shown):
        matrix["n"][i][i] = len(values[rater])
    for (i, one), (j, other) in combinations(enumerate(shown), 2):
        shared = values[one].keys() & values[other].keys()
        pairs = [(values[one][unit], values[other][unit]) for unit in sorted(shared)]
        for figure, value in _compare(pairs, measure, confidence, seed).items():
            matrix[figure][i][j] = matrix[figure][j][i] = value
    statistic = "alpha" if callable(measure) else {"nominal": "kappa"}.get(measure, "quadratic kappa")
    return {
        "measure": measure_name(measure),
        "statistic": statistic,
        "raters": shown,
        "n_others": len(order) - len(shown),
        **matrix,
    }


def disagreement(labels: Sequence[Any], weights: Weights | None) -> Floats:
    """(K, K) cost of naming one label where the other rater named another, in [0, 1]."""
    if weights is None:
        return 1 - np.eye(len(labels))
    x = np.array(labels, dtype=np.float64)
    gap_KK = np.abs(x[:, None] - x[None])
    gap_KK /= max(gap_KK.max(initial=0.0), np.finfo(float).tiny)
    return gap_KK if weights == "linear" else gap_KK**2


def kappa_of_table(table_KK: Floats, cost_KK: Floats, confidence: float) -> tuple[Figure, str]:
    """Weighted kappa of a table of counts, its interval, and a note."""
    n = table_KK.sum()
    if n == 0:
        return (None, None, None), NO_OVERLAP
    p_KK = table_KK / n
    row_K, column_K = p_KK.sum(axis=1), p_KK.sum(axis=0)
    observed, chance = float((p_KK * cost_KK).sum()), float(row_K @ cost_KK @ column_K)
    if chance <= NOTHING:
        return (1.0, None, None), NO_VARIATION
    value = 1 - observed / chance
    if observed <= NOTHING:
        return (1.0, max(-1.0, 1 - (1 - wilson(n, n, confidence)[0]) / chance), 1.0), ""
    agree_KK = 1 - cost_KK
    mean_KK = (agree_KK @ column_K)[:, None] + (row_K @ agree_KK)[None]
    first = (p_KK * (agree_KK * chance - mean_KK * observed) ** 2).sum()
    second = ((1 - observed) * (1 - chance) - 2 * (1 - chance) + (1 - observed)) ** 2
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(np.sqrt(max(first - second, 0) / n)) / chance**2
    return (value, max(-1.0, value - half), min(1.0, value + half)), ""


def _compare(pairs: Sequence[tuple[Any, Any]], measure: Measure, confidence: float, seed: int) -> dict[str, Any]:
    """One cell of the matrix: two raters' values for the units that they share."""
    if not pairs:
        return {"n": 0}
    n = len(pairs)
    if callable(measure):
        percent, value, low, high = _compare_contents(pairs, measure, confidence, seed)
    else:
        first, second = zip(*pairs, strict=True)
        estimate = kappa(first, second, weights=None if measure == "nominal" else "quadratic", confidence=confidence)
        percent, value, low, high = sum(x == y for x, y in pairs) / n, estimate.value, estimate.low, estimate.high
    ends = wilson(percent * n, n, confidence)
    return {
        "n": n,
        "percent": percent,
        "percent_low": ends[0],
        "percent_high": ends[1],
        "value": value,
        "low": low,
        "high": high,
    }


def _compare_contents(
    pairs: Sequence[tuple[Any, Any]], measure: Any, confidence: float, seed: int
) -> tuple[float, float | None, float | None, float | None]:
    """Mean similarity, and 1 - observed / chance distance, chance from pairing the two raters' units anew."""
    rng = np.random.default_rng(seed)
    if len(pairs) > SHARED:
        pairs = [pairs[i] for i in np.sort(rng.choice(len(pairs), SHARED, replace=False))]
    n = len(pairs)
    own_N = np.array([measure(x, y) for x, y in pairs], dtype=np.float64)
    observed = float(own_N.mean())
    if n < 2:
        return 1 - observed, None, None, None
    shifts = 1 + rng.choice(n - 1, size=min(n - 1, max(1, 2 * SHARED // n)), replace=False)
    chance = float(np.mean([measure(pairs[i][0], pairs[(i + s) % n][1]) for s in shifts for i in range(n)]))
    if chance == 0:
        return 1 - observed, (1.0 if observed == 0 else None), None, None
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(own_N.std(ddof=1)) / n**0.5 / chance
    value = 1 - observed / chance
    low = 1 - (1 - wilson(n, n, confidence)[0]) / chance if observed == 0 else value - half
    return 1 - observed, value, max(-1.0, low), min(1.0, value + half)
