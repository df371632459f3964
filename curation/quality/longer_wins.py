"""How often the longer response wins, by how much longer it is: people beside models.

Where a model's line runs above the people's, it likes length for its own sake.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation.charts import Chart
from curation.quality import GROUPS, Evidence, Link, NothingToShow, Plot, _curves, lengths

TITLE = "Does the longer one win?"
SUMMARY = "Share of decided votes for the longer response, by how many times as long it is."
ORDER = 30

_EDGES = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0, np.inf)
_LABELS = ["up to 1.1 ×", "1.25 ×", "1.5 ×", "2 ×", "3 ×", "over 3 ×"]


def measure(evidence: Evidence) -> Plot:
    """Votes on pairs of equal length are left out."""
    length_N2 = np.maximum(lengths(evidence.table), 1)
    ratio_N = length_N2.max(axis=1) / length_N2.min(axis=1)
    longer_N = np.where(length_N2[:, 0] > length_N2[:, 1], "a", "b")
    usable_V = np.isin(evidence.outcome_V, ["a", "b"]) & (ratio_N > 1)[evidence.row_V]
    series = {}
    for name, kinds in GROUPS.items():
        vote = np.flatnonzero(usable_V & evidence.by(kinds))
        if len(vote):
            row = evidence.row_V[vote]
            bin = np.searchsorted(_EDGES, ratio_N[row], side="left") - 1
            series[name] = vote, (evidence.outcome_V[vote] == longer_N[row]).astype(float), bin
    if not series:
        raise NothingToShow("No vote yet chose between responses of different length.")
    return _curves.shares_by_bin(evidence, _LABELS, series)


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> Chart:
    note = f"{SUMMARY} The dashed line is one half."
    words = {"x": "times as long", "y": "longer wins", "reference": 0.5}
    return _curves.chart(figures, link, id=id, title=TITLE, note=note, **words)


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell, "{series}: {bin} as long")
