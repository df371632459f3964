"""All agreement figures of one question, as one JSON-serialisable report."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from annotate.feedback import Kind, Reading
from annotate.records import Record
from curation.agreement.coding import Coded, measure_name
from curation.agreement.cohen import pairwise
from curation.agreement.krippendorff import estimates
from curation.agreement.standing import first_shown, raters, share


def report(
    kind: Kind,
    records: Iterable[Record],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    top: int = 20,
    include: Iterable[str] = (),
) -> dict[str, Any]:
    """All agreement figures of one question.

    Parameters
    ----------
    kind : module of the question's feedback kind; says how records are read and which measures compare them.
    records : of one question, by all raters.
    resamples, confidence, seed : of the bootstrap.
    top, include : raters of the matrices, as `pairwise`.

    Returns
    -------
    dict, JSON-serialisable, its shape stable under ``version``::

        {"version": 1, "confidence": .95, "resamples": 1000, "seed": 0,
         "dimensions": [                        # one for each dimension judged, by name; "" first
           {"dimension": "",
            "n_units": .., "n_raters": .., "n_readings": ..,
            "measures": [                       # "percent" for categories and distances, "alpha" for all
              {"name": "alpha", "measure": "nominal", "value": .., "low": .., "high": ..,
               "n_units": .., "n_raters": .., "n_readings": .., "note": ""}],    # n of what was compared
            "prevalence": [{"category": "a", "n": .., "share": ..}],
            "levels": [{"level": -1.0, "n": .., "share": ..}],
            "position": {"n_decided": .., "first_share": .., "first_low": .., "first_high": ..},
            "matrices": [...],                  # one for each measure, see `pairwise`
            "raters": [...],                    # see `raters`
            "parts": [                          # criteria or aspects ("key#part"), the most judged 50
              {"part": "cites", "n_units": .., "n_raters": .., "n_readings": ..,
               "measures": [...], "prevalence": [...]}]}]}
    """
    records = list(records)
    by_dimension: dict[str, list[Reading]] = {}
    for reading in kind.readings(records):
        by_dimension.setdefault(reading.dimension, []).append(reading)
    records_of: dict[str, list[Record]] = {}
    for record in records:
        records_of.setdefault(record.dimension, []).append(record)
    include = list(include)

    def measures(readings: list[Reading]) -> list[dict[str, Any]]:
        rows = []
        for measure in kind.MEASURES:
            observed, corrected = estimates(Coded.of(readings, measure), measure, resamples, confidence, seed)
            if measure not in ("ordinal", "interval"):
                rows.append({"name": "percent", "measure": measure_name(measure), **asdict(observed)})
            rows.append({"name": "alpha", "measure": measure_name(measure), **asdict(corrected)})
        return rows

    def dimension(name: str, readings: list[Reading]) -> dict[str, Any]:
        own = records_of.get(name, [])
        counted = first_shown(own).values()
        first, decided = (sum(column) for column in zip(*counted, strict=True)) if counted else (0, 0)
        parts: dict[str, list[Reading]] = {}
        for reading in readings:
            _, mark, part = reading.subject.partition("#")
            if mark:
                parts.setdefault(part, []).append(reading)
        return {
            "dimension": name,
            **_extent(readings),
            "measures": measures(readings),
            "prevalence": _prevalence("category", [r.category for r in readings if r.category]),
            "levels": _prevalence("level", [r.level for r in readings if r.level is not None]),
            "position": {"n_decided": decided, **share("first", first, decided, confidence)},
            "matrices": [
                pairwise(readings, measure, top=top, include=include, confidence=confidence, seed=seed)
                for measure in kind.MEASURES
            ],
            "raters": raters(readings, own, confidence=confidence),
            "parts": [
                {
                    "part": part,
                    **_extent(rows),
                    "measures": measures(rows),
                    "prevalence": _prevalence("category", [r.category for r in rows if r.category]),
                }
                for part, rows in sorted(parts.items(), key=lambda entry: -len(entry[1]))[:50]
            ],
        }

    return {
        "version": 1,
        "confidence": confidence,
        "resamples": resamples,
        "seed": seed,
        "dimensions": [dimension(name, readings) for name, readings in sorted(by_dimension.items())],
    }


def _extent(readings: Sequence[Reading]) -> dict[str, int]:
    return {
        "n_units": len({reading[:3] for reading in readings}),
        "n_raters": len({reading.rater for reading in readings}),
        "n_readings": len(readings),
    }


def _prevalence(name: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    counts = Counter(values)
    return [{name: value, "n": n, "share": n / len(values)} for value, n in sorted(counts.items())]
