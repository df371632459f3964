"""Readings in coordinate form, as the statistics of this package take them. Shapes: V readings."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.feedback import Measure, Reading

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Unit = tuple[str, str, str]
NO_OVERLAP = "no unit was judged by two raters"
NO_VARIATION = "every reading is the same, so chance agreement is certain too"
ONE_UNIT = "a single unit gives no interval"
NOTHING = 1e-12  # disagreement below this is rounding


@dataclass(frozen=True)
class Estimate:
    """One figure and what it rests on. ``value``, ``low`` and ``high`` are None where nothing supports them."""

    value: float | None
    low: float | None
    high: float | None
    n_units: int
    n_raters: int
    n_readings: int
    note: str = ""


@dataclass(frozen=True)
class Coded:
    """The readings that one measure compares, of units that two or more raters judged."""

    units: list[Unit]
    raters: list[str]
    unit_V: Ints
    rater_V: Ints
    values_V: list[Any]

    @classmethod
    def of(cls, readings: Iterable[Reading], measure: Measure) -> "Coded":
        """Readings that ``measure`` can compare; where a rater judged a unit twice, the last counts."""
        last: dict[tuple[Unit, str], Any] = {}
        for reading in readings:
            if (value := _value(reading, measure)) is not None:
                last[reading[:3], reading.rater] = value
        per_unit = Counter(unit for unit, _ in last)
        compared = {key: value for key, value in last.items() if per_unit[key[0]] >= 2}
        units, unit_V = codes([unit for unit, _ in compared])
        names, rater_V = codes([rater for _, rater in compared])
        return cls(units, names, unit_V, rater_V, list(compared.values()))


def measure_name(measure: Measure) -> str:
    """How a report calls a measure: a distance by its function's name."""
    return measure if isinstance(measure, str) else measure.__name__


def _value(reading: Reading, measure: Measure) -> Any:
    """What the measure compares; None where the reading has nothing for it."""
    if measure == "nominal":
        return reading.category or None
    if measure in ("ordinal", "interval"):
        return float(reading.level) if reading.level is not None and np.isfinite(reading.level) else None
    if callable(measure):
        return reading.content
    raise ValueError(f"There is no measure {measure!r}: nominal, ordinal, interval, or a distance.")


def codes(values: Sequence[Hashable]) -> tuple[list[Any], Ints]:
    """Distinct values in order of appearance, and the place of each value among them."""
    place: dict[Hashable, int] = {}
    code_V = np.fromiter((place.setdefault(value, len(place)) for value in values), np.int64, len(values))
    return list(place), code_V
