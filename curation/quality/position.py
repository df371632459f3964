"""Whether the place on the screen sways a rater: the share of decided votes for the response shown first.

One half is fair; the interval says how far chance alone would go.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation.charts import Chart
from curation.quality import Evidence, Link, NothingToShow, Plot, _curves

TITLE = "Does the first one win?"
SUMMARY = "Share of decided votes for the response that was shown first, by rater."
ORDER = 35
_MOST = 20


def measure(evidence: Evidence) -> Plot:
    """The raters with most such votes, the most swayed first."""
    vote = np.flatnonzero(np.isin(evidence.outcome_V, ["a", "b"]) & np.isin(evidence.first_V, ["a", "b"]))
    if not len(vote):
        raise NothingToShow("It is not known of any vote which response was shown first.")
    hit = (evidence.outcome_V[vote] == evidence.first_V[vote]).astype(float)
    names, index, counts = np.unique(evidence.rater_V[vote].astype(str), return_inverse=True, return_counts=True)
    means = np.bincount(index, hit) / counts
    most = np.argsort(-counts, kind="stable")[:_MOST]
    order = most[np.argsort(-np.abs(means[most] - 0.5), kind="stable")]
    place = np.full(len(names), -1)
    place[order] = np.arange(len(order))
    kept = place[index] >= 0
    series = {"first shown": (vote[kept], hit[kept], place[index][kept])}
    return _curves.shares_by_bin(evidence, names[order].tolist(), series)


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> Chart:
    made = _curves.chart(
        figures, link, id=id, title=TITLE, note=SUMMARY, x="rater", y="first shown wins", reference=0.5
    )
    made["options"]["series"][0]["lineStyle"] = {"width": 0}
    made["options"]["xAxis"] |= {"name": "", "axisLabel": {"rotate": 35, "width": 110, "overflow": "truncate"}}
    return made


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell, "Votes of {bin}")
