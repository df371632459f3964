"""Accuracy over time as a control chart: does the work stay as good as it was?

A p-chart (Shewhart 1931; Montgomery, Introduction to Statistical Quality Control, chapter 7): the votes on pairs with a
verified outcome, in the order of their giving, cut into stretches of equal size; the centre is the mean of them all and
the limits lie three standard errors beside it. A stretch outside the limits is more than chance.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from curation import charts
from curation.quality import GROUPS, Evidence, Link, NothingToShow, Plot, _curves
from curation.quality._gold import rightness

TITLE = "Accuracy over time"
SUMMARY = "Share of people's votes that match the verified outcome, in stretches of equal size."
ORDER = 50
_STRETCHES, _LEAST = 24, 20


def measure(evidence: Evidence) -> Plot:
    usable_V = np.isin(evidence.gold_V, ["a", "b"]) & np.isfinite(evidence.at_V) & evidence.by(GROUPS["people"])
    vote = np.flatnonzero(usable_V)
    if len(vote) < 2 * _LEAST:
        raise NothingToShow(f"Fewer than {2 * _LEAST} dated votes by people stand on pairs with a verified outcome.")
    vote = vote[np.argsort(evidence.at_V[vote], kind="stable")]
    stretches = min(_STRETCHES, len(vote) // _LEAST)
    bin = np.arange(len(vote)) * stretches // len(vote)
    starts = [evidence.at_V[vote[bin == place]][0] for place in range(stretches)]
    labels = [f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M}" for start in starts]
    hit = rightness(evidence, vote)
    plot = _curves.shares_by_bin(evidence, labels, {"people": (vote, hit, bin)})
    centre = float(hit.mean())
    half = 3 * float(hit.std()) / np.sqrt(len(vote) / stretches)
    limits = {"centre": centre, "lower": max(0.0, centre - half), "upper": min(1.0, centre + half)}
    return Plot(plot.figures | limits, plot.cells)


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> charts.Chart:
    limits = f"{100 * figures['lower']:.0f} – {100 * figures['upper']:.0f} %"
    points = [point for point in figures["series"]["people"] if point]
    outside = sum(not figures["lower"] <= point["value"] <= figures["upper"] for point in points)
    found = f"{outside} of {len(points)} stretches lie" if outside != 1 else f"1 of {len(points)} stretches lies"
    note = f"{SUMMARY} {found} outside the control limits, {limits}."
    made = _curves.chart(figures, link, id=id, title=TITLE, note=note, x="from", y="right", reference=figures["centre"])
    dashed = {"color": "var(--bad)", "type": "dotted"}
    lines = [{"yAxis": figures["lower"], "lineStyle": dashed}, {"yAxis": figures["upper"], "lineStyle": dashed}]
    made["options"]["series"][0]["markLine"]["data"] += lines
    return made


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell, "{series}: from {bin}")
