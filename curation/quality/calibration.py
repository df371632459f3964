"""Are models as sure as they are right? Of the pairs that a model gives 80 %, people should agree on 80 %.

Guo et al. 2017, https://arxiv.org/abs/1706.04599. The expected calibration error is the mean distance between the two,
weighted by how many pairs there are.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation import pairs
from curation.charts import Chart
from curation.quality import MODELS, Evidence, Link, NothingToShow, Plot, _curves

TITLE = "Are models as sure as they are right?"
SUMMARY = "Share of pairs on which people agree with a model, by the probability that the model gave its choice."
ORDER = 60
_EDGES = np.linspace(0.5, 1, 6)
_MOST = 6


def measure(evidence: Evidence) -> Plot:
    """Against the people's consensus, on pairs where it names a winner; the models with most such votes."""
    winner_N = pairs.winner(evidence.table)
    usable_V = np.isfinite(evidence.p_a_V) & evidence.by(MODELS) & np.isin(winner_N, ["a", "b"])[evidence.row_V]
    if not usable_V.any():
        raise NothingToShow("No model has said yet how sure it is on a pair that people decided.")
    names, counts = np.unique(evidence.rater_V[usable_V].astype(str), return_counts=True)
    series, errors = {}, {}
    for name in names[np.argsort(-counts, kind="stable")[:_MOST]].tolist():
        vote = np.flatnonzero(usable_V & (evidence.rater_V == name))
        p_a = evidence.p_a_V[vote]
        sure = np.maximum(p_a, 1 - p_a)
        hit = np.where(p_a == 0.5, 0.5, (p_a > 0.5) == (winner_N[evidence.row_V[vote]] == "a")).astype(float)
        bin = np.clip(np.searchsorted(_EDGES, sure, side="right") - 1, 0, len(_EDGES) - 2)
        series[name] = vote, hit, bin
        gap = np.bincount(bin, hit - sure, minlength=len(_EDGES) - 1)
        errors[name] = round(float(np.abs(gap).sum() / len(vote)), 4)
    labels = [f"{low:.1f}–{low + 0.1:.1f}" for low in _EDGES[:-1]]
    plot = _curves.shares_by_bin(evidence, labels, series)
    return Plot(plot.figures | {"ece": errors}, plot.cells)


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> Chart:
    errors = ", ".join(f"{name} {error:.3f}" for name, error in figures["ece"].items())
    made = _curves.chart(
        figures, link, id=id, title=TITLE, note=f"{SUMMARY} Calibration error: {errors}.", x="said", y="people agree"
    )
    diagonal = [[place, round(low + 0.05, 3)] for place, low in enumerate(_EDGES[:-1])]
    made["options"]["series"].append(
        {
            "name": "as sure as right", "type": "line", "silent": True, "showSymbol": False,
            "color": "var(--ink-muted)", "lineStyle": {"type": "dashed", "width": 1}, "data": diagonal,
        }
    )  # fmt: skip
    return made


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell, "{series}: said {bin}")
