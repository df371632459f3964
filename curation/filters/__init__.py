"""Filters: one file each, found by discovery; a pair table in, a decision a row out.

The contract that every module here fulfils (tests/curation/filters/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                    JSON Schema of the settings, closed; a property without a default is required
    REASONS : dict[str, str]           reason code -> a sentence for people
    decide(table, settings, context) -> Decisions

and, for pools, whose rows do not fit into memory together, optionally

    SCOPE = "row"                      it decides on each row by what the row holds: a pool runs it a shard at a time
    sketch(table, settings, context) -> Table, judge(sketch, settings, context) -> Decisions
                                       it compares rows, by a sketch that is made of each row by itself, row for row;
                                       `decide` is then the one after the other
    merge_notes(list of notes) -> notes
                                       what its decisions on several shards note, as one

A filter that neither decides by row nor sketches is given all rows of a pool at once. A filter sees
`curation.pairs.SCHEMA` (rows still alive, in canonical order) and never changes the table itself: the pipeline applies
the decisions and keeps the trace. What it decides does not depend on the order of the rows.
Pure: knows no Django.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

import jsonschema
import numpy as np
import pyarrow as pa

from annotate import discovery
from curation.ports import Benchmarks, Models, ReadMedia, Rewrite, no_benchmarks, no_media, no_rewrite

Action = Literal["keep", "drop", "flip", "reweight", "relabel", "review"]
ACTIONS: tuple[Action, ...] = ("keep", "drop", "flip", "reweight", "relabel", "review")


@dataclass(frozen=True)
class Decisions:
    """What is to happen to each of N rows, and why.

    Attributes
    ----------
    action_N : one of `ACTIONS` a row; "review" drops the row and asks people about it.
    reason_N : reason code a row, "" where the row is simply kept.
    weight_N : new training weight, 0 or more, read where the action is "reweight".
    label_N4 : new outcome distribution (order of `OUTCOMES`), read where the action is "relabel".
    margin_N : new margin (of a over b) a row, read where the action is "relabel"; None keeps the old one.
    votes_N : new votes a row (list of `pairs.VOTE` dicts), read where "relabel"; None keeps the old ones.
    score_N : the quantity decided on, shown as a histogram; NaN where there is none.
    notes : what the filter found beside its decisions (plain JSON, short), kept in the version's manifest.
    """

    action_N: np.ndarray
    reason_N: np.ndarray
    weight_N: np.ndarray | None = None
    label_N4: np.ndarray | None = None
    margin_N: np.ndarray | None = None
    votes_N: list[Any] | None = None
    score_N: np.ndarray | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def drop_where(
        cls, mask_N: np.ndarray, reason: str, *, action: Action = "drop", score_N: np.ndarray | None = None
    ) -> "Decisions":
        """Drop (or another action) the rows of a boolean mask for one reason, keep the others."""
        return cls(np.where(mask_N, action, "keep"), np.where(mask_N, reason, ""), score_N=score_N)


@dataclass(frozen=True)
class Context:
    """What a stage may use beside its table: models by port, the operator's lists, and the seed of the pipeline.

    Attributes
    ----------
    benchmarks : texts that no training data may hold, by file; read when a filter asks for them.
    toxic_words : words and phrases to flag; none where the operator named no list.
    rewrite, media : for what constructs pairs: who rewrites a response, and the content of a file.
    """

    models: Models = field(default_factory=Models)
    seed: int = 0
    benchmarks: Benchmarks = no_benchmarks
    toxic_words: Callable[[], Sequence[str]] = tuple
    rewrite: Rewrite = no_rewrite
    media: ReadMedia = no_media


class SettingsError(ValueError):
    """Settings that a filter does not take; ``path`` says where."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


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


def scope(module: Filter) -> Literal["row", "pool"]:
    """Whether a filter decides on each row by itself, or compares rows of the whole pool."""
    return getattr(module, "SCOPE", "pool")


def sketch(module: Filter, table: pa.Table, settings: Mapping[str, Any], context: Context) -> pa.Table:
    """What a filter that compares rows needs of each; all of it, where it does not say."""
    return module.sketch(table, settings, context) if hasattr(module, "sketch") else table


def judge(module: Filter, rows: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """A filter's decisions on what `sketch` made, or on rows, where it decides on each by itself."""
    decide = module.judge if hasattr(module, "judge") else module.decide
    return cast(Decisions, decide(rows, settings, context))


def merged_notes(module: Filter, found: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a filter's decisions on several shards note, as one; where it does not say how, shard by shard."""
    if hasattr(module, "merge_notes"):
        return cast(Mapping[str, Any], module.merge_notes(found))
    return found[0] if all(notes == found[0] for notes in found) else {"shards": found}


def settings_with_defaults(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A filter's settings with its defaults filled in.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        If there is no such filter.
    SettingsError
        If the settings do not fit its ``SETTINGS`` schema.
    """
    schema = get(name).SETTINGS
    defaults = {key: value["default"] for key, value in schema["properties"].items() if "default" in value}
    filled = {**defaults, **settings}
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(filled))
    if error is not None:
        raise SettingsError(f"{error.message:.300}", "/".join(str(part) for part in error.absolute_path))
    return filled


def settings_schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """A closed JSON Schema of these settings; those without a default are required."""
    required = [name for name, setting in properties.items() if "default" not in setting]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def action_setting(*actions: Action, default: Action) -> dict[str, Any]:
    """The setting that says what is done with the rows that a filter finds."""
    return {"enum": list(actions), "default": default, "title": "What is done with such rows"}
