"""Pipelines: ordered, named filters over a pair table, with a reason for whatever happens to a row.

    name: trusted pairs
    seed: 7
    consensus: {method: pooled, question: preference}
    stages:
      - filter: exact_duplicates
      - filter: consensus_threshold
        min_probability: 0.7
    split: {by: prompt, fractions: {train: 0.8, validation: 0.1, test: 0.1}}

First the rows of the question are taken and labelled by the consensus method from their votes (``method: none`` leaves
the labels as they are), then the stages decide in their order, each on the rows that the ones before it left. The
splits are dealt among the rows that came in, not those that are left, so that versions of the same data by other
stages can be compared: no row of the one's test is in the other's train. A preview is the same run: nothing is
written here. Pure: knows no Django.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from annotate.discovery import UnknownPlugin
from curation import aggregation, applying, filters, hashes, labels, pairs, splitting, stages
from curation.filters import Context
from curation.stages import KEEP_LABELS, PipelineError

__all__ = ["Pipeline", "PipelineError", "Result", "Stage", "canonical", "from_dict", "parse", "run"]

MAX_LENGTH = 100_000  # characters of a pipeline's YAML
MAX_DEPTH = 20  # levels of nesting in it

OnStage = Callable[[str, int, int], None]

_SEED = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SPLIT = {
    "by": {"enum": ["prompt", "group", "none"], "default": "prompt"},
    "fractions": {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(splitting.SPLITS, _SHARE),
        "default": {"train": 0.8, "validation": 0.1, "test": 0.1},
    },
    "hold_out": {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "default": []},
    "seed": _SEED,
}
_CONSENSUS = {
    "method": {"type": "string", "maxLength": 80, "default": aggregation.DEFAULT},
    "question": {"type": "string", "default": ""},
    "dimension": {"type": "string", "default": ""},
    "label": {"enum": ["posterior", "forecast"], "default": "posterior"},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "pattern": r"^[^\x00-\x1f]*$",
            "minLength": 1,
            "maxLength": 120,
            "default": "pipeline",
        },
        "seed": {**_SEED, "default": 0},
        "consensus": {"type": "object", "additionalProperties": False, "properties": _CONSENSUS, "default": {}},
        "stages": {
            "type": "array",
            "maxItems": 50,
            "default": [],
            "items": {
                "type": "object",
                "required": ["filter"],
                "properties": {"filter": {"type": "string", "maxLength": 80}},
            },
        },
        "split": {"type": "object", "additionalProperties": False, "properties": _SPLIT, "default": {}},
    },
}


@dataclass(frozen=True)
class Stage:
    """One filter with all its settings."""

    filter: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Pipeline:
    """A pipeline with all defaults filled in; ``consensus`` and ``split`` as in `SCHEMA`."""

    name: str
    seed: int
    consensus: Mapping[str, Any]
    stages: tuple[Stage, ...]
    split: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON that `from_dict` reads."""
        chosen = [{"filter": stage.filter, **stage.settings} for stage in self.stages]
        whole = {"name": self.name, "seed": self.seed, "consensus": dict(self.consensus)}
        return _plain({**whole, "stages": chosen, "split": dict(self.split)})

    def to_yaml(self) -> str:
        """YAML that `parse` reads."""
        return str(yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True))


@dataclass(frozen=True)
class Result:
    """What a pipeline made of a table.

    Attributes
    ----------
    table : the rows that stayed, `pairs.SCHEMA` and ``split``, in canonical order.
    trace : `applying.TRACE`; every row that came in is there at least once.
    summary : one entry a stage, plain JSON: rows in and out, counts by action and by reason, histogram of scores.
    source : hash of the table that came in (`hashes.root`).
    """

    table: pa.Table
    trace: pa.Table
    summary: list[dict[str, Any]]
    source: str

    @property
    def review(self) -> pa.Table:
        """The lines of the trace of those rows that people are to be asked about."""
        return self.trace.filter(pc.equal(self.trace["action"], "review"))


def parse(text: str) -> Pipeline:
    """A pipeline from YAML.

    Raises
    ------
    PipelineError
        With the place of the fault; for an unknown filter or method with the list of those that exist.
    """
    return from_dict(read_yaml(text))


def read_yaml(text: str, noun: str = "pipeline") -> Any:
    """Plain data from YAML that somebody typed; raises `PipelineError` where it is none, or dear to read."""
    if len(text) > MAX_LENGTH:
        raise PipelineError(f"The {noun} has {len(text):,} characters; {MAX_LENGTH:,} are allowed.")
    try:
        _check_simple(text, noun)
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, PipelineError):
            raise
        raise PipelineError(f"This is not YAML: {' '.join(str(error).split())[:300]}") from error


def _check_simple(text: str, noun: str) -> None:
    """Refuse what is cheap to write and dear to read: aliases, and nesting without end."""
    depth = 0
    for event in yaml.parse(text):
        if isinstance(event, yaml.AliasEvent):
            raise PipelineError(f"Aliases (*name) are not allowed in a {noun}.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise PipelineError(f"More than {MAX_DEPTH} levels are nested.")


def from_dict(given: Any) -> Pipeline:
    """A pipeline from plain data; raises `PipelineError` like `parse`."""
    _check(given, SCHEMA, "")
    try:
        whole = _with_defaults(_plain(given), SCHEMA)
    except (TypeError, ValueError) as error:
        raise PipelineError(f"A value of the pipeline is not plain JSON: {error}") from error
    consensus = _with_defaults(whole["consensus"], SCHEMA["properties"]["consensus"])
    split = {"seed": whole["seed"], **_with_defaults(whole["split"], SCHEMA["properties"]["split"])}
    if consensus["method"] not in (KEEP_LABELS, *aggregation.names()):
        known = ", ".join((*aggregation.names(), KEEP_LABELS))
        raise PipelineError(
            f"There is no method {consensus['method']!r}. Those that exist: {known}.", "consensus/method"
        )
    if abs(sum(split["fractions"].values()) - 1) > 1e-6:
        raise PipelineError(f"The fractions sum to {sum(split['fractions'].values()):g}, not to 1.", "split/fractions")
    chosen = tuple(_stage(stage, f"stages/{place}") for place, stage in enumerate(whole["stages"]))
    return Pipeline(whole["name"], whole["seed"], consensus, chosen, split)


def _stage(given: Mapping[str, Any], path: str) -> Stage:
    name = given["filter"]
    try:
        settings = {key: value for key, value in given.items() if key != "filter"}
        return Stage(name, filters.settings_with_defaults(name, settings))
    except UnknownPlugin as error:
        raise PipelineError(str(error), f"{path}/filter") from error
    except filters.SettingsError as error:
        raise PipelineError(f"{name}: {error}", f"{path}/{error.path}".rstrip("/")) from error


def _check(value: Any, schema: Mapping[str, Any], path: str) -> None:
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        raise PipelineError(f"{error.message:.300}", "/".join([path, *map(str, error.absolute_path)]).strip("/"))


def _plain(value: Any) -> Any:
    """A deep copy without shared parts (which YAML would write as aliases); `ValueError` if it is not plain JSON."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    text.encode()  # no lone surrogates
    return json.loads(text)


def _with_defaults(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with the defaults of ``schema``, in the schema's order."""
    properties = schema["properties"]
    return {
        name: given.get(name, part.get("default"))
        for name, part in properties.items()
        if name in given or "default" in part
    }


def run(table: pa.Table, pipeline: Pipeline, context: Context | None = None, on_stage: OnStage | None = None) -> Result:
    """Run a pipeline over a pair table.

    Parameters
    ----------
    table : `pairs.SCHEMA`, in any order; labels may be null where the rows have votes.
    context : the models that filters may call; its seed gives way to the pipeline's.
    on_stage : called before each stage with its name, its number from 0, and how many there are.

    Raises
    ------
    PipelineError
        If groups to hold out are not there, or a filter asks for what is not there.
    """
    context = replace(context or Context(), seed=pipeline.seed)
    table, found = canonical(table)
    source = hashes.root(found)
    place_N = np.arange(table.num_rows)  # of each row that is left, among those that the splits are dealt among
    split_N = reason_N = np.zeros(0, dtype=object)
    traces: list[pa.Table] = []
    summary: list[dict[str, Any]] = []
    announce = on_stage or (lambda name, number, total: None)
    total = len(pipeline.stages) + 2

    for place, step in enumerate(stages.steps(pipeline, context)):
        if place != 1:  # what comes before the filters is one stage
            announce(step.name, step.number, total)
        decisions = step.decide(table)
        counted, scores, notes = stages.counts(decisions), [decisions.score_N], decisions.notes
        summary.append(stages.entry(step, table.num_rows, counted, scores.copy, notes))
        table, trace = applying.apply(table, decisions, stage=step.number, filter=step.name)
        traces.append(trace)
        place_N = place_N[applying.stays(decisions)]
        if place == 0:
            split_N, reason_N = stages.split(stages.split_sketch(table, pipeline), pipeline)
            place_N = np.arange(table.num_rows)

    announce("split", total - 1, total)
    split_N, reason_N = split_N[place_N], reason_N[place_N]
    table, trace = stages.with_split(table, split_N, reason_N, total - 1)
    split_entry = stages.split_entry(pipeline, Counter(zip(split_N.tolist(), reason_N.tolist(), strict=True)))
    summary = [stages.merged(*summary[:2]), *summary[2:], split_entry]
    return Result(table, applying.in_order([*traces, trace]), summary, source)


def canonical(table: pa.Table) -> tuple[pa.Table, list[bytes]]:
    """A pair table in an order that depends only on what it holds, and the hash of each row.

    What is not known is filled in (`labels.with_shares`), and the votes on a row stand by their raters.
    """
    table = labels.with_shares(table)
    table = pairs.with_columns(table, {"votes": labels.sorted_votes(table)})
    found = hashes.row_hashes(table)
    order = hashes.order(table, found)
    return table.take(order), [found[place] for place in order.to_pylist()]
