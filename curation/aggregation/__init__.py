"""Consensus methods: one file each, found by discovery; votes in, a distribution per unit out.

The contract that every module here fulfils (tests/curation/aggregation/test_contract.py holds it):

    TITLE, SUMMARY : str
    aggregate(votes, *, seed=0) -> Consensus

Pure: arrays in, arrays out. Shapes: U units, R raters, C categories, V votes, K contestants.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

import numpy as np

from annotate import discovery
from annotate.feedback import Reading

DEFAULT = "pooled"


class NotPairwise(ValueError):
    """A method that compares two sides was given votes that have none."""


@dataclass(frozen=True)
class Votes:
    """Categorical votes in coordinate form.

    Attributes
    ----------
    units : U identifiers, (item, subject, dimension).
    raters : R identifiers.
    categories : C labels, e.g. ("a", "b", "tie", "both_bad").
    unit_V, rater_V, category_V : integer indices into the three above.
    sides_U2 : contestant (0 .. K - 1) on side "a" and on side "b" of each unit, -1 where a unit is not a pair;
        None where no unit is. Units that share a contestant form the comparison graph.
    """

    units: tuple[tuple[str, str, str], ...]
    raters: tuple[str, ...]
    categories: tuple[str, ...]
    unit_V: np.ndarray
    rater_V: np.ndarray
    category_V: np.ndarray
    sides_U2: np.ndarray | None = None

    @classmethod
    def from_readings(
        cls,
        readings: Iterable[Reading],
        categories: Iterable[str] | None = None,
        contestant: Callable[[str, str], str] | None = None,
    ) -> "Votes":
        """Collect readings.

        Parameters
        ----------
        readings : those without a category are left out.
        categories : fixes the labels and their order; else those seen, sorted.
        contestant : (item, response key) -> identity of the response; equal identities are one contestant of
            the comparison graph. A response key is new in every item, so a caller that knows that two items
            show the same response (same prompt and text) or the same model says so here. The default is the
            key itself. Contestants of different dimensions are always different.

        Raises
        ------
        KeyError
            If a reading's category is not one of ``categories``.
        """
        rows = [((r.item, r.subject, r.dimension), r.rater, r.category) for r in readings if r.category]
        labels = tuple(categories) if categories is not None else tuple(sorted({row[2] for row in rows}))
        units = {unit: i for i, unit in enumerate(dict.fromkeys(row[0] for row in rows))}
        raters = {rater: i for i, rater in enumerate(dict.fromkeys(row[1] for row in rows))}
        place = {label: i for i, label in enumerate(labels)}
        index = np.array([(units[u], raters[r], place[c]) for u, r, c in rows], dtype=np.int64).reshape(-1, 3)
        sides = _sides(tuple(units), contestant or (lambda item, key: key)) if {"a", "b"} <= set(labels) else None
        return cls(tuple(units), tuple(raters), labels, index[:, 0], index[:, 1], index[:, 2], sides)

    def select(self, chosen_V: np.ndarray) -> "Votes":
        """Some of the votes (a mask or indices) over the same units, raters and categories."""
        parts = self.unit_V[chosen_V], self.rater_V[chosen_V], self.category_V[chosen_V]
        return replace(self, unit_V=parts[0], rater_V=parts[1], category_V=parts[2])

    @property
    def counts_UC(self) -> np.ndarray:
        """Votes per unit and category."""
        shape = len(self.units), len(self.categories)
        cells = self.unit_V * shape[1] + self.category_V
        return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def _sides(units: tuple[tuple[str, str, str], ...], contestant: Callable[[str, str], str]) -> np.ndarray | None:
    """Contestants of units whose subject is a pair "a:b"; None where there is no such unit."""
    index: dict[tuple[str, str], int] = {}
    sides_U2 = np.full((len(units), 2), -1, dtype=np.int64)
    for u, (item, subject, dimension) in enumerate(units):
        keys = subject.split(":")
        if len(keys) == 2:
            sides_U2[u] = [index.setdefault((dimension, contestant(item, key)), len(index)) for key in keys]
    return sides_U2 if index else None


@dataclass(frozen=True)
class Consensus:
    """What the votes say together: a distribution, never only a winner.

    Attributes
    ----------
    probs_UC : posterior of the unit's true category; rows sum to 1. Says which label to take.
    predictive_UC : how the next vote of an average rater would fall; rows sum to 1. Says how divided people
        are, so it is the one to train soft labels on and to judge by held-out votes.
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
