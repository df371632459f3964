"""Plots of the data-quality dashboard: one file each, found by discovery; evidence in, figures and the rows behind out.

The contract that every module here fulfils (tests/curation/quality/test_contract.py holds it):

    TITLE, SUMMARY : str
    ORDER : int                                where it stands on the page
    measure(evidence) -> Plot                  raises `NothingToShow` with what is lacking
    chart(figures, link, id) -> charts.Chart   figures as `Plot.figures`; link: cell -> URL of the rows behind it
    words(figures, cell) -> str                a cell as people call it, the heading of its rows

Every share carries a 95 % interval that allows for the votes on one item hanging together, and its n.
Pure: knows no Django. Shapes: N rows of the pair table, V votes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np
import pyarrow as pa

from annotate import discovery
from curation.charts import Chart
from curation.intervals import clustered

PEOPLE = ("person", "import")
MODELS = ("language_model", "reward_model", "rule")
GROUPS = {"people": PEOPLE, "AI judges": ("language_model", "rule"), "reward models": ("reward_model",)}

Link = Callable[[str], str]


class NothingToShow(ValueError):
    """The evidence does not carry this plot; the message says what is lacking."""


@dataclass(frozen=True)
class Evidence:
    """What the plots are made from.

    Attributes
    ----------
    table : `curation.pairs.SCHEMA`, labelled by the consensus of the people's votes (all votes where no person voted).
    row_V : row of each vote.
    rater_V, kind_V, outcome_V, first_V : text; ``first_V`` is the side shown first ("a", "b" or "" when unknown).
    level_V, p_a_V, seconds_V, at_V : numbers, NaN when unknown; ``at_V`` is when it was given, in seconds since 1970.
    versions : name and table (`pairs.SCHEMA` and ``split``) of the dataset versions, oldest first.
    """

    table: pa.Table
    row_V: np.ndarray
    rater_V: np.ndarray
    kind_V: np.ndarray
    outcome_V: np.ndarray
    first_V: np.ndarray
    level_V: np.ndarray
    p_a_V: np.ndarray
    seconds_V: np.ndarray
    at_V: np.ndarray
    versions: tuple[tuple[str, pa.Table], ...] = ()

    @property
    def item_N(self) -> np.ndarray:
        """External id of each row's item: the votes on one item hang together."""
        return np.array(self.table["item"].to_pylist(), dtype=object)

    @property
    def gold_V(self) -> np.ndarray:
        """The verified outcome of each vote's row, "" where there is none."""
        return np.array([gold or "" for gold in self.table["gold"].to_pylist()], dtype=object)[self.row_V]

    def by(self, kinds: Iterable[str]) -> np.ndarray:
        """Which votes are given by raters of these kinds, shape (V,)."""
        return np.isin(self.kind_V, list(kinds))


@dataclass(frozen=True)
class Plot:
    """``figures``: plain JSON, all that the chart needs; ``cells``: the rows behind each part that can be clicked."""

    figures: dict[str, Any]
    cells: Mapping[str, np.ndarray] = field(default_factory=dict)


class Module(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    ORDER: int

    def measure(self, evidence: Evidence) -> Plot: ...
    def chart(self, figures: Mapping[str, Any], link: Link | None, id: str) -> Chart: ...
    def words(self, figures: Mapping[str, Any], cell: str) -> str: ...


def names() -> tuple[str, ...]:
    """Identifiers of all plots, in the order of the page."""
    return tuple(sorted(discovery.names(__name__), key=lambda name: (get(name).ORDER, name)))


def get(name: str) -> Module:
    """The plot called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Module, discovery.load(__name__, name))


def share(hit_V: np.ndarray, item_V: np.ndarray) -> dict[str, Any]:
    """{"value", "low", "high", "n"} of a mean of hits in [0, 1], its interval allowing for votes on one item."""
    low, high = clustered(hit_V, item_V)
    return {"value": round(float(hit_V.mean()), 4), "low": round(low, 4), "high": round(high, 4), "n": len(hit_V)}


def points(bin_V: np.ndarray, bins: int, hit_V: np.ndarray, item_V: np.ndarray) -> list[dict[str, Any] | None]:
    """A `share` for each bin, None where it is empty."""
    return [
        share(hit_V[bin_V == place], item_V[bin_V == place]) if (bin_V == place).any() else None
        for place in range(bins)
    ]


def rows_of(row_V: np.ndarray) -> np.ndarray:
    """The distinct rows of some votes."""
    return np.unique(row_V)


def quantile_bins(value_V: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges (at most ``most`` bins of about equal size, fewer where values repeat) and the bin of each value."""
    edges = np.unique(np.quantile(value_V, np.linspace(0, 1, most + 1)))
    if len(edges) < 2:
        edges = np.array([edges[0], edges[0] + 1])
    return edges, np.clip(np.searchsorted(edges, value_V, side="right") - 1, 0, len(edges) - 2)


def lengths(table: pa.Table) -> np.ndarray:
    """Characters of both responses, shape (N, 2)."""
    import pyarrow.compute as pc

    return np.column_stack([pc.utf8_length(table[f"response_{side}"]).to_numpy() for side in "ab"])
