"""Consensus methods: one file each, found by discovery; votes in, a distribution per unit out.

The contract that every module here fulfils (tests/curation/aggregation/test_contract.py holds it):

    TITLE, SUMMARY : str
    aggregate(votes, *, seed=0) -> Consensus

Pure: arrays in, arrays out. Shapes: U units, R raters, C categories, V votes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np

from annotate import discovery
from annotate.feedback import Reading

DEFAULT = "mace"


@dataclass(frozen=True)
class Votes:
    """Categorical votes in coordinate form.

    Attributes
    ----------
    units : U identifiers, (item, subject, dimension).
    raters : R identifiers.
    categories : C labels, e.g. ("a", "b", "tie", "both_bad").
    unit_V, rater_V, category_V : integer indices into the three above.
    """

    units: tuple[tuple[str, str, str], ...]
    raters: tuple[str, ...]
    categories: tuple[str, ...]
    unit_V: np.ndarray
    rater_V: np.ndarray
    category_V: np.ndarray

    @classmethod
    def from_readings(cls, readings: Iterable[Reading], categories: Iterable[str] | None = None) -> "Votes":
        """Collect readings; ``categories`` fixes the labels and their order, else those seen, sorted."""
        rows = [((r.item, r.subject, r.dimension), r.rater, r.category) for r in readings if r.category]
        labels = tuple(categories) if categories is not None else tuple(sorted({row[2] for row in rows}))
        units = {unit: i for i, unit in enumerate(dict.fromkeys(row[0] for row in rows))}
        raters = {rater: i for i, rater in enumerate(dict.fromkeys(row[1] for row in rows))}
        place = {label: i for i, label in enumerate(labels)}
        index = np.array([(units[u], raters[r], place[c]) for u, r, c in rows], dtype=np.int64).reshape(-1, 3)
        return cls(tuple(units), tuple(raters), labels, index[:, 0], index[:, 1], index[:, 2])

    @property
    def counts_UC(self) -> np.ndarray:
        """Votes per unit and category."""
        counts = np.zeros((len(self.units), len(self.categories)))
        np.add.at(counts, (self.unit_V, self.category_V), 1)
        return counts


@dataclass(frozen=True)
class Consensus:
    """What the votes say together: a distribution, never only a winner.

    Attributes
    ----------
    probs_UC : posterior of the unit's true category; rows sum to 1.
    predictive_UC : how the next vote of an average rater would fall; rows sum to 1.
    reliability_R : each rater's estimated reliability in [0, 1]; NaN where the method has none.
    notes : what the method wants to tell (iterations, parameters), JSON-serialisable.
    """

    probs_UC: np.ndarray
    predictive_UC: np.ndarray
    reliability_R: np.ndarray
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def entropy_U(self) -> np.ndarray:
        """Entropy of each unit's posterior, in bits."""
        p = np.clip(self.probs_UC, 1e-12, 1)
        return -(p * np.log2(p)).sum(axis=1)


class Method(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str

    def aggregate(self, votes: Votes, *, seed: int = 0) -> Consensus: ...


def names() -> tuple[str, ...]:
    """Identifiers of all consensus methods."""
    return discovery.names(__name__)


def get(name: str) -> Method:
    """The method called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Method, discovery.load(__name__, name))
