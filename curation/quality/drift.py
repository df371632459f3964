"""What changed from one dataset version to the next: ties, lengths, sure labels, verified pairs, who voted."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import charts, pairs
from curation.charts import Chart
from curation.quality import Evidence, Link, NothingToShow, Plot, _curves, lengths, share

TITLE = "Drift over versions"
SUMMARY = "Shares of rows with each property, by dataset version."
ORDER = 90
_MOST = 12


def _longer_wins(table: pa.Table) -> np.ndarray:
    length_N2, winner_N = lengths(table), pairs.winner(table)
    longer_N = np.where(length_N2[:, 0] > length_N2[:, 1], "a", "b")
    usable_N = np.isin(winner_N, ["a", "b"]) & (length_N2[:, 0] != length_N2[:, 1])
    return np.where(usable_N, (winner_N == longer_N).astype(float), np.nan)


def _markdown(table: pa.Table) -> np.ndarray:
    pattern = r"(?m)^(#{1,6} |[-*] |\d+\. |```)"
    sides = [pc.match_substring_regex(table[f"response_{side}"], pattern).to_numpy() for side in "ab"]
    return np.logical_or(*sides).astype(float)


PROPERTIES: dict[str, Callable[[pa.Table], np.ndarray]] = {
    "tie": lambda table: np.isin(pairs.winner(table), ["tie", "both_bad"]).astype(float),
    "sure (over 90 %)": lambda table: (pairs.outcome_probs(table).max(axis=1) > 0.9).astype(float),
    "verified": lambda table: (~table["gold"].is_null().to_numpy(zero_copy_only=False)).astype(float),
    "longer wins": _longer_wins,
    "marked up": _markdown,
}


def measure(evidence: Evidence) -> Plot:
    """Of the newest versions; rows that a property says nothing of are left out of its share."""
    if not evidence.versions:
        raise NothingToShow("There is no dataset version yet.")
    shown = evidence.versions[-_MOST:]
    series: dict[str, list[dict[str, Any] | None]] = {}
    for name, of in PROPERTIES.items():
        found: list[dict[str, Any] | None] = []
        for _, table in shown:
            value_N = of(table)
            known_N = np.isfinite(value_N)
            items = np.array(table["item"].to_pylist(), dtype=object)
            found.append(share(value_N[known_N], items[known_N]) if known_N.any() else None)
        series[name] = found
    return Plot({"labels": [name for name, _ in shown], "series": series})


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> Chart:
    series = figures["series"]
    return charts.curve(figures["labels"], series, id=id, title=TITLE, note=SUMMARY, x="version", y="share of rows")


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell)
