"""Filters: one file each, found by discovery; a pair table in, a decision a row out.

The contract that every module here fulfils (tests/curation/filters/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                    JSON Schema of the settings, every property with a default
    REASONS : dict[str, str]           reason code -> a sentence for people
    decide(table, settings, context) -> Decisions

A filter sees `curation.pairs.SCHEMA` (rows still alive) and never changes the table itself: the
pipeline applies the decisions and keeps the trace. Pure: knows no Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

import numpy as np
import pyarrow as pa

from annotate import discovery
from curation.ports import Models

Action = Literal["keep", "drop", "flip", "reweight", "relabel", "review"]
ACTIONS: tuple[Action, ...] = ("keep", "drop", "flip", "reweight", "relabel", "review")


@dataclass(frozen=True)
class Decisions:
    """What is to happen to each of N rows, and why.

    Attributes
    ----------
    action_N : one of `ACTIONS` a row; "review" drops the row and asks people about it.
    reason_N : reason code a row, "" where the row is simply kept.
    weight_N : new training weight, read where the action is "reweight".
    label_N4 : new outcome distribution (order of `OUTCOMES`), read where the action is "relabel".
    votes_N : new votes a row (list of `pairs.VOTE` dicts), read where "relabel"; None keeps the old ones.
    score_N : the quantity decided on, shown as a histogram; NaN where there is none.
    """

    action_N: np.ndarray
    reason_N: np.ndarray
    weight_N: np.ndarray | None = None
    label_N4: np.ndarray | None = None
    votes_N: list[Any] | None = None
    score_N: np.ndarray | None = None

    @classmethod
    def drop_where(
        cls, mask_N: np.ndarray, reason: str, *, action: Action = "drop", score_N: np.ndarray | None = None
    ) -> "Decisions":
        """Drop (or another action) the rows of a boolean mask for one reason, keep the others."""
        return cls(np.where(mask_N, action, "keep"), np.where(mask_N, reason, ""), score_N=score_N)


@dataclass(frozen=True)
class Context:
    """What a filter may use beside its table: models by port, and the seed of the pipeline."""

    models: Models = field(default_factory=Models)
    seed: int = 0


class Filter(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    SETTINGS: dict[str, Any]
    REASONS: dict[str, str]

    def decide(self, table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions: ...


def names() -> tuple[str, ...]:
    """Identifiers of all filters."""
    return discovery.names(__name__)


def get(name: str) -> Filter:
    """The filter called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Filter, discovery.load(__name__, name))
