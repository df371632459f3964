"""What plots of shares over bins have in common."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation import charts
from curation.quality import Evidence, Link, Plot, points, rows_of


def shares_by_bin(
    evidence: Evidence,
    labels: list[str],
    series: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> Plot:
    """A share for each bin and series; the cell behind it is "series|bin".

    ``series``: by name the indices of its votes, their hits in [0, 1] and their bins.
    """
    item_N = evidence.item_N
    figures: dict[str, Any] = {"labels": labels, "series": {}}
    cells = {}
    for name, (vote, hit, bin) in series.items():
        row = evidence.row_V[vote]
        figures["series"][name] = points(bin, len(labels), hit, item_N[row])
        for place in np.unique(bin).tolist():
            cells[f"{name}|{place}"] = rows_of(row[bin == place])
    return Plot(figures, cells)


def chart(figures: Mapping[str, Any], link: Link | None, **wanted: Any) -> charts.Chart:
    """The chart of what `shares_by_bin` found, each point a link to its rows."""
    series = {
        name: [
            point and {**point, **({"url": link(f"{name}|{place}")} if link else {})}
            for place, point in enumerate(found)
        ]
        for name, found in figures["series"].items()
    }
    return charts.curve(figures["labels"], series, **wanted)


def words(figures: Mapping[str, Any], cell: str, pattern: str = "{series}: {bin}") -> str:
    """The cell "series|bin" in words; ``pattern`` says how its series and the label of its bin are put together."""
    series, _, place = cell.rpartition("|")
    return pattern.format(series=series, bin=figures["labels"][int(place)])
