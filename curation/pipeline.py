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
the labels as they are), then further pairs are constructed where ``construct`` says so (`curation.constructing`), then
the stages decide in their order, each on the rows that the ones before it left. The
splits are dealt among the rows that came in, not those that are left, so that versions of the same data by other
stages can be compared: no row of the one's test is in the other's train. A preview is the same run: nothing is
written here. Pure: knows no Django.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from annotate.discovery import UnknownPlugin
from curation import (
    aggregation,
    applying,
    constructing,
    construction,
    filters,
    hashes,
    labels,
    pairs,
    splitting,
    stages,
)
from curation.construction import Material
from curation.filters import Context
from curation.stages import KEEP_LABELS, PipelineError

__all__ = ["Pipeline", "PipelineError", "Result", "Stage", "Way", "canonical", "from_dict", "parse", "run"]

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
        "construct": {
            "type": "array",
            "maxItems": 20,
            "default": [],
            "items": {
                "type": "object",
                "required": ["by"],
                "properties": {"by": {"type": "string", "maxLength": 80}, "evaluate": {"type": "boolean"}},
            },
        },
        "stages": {
            "type": "array",
            "maxItems": 50,
            "default": [],
            "items": {
                "type": "object",
                "required": ["filter"],
                "properties": {"filter": {"type": "string", "maxLength": 80}, "off": {"type": "boolean"}},
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
class Way:
    """One way to construct pairs with all its settings; ``evaluate``: also for the splits that are held out."""

    by: str
    settings: Mapping[str, Any]
    evaluate: bool = False


@dataclass(frozen=True)
class Pipeline:
    """A pipeline with all defaults filled in; ``consensus`` and ``split`` as in `SCHEMA`.

    ``stages`` holds those that act: one that is switched off (``off: true``) is checked and left out, so the version
    is the same as without it.
    """

    name: str
    seed: int
    consensus: Mapping[str, Any]
    stages: tuple[Stage, ...]
    split: Mapping[str, Any]
    construct: tuple[Way, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON that `from_dict` reads."""
        chosen = [{"filter": stage.filter, **stage.settings} for stage in self.stages]
        whole: dict[str, Any] = {"name": self.name, "seed": self.seed, "consensus": dict(self.consensus)}
        if self.construct:
            whole["construct"] = [
                {"by": way.by, **({"evaluate": True} if way.evaluate else {}), **way.settings} for way in self.construct
            ]
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
    files : content of media that constructed rows brought, by name; it is stored nowhere yet.
    """

    table: pa.Table
    trace: pa.Table
    summary: list[dict[str, Any]]
    source: str
    files: Mapping[str, bytes] = field(default_factory=dict)

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
        found = yaml.safe_load(text)
        _check_finite(found, ())
        return found
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, PipelineError):
            raise
        raise PipelineError(f"This is not YAML: {' '.join(str(error).split())[:300]}") from error


def _check_finite(value: Any, path: tuple[str, ...]) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise PipelineError(f"{value} is no number that can be used here.", "/".join(path))
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _check_finite(inner, (*path, str(key)))


def switched(text: str, place: int) -> str:
    """The same pipeline, as YAML, with one of its stages switched off, or on again; comments are lost.

    Raises
    ------
    PipelineError
        As `parse`, or if there is no such stage.
    """
    parse(text)
    given = yaml.safe_load(text)
    listed = given.get("stages", [])
    if not 0 <= place < len(listed):
        raise PipelineError(f"There is no stage {place + 1}; the pipeline has {len(listed)}.", "stages")
    if not listed[place].pop("off", False):
        listed[place] = {"filter": listed[place]["filter"], "off": True, **listed[place]}
    return str(yaml.safe_dump(given, sort_keys=False, allow_unicode=True))


def listed(text: str) -> list[tuple[str, bool]]:
    """The stages of a pipeline as they are written, each with its filter and whether it is switched off."""
    parse(text)
    return [(stage["filter"], stage.get("off", False)) for stage in yaml.safe_load(text).get("stages", [])]


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
    ways = tuple(_way(way, f"construct/{place}") for place, way in enumerate(whole["construct"]))
    checked = [_stage(stage, f"stages/{place}") for place, stage in enumerate(whole["stages"])]
    on = tuple(stage for stage, given in zip(checked, whole["stages"], strict=True) if not given.get("off"))
    return Pipeline(whole["name"], whole["seed"], consensus, on, split, ways)


def _way(given: Mapping[str, Any], path: str) -> Way:
    name = given["by"]
    try:
        settings = {key: value for key, value in given.items() if key not in ("by", "evaluate")}
        return Way(name, construction.settings_with_defaults(name, settings), given.get("evaluate", False))
    except UnknownPlugin as error:
        raise PipelineError(str(error), f"{path}/by") from error
    except filters.SettingsError as error:
        raise PipelineError(f"{name}: {error}", f"{path}/{error.path}".rstrip("/")) from error


def _stage(given: Mapping[str, Any], path: str) -> Stage:
    name = given["filter"]
    try:
        settings = {key: value for key, value in given.items() if key not in ("filter", "off")}
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


def run(
    table: pa.Table,
    pipeline: Pipeline,
    context: Context | None = None,
    on_stage: OnStage | None = None,
    material: Material | None = None,
) -> Result:
    """Run a pipeline over a pair table.

    Parameters
    ----------
    table : `pairs.SCHEMA`, in any order; labels may be null where the rows have votes.
    context : the models that filters may call; its seed gives way to the pipeline's.
    on_stage : called before each stage with its name, its number from 0, and how many there are.
    material : the records and items from which pairs are constructed too; its table is not read.

    Raises
    ------
    PipelineError
        If groups to hold out are not there, or a filter asks for what is not there.
    """
    context = replace(context or Context(), seed=pipeline.seed)
    table, found = canonical(table)
    source = hashes.root(found)
    traces: list[pa.Table] = []
    summary: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    announce = on_stage or (lambda name, number, total: None)
    total = len(pipeline.stages) + 2

    def do(step: stages.Step) -> np.ndarray:
        """One step; which rows stay."""
        nonlocal table
        decisions = step.decide(table)
        counted, scores, notes = stages.counts(decisions), [decisions.score_N], decisions.notes
        summary.append(stages.entry(step, table.num_rows, counted, scores.copy, notes))
        table, trace = applying.apply(table, decisions, stage=step.number, filter=step.name)
        traces.append(trace)
        return applying.stays(decisions)

    announce("consensus", 0, total)
    others, consensus, *chosen = stages.steps(pipeline, context)
    do(others)
    material = replace(material or Material(table), table=table)
    dealt = pa.concat_tables([table, constructing.stubs(material)]) if pipeline.construct else table
    split_N, reason_N = stages.split(stages.split_sketch(dealt, pipeline), pipeline)
    splits = constructing.Splits(dealt, split_N) if pipeline.construct else None
    split_N, reason_N = split_N[: table.num_rows], reason_N[: table.num_rows]
    stays_N = do(consensus)
    split_N, reason_N = split_N[stays_N], reason_N[stays_N]
    summary = [stages.merged(*summary)]

    for place, way in enumerate(pipeline.construct):
        announce(way.by, 0, total)
        assert splits is not None
        question = pipeline.consensus["question"] or next(iter(table["question"].to_pylist()), way.by)
        added = constructing.add(way, place, replace(material, table=table), splits, question, context)
        traces.append(added.trace)
        summary.append(added.entry)
        files |= added.files
        table = pa.concat_tables([table, added.table])
        split_N = np.concatenate([split_N, added.split_N])
        reason_N = np.concatenate([reason_N, np.full(added.table.num_rows, constructing.SPLIT_REASON)])
    if pipeline.construct:
        order = hashes.order(table, hashes.row_hashes(table))
        table, split_N, reason_N = table.take(order), split_N[order.to_numpy()], reason_N[order.to_numpy()]

    for step in chosen:
        announce(step.name, step.number, total)
        stays_N = do(step)
        split_N, reason_N = split_N[stays_N], reason_N[stays_N]

    announce("split", total - 1, total)
    table, trace = stages.with_split(table, split_N, reason_N, total - 1)
    split_entry = stages.split_entry(pipeline, Counter(zip(split_N.tolist(), reason_N.tolist(), strict=True)))
    return Result(table, applying.in_order([*traces, trace]), [*summary, split_entry], source, files)


def canonical(table: pa.Table) -> tuple[pa.Table, list[bytes]]:
    """A pair table in an order that depends only on what it holds, and the hash of each row.

    What is not known is filled in (`labels.with_shares`), and the votes on a row stand by their raters.
    """
    table = labels.with_shares(table)
    table = pairs.with_columns(table, {"votes": labels.sorted_votes(table)})
    found = hashes.row_hashes(table)
    order = hashes.order(table, found)
    return table.take(order), [found[place] for place in order.to_pylist()]
