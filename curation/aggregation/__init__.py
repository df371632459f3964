"""Consensus methods: one file each, found by discovery; judgements in, what they say together out.

The contract that every module here fulfils (tests/curation/aggregation/test_contract.py holds it):

    TITLE, SUMMARY : str
    TAKES : "categories" | "levels" | "rankings" | "marks" | "texts"

and, where it takes categories,

    aggregate(votes, *, seed=0) -> Consensus                a distribution over the categories for each unit

else

    combine(readings, *, seed=0, embed=None) -> ValueConsensus        a value with its uncertainty for each unit

Pure: arrays in, arrays out. Shapes: U units, R raters, C categories, V votes, K contestants.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, cast

import numpy as np

from annotate import discovery
from annotate.feedback import Reading

DEFAULT = "pooled"
Takes = Literal["categories", "levels", "rankings", "marks", "texts"]
Embed = Callable[[Sequence[str]], np.ndarray]  # texts -> unit vectors
_ENOUGH = 5  # labels a rater, below which a rater's own confusion matrix is guesswork
_LEVELS = 11  # distinct levels that may stand as categories


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
    belief_V : a model's own probability of "a" with its vote, a tie counting half; NaN where a vote is all that is
        known, as of people; None where nobody gives any.
    """

    units: tuple[tuple[str, str, str], ...]
    raters: tuple[str, ...]
    categories: tuple[str, ...]
    unit_V: np.ndarray
    rater_V: np.ndarray
    category_V: np.ndarray
    sides_U2: np.ndarray | None = None
    belief_V: np.ndarray | None = None

    @classmethod
    def from_readings(
        cls,
        readings: Iterable[Reading],
        categories: Iterable[str] | None = None,
        contestant: Callable[[str, str], str] | None = None,
        belief: Callable[[Reading], float | None] | None = None,
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
        belief : a model's own probability with its reading, see ``belief_V``.

        Raises
        ------
        KeyError
            If a reading's category is not one of ``categories``.
        """
        counted = [r for r in readings if r.category]
        rows = [((r.item, r.subject, r.dimension), r.rater, r.category) for r in counted]
        labels = tuple(categories) if categories is not None else tuple(sorted({row[2] for row in rows}))
        units = {unit: i for i, unit in enumerate(dict.fromkeys(row[0] for row in rows))}
        raters = {rater: i for i, rater in enumerate(dict.fromkeys(row[1] for row in rows))}
        place = {label: i for i, label in enumerate(labels)}
        index = np.array([(units[u], raters[r], place[c]) for u, r, c in rows], dtype=np.int64).reshape(-1, 3)
        sides = _sides(tuple(units), contestant or (lambda item, key: key)) if {"a", "b"} <= set(labels) else None
        own = None if belief is None else np.array([belief(r) for r in counted], dtype=np.float64)  # None becomes NaN
        return cls(tuple(units), tuple(raters), labels, index[:, 0], index[:, 1], index[:, 2], sides, own)

    def select(self, chosen_V: np.ndarray) -> "Votes":
        """Some of the votes (a mask or indices) over the same units, raters and categories."""
        parts = self.unit_V[chosen_V], self.rater_V[chosen_V], self.category_V[chosen_V]
        belief_V = None if self.belief_V is None else self.belief_V[chosen_V]
        return replace(self, unit_V=parts[0], rater_V=parts[1], category_V=parts[2], belief_V=belief_V)

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


@dataclass(frozen=True)
class Agreed:
    """What the judgements of one unit say together.

    Attributes
    ----------
    unit : (item, subject, dimension).
    value : plain JSON: a number, a text, passages.
    confidence : in [0, 1], see the method.
    n : judgements.
    low, high : 95 % interval of a number.
    """

    unit: tuple[str, str, str]
    value: Any
    confidence: float
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ValueConsensus:
    """Values by unit, each rater's estimated reliability in [0, 1] where the method has one, and notes as above."""

    agreed: list[Agreed]
    reliability: dict[str, float]
    notes: dict[str, Any]


class Method(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    TAKES: Takes

    def aggregate(self, votes: Votes, *, seed: int = 0) -> Consensus: ...

    def combine(self, readings: Sequence[Reading], *, seed: int = 0, embed: Embed | None = None) -> ValueConsensus: ...


def names(takes: Takes | None = "categories") -> tuple[str, ...]:
    """Identifiers of the consensus methods that take categories, or something else; None: of all."""
    return tuple(name for name in discovery.names(__name__) if takes in (None, get(name).TAKES))


def get(name: str) -> Method:
    """The method called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Method, discovery.load(__name__, name))


def offered(readings: Sequence[Reading]) -> list[Takes]:
    """What readings of one kind offer to a consensus, the most telling first."""
    found: list[Takes] = []
    if any(reading.category for reading in readings):
        found.append("categories")
    if any(reading.category in ("a", "b", "tie") and ":" in reading.subject for reading in readings):
        found.append("rankings")
    if any(reading.level is not None for reading in readings):
        found.append("levels")
    if any(isinstance(reading.content, tuple) for reading in readings):
        found.append("marks")
    if any(isinstance(reading.content, str) for reading in readings):
        found.append("texts")
    return found


def recommended(offers: Sequence[Takes], labels_a_rater: float) -> str:
    """The method to try first, by what readings offer (`offered`) and how many labels half of the raters gave or more.

    Comparisons take the default. Other categories take Dawid and Skene's model, or the majority below about five
    labels a rater: then a rater's confusion matrix is guesswork.
    """
    if not offers or "rankings" in offers:
        return DEFAULT
    if offers[0] == "categories":
        return "dawid_skene" if labels_a_rater >= _ENOUGH else "majority"
    return names(offers[0])[0]


def as_categories(readings: Iterable[Reading]) -> list[Reading]:
    """Readings that have a category; where none has, a level of few stands for one, so that ratings can be voted on."""
    given = list(readings)
    if any(reading.category for reading in given):
        return [reading for reading in given if reading.category]
    rated = [reading for reading in given if reading.level is not None]
    if len({reading.level for reading in rated}) > _LEVELS:
        return []
    return [reading._replace(category=f"{reading.level:g}") for reading in rated]
