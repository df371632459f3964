"""Margins of reward models by how strongly people preferred: a good model is surer where people are.

The margin is the log-odds that a model gives the side that people prefer; below 0 it prefers the other.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from curation import charts
from curation.quality import GROUPS, Evidence, Link, NothingToShow, Plot, _curves, rows_of

TITLE = "Margins of models by strength of people"
SUMMARY = "Middle half of the reward margins towards the people's choice, by the mean strength of their votes."
ORDER = 70
_EDGES = np.array([0, 0.2, 0.4, 0.6, 0.8, 1.0])
_LABELS = ["0–0.2", "0.2–0.4", "0.4–0.6", "0.6–0.8", "0.8–1"]


def measure(evidence: Evidence) -> Plot:
    """Median and quartiles of the margins in each bin of strength, by model."""
    N = evidence.table.num_rows
    people_V = evidence.by(GROUPS["people"]) & np.isfinite(evidence.level_V)
    votes_N = np.bincount(evidence.row_V[people_V], minlength=N)
    level_N = np.bincount(evidence.row_V[people_V], evidence.level_V[people_V], minlength=N) / np.maximum(votes_N, 1)
    usable_V = evidence.by(GROUPS["reward models"]) & np.isfinite(evidence.p_a_V) & (level_N != 0)[evidence.row_V]
    if not usable_V.any():
        raise NothingToShow("No reward model has scored a pair on which people lean to a side.")
    series: dict[str, list[dict[str, Any] | None]] = {}
    cells = {}
    names, counts = np.unique(evidence.rater_V[usable_V].astype(str), return_counts=True)
    for name in names[np.argsort(-counts, kind="stable")[:6]].tolist():
        vote = np.flatnonzero(usable_V & (evidence.rater_V == name))
        row, p_a = evidence.row_V[vote], np.clip(evidence.p_a_V[vote], 1e-6, 1 - 1e-6)
        margin = np.log(p_a / (1 - p_a)) * np.sign(level_N[row])
        bin = np.clip(np.searchsorted(_EDGES, np.abs(level_N[row]), side="left") - 1, 0, len(_LABELS) - 1)
        series[name] = [_quartiles(margin[bin == place]) for place in range(len(_LABELS))]
        for place in np.unique(bin).tolist():
            cells[f"{name}|{place}"] = rows_of(row[bin == place])
    return Plot({"labels": _LABELS, "series": series}, cells)


def _quartiles(margins: np.ndarray) -> dict[str, Any] | None:
    if not len(margins):
        return None
    low, middle, high = np.round(np.quantile(margins, [0.25, 0.5, 0.75]), 3).tolist()
    return {"value": middle, "low": low, "high": high, "n": len(margins)}


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> charts.Chart:
    series = {
        name: [
            point and {**point, **({"url": link(f"{name}|{place}")} if link else {})}
            for place, point in enumerate(points)
        ]
        for name, points in figures["series"].items()
    }
    made = charts.curve(
        figures["labels"], series, id=id, title=TITLE, note=SUMMARY, x="strength of people", y="margin",
        reference=0.0, bounds=(None, None), percent=False,
    )  # fmt: skip
    made["columns"][3] = "middle half"
    return made


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell, "{series}: strength of people {bin}")
