"""How raters answer, apart from what: how long they take, and whether place or length sways them.

Pure arithmetic over records; knows no model. Shares carry the Wilson score interval (Wilson 1927,
https://doi.org/10.1080/01621459.1927.10502953) at 95 %.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from annotate.records import Preference

Z = 1.959964
# Seconds: each class is as wide again as all before it.
EDGES = (0, 5, 10, 20, 40, 80, 160, 320, 640)


class Share(NamedTuple):
    """``hits`` of ``n`` by one rater, with the interval [low, high]."""

    rater: str
    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.n


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share ``hits / n``, n > 0."""
    centre = (hits + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * math.sqrt(hits * (n - hits) / n + Z * Z / 4)
    return max(0.0, centre - half), min(1.0, centre + half)


def verdicts(records: Iterable[Preference]) -> list[Preference]:
    """One preference an answer: the judgement as a whole, else the first dimension; undecided ones left out."""
    chosen: dict[tuple[str, str], Preference] = {}
    for record in records:
        key = (record.annotation, f"{record.a}:{record.b}")
        if key not in chosen or (chosen[key].dimension and not record.dimension):
            chosen[key] = record
    return [record for record in chosen.values() if record.outcome in ("a", "b")]


def first_shown(preferences: Iterable[Preference]) -> list[Share]:
    """By rater: how often the response that stood first won. Without a bias of place it is one half."""
    return _shares(
        (record.rater, _winner(record) == record.shown_first)
        for record in preferences
        if record.shown_first in (record.a, record.b)
    )


def longer(preferences: Iterable[Preference], lengths: Mapping[tuple[str, str], int]) -> list[Share]:
    """By rater: how often the longer response won; ``lengths`` in characters by (item, response key)."""
    votes = []
    for record in preferences:
        a, b = lengths.get((record.item, record.a)), lengths.get((record.item, record.b))
        if a is not None and b is not None and a != b:
            votes.append((record.rater, (a > b) == (record.outcome == "a")))
    return _shares(votes)


def spread(seconds: Sequence[float]) -> dict[str, Any]:
    """Counts between `EDGES` (the last class is open), with the median and the longest tenth's beginning."""
    counts = [0] * len(EDGES)
    for value in seconds:
        counts[max(index for index, edge in enumerate(EDGES) if value >= edge)] += 1
    ordered = sorted(seconds)
    return {
        "counts": counts,
        "median": median(ordered) if ordered else None,
        "p90": ordered[math.ceil(0.9 * len(ordered)) - 1] if ordered else None,
        "n": len(ordered),
    }


def _winner(record: Preference) -> str:
    return record.a if record.outcome == "a" else record.b


def _shares(votes: Iterable[tuple[str, bool]]) -> list[Share]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for rater, hit in votes:
        counts[rater][0] += hit
        counts[rater][1] += 1
    shares = [Share(rater, hits, n, *wilson(hits, n)) for rater, (hits, n) in counts.items()]
    return sorted(shares, key=lambda share: (-share.n, share.rater))
