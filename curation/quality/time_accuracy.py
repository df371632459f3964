"""Time taken for an answer against how often it is right: too fast shows as a fall on the left."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from curation.charts import Chart
from curation.quality import GROUPS, Evidence, Link, NothingToShow, Plot, _curves, quantile_bins
from curation.quality._gold import rightness

TITLE = "Time and accuracy"
SUMMARY = "Share of people's votes that match the verified outcome, by the seconds they took."
ORDER = 40
_BINS = 8


def measure(evidence: Evidence) -> Plot:
    """On pairs whose verified outcome names a winner; a tie said there is half right."""
    usable_V = np.isin(evidence.gold_V, ["a", "b"]) & np.isfinite(evidence.seconds_V) & evidence.by(GROUPS["people"])
    vote = np.flatnonzero(usable_V)
    if not len(vote):
        raise NothingToShow("No timed vote by people stands on a pair with a verified outcome.")
    edges, bin = quantile_bins(evidence.seconds_V[vote], _BINS)
    labels = [f"{low:.0f}–{high:.0f} s" if high >= 3 else f"{low:.1f}–{high:.1f} s" for low, high in pairwise(edges)]
    return _curves.shares_by_bin(evidence, labels, {"people": (vote, rightness(evidence, vote), bin)})


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> Chart:
    words = {"x": "seconds", "y": "right", "reference": 0.5}
    return _curves.chart(figures, link, id=id, title=TITLE, note=f"{SUMMARY} Each bin holds as many votes.", **words)


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell)
