"""Where reward models disagree with one another, do people too?

The deviation is that of the log-odds which two or more reward models give a pair; people's disagreement is the share of
their votes on the pair that differ from the commonest one. Spearman's correlation has a bootstrap interval over items.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from annotate.records import OUTCOMES
from curation import charts
from curation.charts import Chart
from curation.quality import GROUPS, Evidence, Link, NothingToShow, Plot, _curves, quantile_bins, share

TITLE = "Disagreement of models and of people"
SUMMARY = "Share of people's votes against the commonest one, by the deviation of the reward models on the pair."
ORDER = 80
_BINS, _RESAMPLES, _LEAST = 6, 500, 20


def measure(evidence: Evidence) -> Plot:
    N = evidence.table.num_rows
    deviation_N, models_N = _deviation(evidence, N)
    split_N, people_N = _split(evidence, N)
    row = np.flatnonzero((models_N > 1) & (people_N > 1))
    if len(row) < _LEAST:
        raise NothingToShow(f"Fewer than {_LEAST} pairs have two votes by people and scores of two reward models.")
    edges, bin = quantile_bins(deviation_N[row], _BINS)
    item = evidence.item_N[row]
    points = [share(split_N[row][bin == place], item[bin == place]) for place in range(len(edges) - 1)]
    labels = [f"{low:.2f}–{high:.2f}" for low, high in pairwise(edges)]
    cells = {f"people|{place}": row[bin == place] for place in range(len(labels))}
    correlation = _spearman(deviation_N[row], split_N[row], item)
    return Plot({"labels": labels, "series": {"people": points}, "correlation": correlation}, cells)


def _deviation(evidence: Evidence, N: int) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviation of the reward models' log-odds on each row, and how many there are."""
    vote = np.flatnonzero(evidence.by(GROUPS["reward models"]) & np.isfinite(evidence.p_a_V))
    row, p_a = evidence.row_V[vote], np.clip(evidence.p_a_V[vote], 1e-6, 1 - 1e-6)
    logit = np.log(p_a / (1 - p_a))
    n = np.bincount(row, minlength=N)
    mean = np.bincount(row, logit, minlength=N) / np.maximum(n, 1)
    square = np.bincount(row, (logit - mean[row]) ** 2, minlength=N)
    return np.sqrt(square / np.maximum(n - 1, 1)), n


def _split(evidence: Evidence, N: int) -> tuple[np.ndarray, np.ndarray]:
    """Share of people's votes on each row that differ from the commonest, and how many there are."""
    vote = np.flatnonzero(evidence.by(GROUPS["people"]))
    counts = np.column_stack(
        [np.bincount(evidence.row_V[vote][evidence.outcome_V[vote] == outcome], minlength=N) for outcome in OUTCOMES]
    )
    n = counts.sum(axis=1)
    return 1 - counts.max(axis=1) / np.maximum(n, 1), n


def _spearman(one: np.ndarray, other: np.ndarray, item: np.ndarray) -> dict[str, Any]:
    _, index = np.unique(item.astype(str), return_inverse=True)
    members = np.split(np.argsort(index, kind="stable"), np.cumsum(np.bincount(index))[:-1])
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(_RESAMPLES):
        chosen = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        if np.ptp(one[chosen]) and np.ptp(other[chosen]):
            draws.append(spearmanr(one[chosen], other[chosen]).statistic)
    if not draws or not (np.ptp(one) and np.ptp(other)):
        return {"value": None, "low": None, "high": None, "n": len(one)}
    low, high = np.quantile(draws, [0.025, 0.975])
    value = spearmanr(one, other).statistic
    return {"value": round(float(value), 3), "low": round(float(low), 3), "high": round(float(high), 3), "n": len(one)}


def chart(figures: Mapping[str, Any], link: Link | None, id: str) -> Chart:
    found = figures["correlation"]
    rho = f" Spearman’s correlation: {charts.text(found['value'])} {charts.interval(found)}, {found['n']:,} pairs."
    points = [
        {**point, **({"url": link(f"people|{place}")} if link else {})}
        for place, point in enumerate(figures["series"]["people"])
    ]
    return charts.curve(
        figures["labels"], {"people": points}, id=id, title=TITLE, note=SUMMARY + rho,
        x="deviation of reward models (log-odds)", y="people differ",
    )  # fmt: skip


def words(figures: Mapping[str, Any], cell: str) -> str:
    return _curves.words(figures, cell, "{series}: deviation of reward models {bin}")
