"""Each rater against the others: agreement, leniency, time, and whether position leads them.

Shapes: U units, V readings, R raters, K values.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from annotate.feedback import Reading
from annotate.records import Preference, Record
from curation.agreement.coding import Coded, Unit, codes
from curation.agreement.cohen import disagreement, kappa_of_table
from curation.intervals import wilson


def raters(
    readings: Iterable[Reading], records: Iterable[Record] = (), *, confidence: float = 0.95
) -> list[dict[str, Any]]:
    """One row a rater, the busiest first: how they stand to the others, how fast, and whether position leads them.

    Returns
    -------
    list of dict, JSON-serialisable; a figure that nothing supports is None:
        ``rater``; ``n``: units judged;
        ``n_compared``: of these, with a category and judged by others too; ``agreement``, ``agreement_low``,
        ``agreement_high``: how often the rater names the majority of the others (tied majorities share the
        credit), with Wilson's interval; ``kappa``, ``kappa_low``, ``kappa_high``: the same, corrected for chance;
        ``offset``: mean of own level minus the others' mean level, in steps of the scale;
        ``seconds_mean``, ``seconds_median``: per annotation;
        ``n_decided``, ``first_share``, ``first_low``, ``first_high``: of the preferences that chose a side and
        whose order is known, the share that chose the response shown first, with Wilson's interval.
    """
    readings = list(readings)
    units: dict[str, set[Unit]] = {}
    for reading in readings:
        units.setdefault(reading.rater, set()).add(reading[:3])
    timing, position = _seconds(records := list(records)), first_shown(records)
    standing, offset = _standing(Coded.of(readings, "nominal"), confidence), _offsets(Coded.of(readings, "interval"))
    rows = []
    for rater in sorted(units, key=lambda rater: -len(units[rater])):
        first, decided = position.get(rater, (0, 0))
        seconds = timing.get(rater)
        rows.append(
            {
                "rater": rater,
                "n": len(units[rater]),
                **standing.get(rater, _NOT_COMPARED),
                "offset": offset.get(rater),
                "seconds_mean": float(np.mean(seconds)) if seconds else None,
                "seconds_median": float(np.median(seconds)) if seconds else None,
                "n_decided": decided,
                **share("first", first, decided, confidence),
            }
        )
    return rows


_NOT_COMPARED: dict[str, Any] = {
    "n_compared": 0,
    "agreement": None,
    "agreement_low": None,
    "agreement_high": None,
    "kappa": None,
    "kappa_low": None,
    "kappa_high": None,
}


def share(name: str, part: float, n: float, confidence: float) -> dict[str, float | None]:
    low, high = wilson(part, n, confidence) if n else (None, None)
    return {f"{name}_share": part / n if n else None, f"{name}_low": low, f"{name}_high": high}


def _standing(coded: Coded, confidence: float) -> dict[str, dict[str, Any]]:
    """Each rater against the majority of the others."""
    labels, code_V = codes(coded.values_V)
    U, R, K, V = len(coded.units), len(coded.raters), len(labels), len(coded.values_V)
    if not V:
        return {}
    counts_UK = np.bincount(coded.unit_V * K + code_V, minlength=U * K).reshape(U, K)
    others_VK = counts_UK[coded.unit_V]
    others_VK[np.arange(V), code_V] -= 1
    top_VK = others_VK == others_VK.max(axis=1, keepdims=True)
    credit_VK = top_VK / top_VK.sum(axis=1, keepdims=True)
    cells_VK = (coded.rater_V * K + code_V)[:, None] * K + np.arange(K)
    table_RKK = np.bincount(cells_VK.ravel(), credit_VK.ravel(), R * K * K).reshape(R, K, K).astype(np.float64)
    cost_KK = disagreement(labels, None)
    rows = {}
    for rater, table_KK in zip(coded.raters, table_RKK, strict=True):
        n, agreed = round(float(table_KK.sum())), float(np.trace(table_KK))
        low, high = wilson(agreed, n, confidence)
        (value, kappa_low, kappa_high), _ = kappa_of_table(table_KK, cost_KK, confidence)
        rows[rater] = {
            "n_compared": n,
            "agreement": agreed / n,
            "agreement_low": low,
            "agreement_high": high,
            "kappa": value,
            "kappa_low": kappa_low,
            "kappa_high": kappa_high,
        }
    return rows


def _offsets(coded: Coded) -> dict[str, float]:
    """Mean of each rater's level minus the mean level of the others on the same unit."""
    x_V = np.array(coded.values_V, dtype=np.float64)
    n_U, sum_U = np.bincount(coded.unit_V), np.bincount(coded.unit_V, x_V)
    gap_V = x_V - (sum_U[coded.unit_V] - x_V) / (n_U[coded.unit_V] - 1)
    mean_R = np.bincount(coded.rater_V, gap_V) / np.maximum(np.bincount(coded.rater_V), 1)
    return dict(zip(coded.raters, mean_R.tolist(), strict=True))


def _seconds(records: Iterable[Record]) -> dict[str, list[float]]:
    """Seconds of each annotation, by rater; an annotation's records share its time, so it counts once."""
    seen = {(r.rater, r.item, r.annotation): r.seconds for r in records if r.seconds is not None}
    seconds: dict[str, list[float]] = {}
    for (rater, _, _), value in seen.items():
        seconds.setdefault(rater, []).append(value)
    return seconds


def first_shown(records: Iterable[Record]) -> Mapping[str, tuple[int, int]]:
    """By rater: preferences for the response shown first, and those that chose a side with the order known."""
    counts: dict[str, tuple[int, int]] = {}
    for r in records:
        if isinstance(r, Preference) and r.outcome in ("a", "b") and r.shown_first in (r.a, r.b):
            first, decided = counts.get(r.rater, (0, 0))
            counts[r.rater] = first + (r.shown_first == (r.a if r.outcome == "a" else r.b)), decided + 1
    return counts
