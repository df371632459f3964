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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from annotate.discovery import UnknownPlugin
from curation import aggregation, applying, filters, hashes, labels, pairs, splitting
from curation.filters import Context, Decisions
from curation.ports import PortNotRegistered

MAX_LENGTH = 100_000  # characters of a pipeline's YAML
MAX_DEPTH = 20  # levels of nesting in it
BINS = 20  # of a stage's histogram of scores
KEEP_LABELS = "none"

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
REASONS = {
    "other_question": "The pair belongs to another question or dimension than the pipeline's.",
    "consensus": "The label is the consensus of the votes.",
}


class PipelineError(ValueError):
    """A pipeline that cannot be read or run; ``path`` says where, e.g. ``stages/1/filter``."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


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
        stages = [{"filter": stage.filter, **stage.settings} for stage in self.stages]
        whole = {"name": self.name, "seed": self.seed, "consensus": dict(self.consensus)}
        return _plain({**whole, "stages": stages, "split": dict(self.split)})

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
    if len(text) > MAX_LENGTH:
        raise PipelineError(f"The pipeline has {len(text):,} characters; {MAX_LENGTH:,} are allowed.")
    try:
        _check_simple(text)
        given = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, PipelineError):
            raise
        raise PipelineError(f"This is not YAML: {' '.join(str(error).split())[:300]}") from error
    return from_dict(given)


def _check_simple(text: str) -> None:
    """Refuse what is cheap to write and dear to read: aliases, and nesting without end."""
    depth = 0
    for event in yaml.parse(text):
        if isinstance(event, yaml.AliasEvent):
            raise PipelineError("Aliases (*name) are not allowed in a pipeline.")
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
    stages = tuple(_stage(stage, f"stages/{place}") for place, stage in enumerate(whole["stages"]))
    return Pipeline(whole["name"], whole["seed"], consensus, stages, split)


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
    table, source = _canonical(labels.with_shares(table))
    _check_hold_out(table, pipeline.split["hold_out"])
    traces: list[pa.Table] = []
    summary: list[dict[str, Any]] = []
    announce = on_stage or (lambda name, number, total: None)
    total = len(pipeline.stages) + 2

    announce("consensus", 0, total)
    splits: dict[tuple[str, str], tuple[str, str]] = {}
    for decide in (_other_questions, _consensus):
        decisions = decide(table, pipeline)
        table, entry, trace = _step(table, decisions, 0, "consensus", pipeline.consensus, "Consensus", REASONS)
        summary.append(entry)
        traces.append(trace)
        splits = splits or _splits(table, pipeline)
    summary = [_merged(*summary)]
    for number, stage in enumerate(pipeline.stages, 1):
        announce(stage.filter, number, total)
        module = filters.get(stage.filter)
        try:
            decisions = module.decide(table, stage.settings, context)
        except (UnknownPlugin, PortNotRegistered) as error:
            raise PipelineError(f"{stage.filter}: {error}", f"stages/{number - 1}") from error
        applying.check(decisions, table.num_rows, module.REASONS)
        step = _step(table, decisions, number, stage.filter, stage.settings, module.TITLE, module.REASONS)
        table, entry, trace = step
        summary.append(entry)
        traces.append(trace)

    announce("split", total - 1, total)
    table, entry, trace = _split(table, splits, pipeline, total - 1)
    return Result(table, pa.concat_tables([*traces, trace]), [*summary, entry], source)


def _canonical(table: pa.Table) -> tuple[pa.Table, str]:
    """The rows in an order that depends only on what they hold, with their votes by rater; and the hash of them all."""
    votes = [sorted(own, key=lambda vote: (vote["rater"], vote["outcome"])) for own in table["votes"].to_pylist()]
    table = pairs.with_columns(table, {"votes": votes})
    found = hashes.row_hashes(table)
    return table.take(pa.array(hashes.order(table, found), pa.int64())), hashes.root(found)


def _check_hold_out(table: pa.Table, wanted: Sequence[str]) -> None:
    known = set(table["group"].to_pylist())
    if unknown := [group for group in wanted if group not in known]:
        shown = ", ".join(sorted(filter(None, known))[:20]) or "none"
        raise PipelineError(f"There is no group {unknown[0]!r:.120}. Groups: {shown}.", "split/hold_out")


def _other_questions(table: pa.Table, pipeline: Pipeline) -> Decisions:
    other_N = np.zeros(table.num_rows, dtype=bool)
    for name in ("question", "dimension"):
        if wanted := pipeline.consensus[name]:
            other_N |= ~np.isin(table[name].to_pylist(), [wanted])
    return Decisions.drop_where(other_N, "other_question")


def _consensus(table: pa.Table, pipeline: Pipeline) -> Decisions:
    """Scores are the entropy of the label in bits."""
    old_N4 = pairs.outcome_probs(table)
    method = pipeline.consensus["method"]
    if method == KEEP_LABELS:
        return Decisions.drop_where(np.zeros(table.num_rows, dtype=bool), "", score_N=pairs.entropy(old_N4))
    forecast = pipeline.consensus["label"] == "forecast"
    new_N4 = labels.consensus(table, method, seed=pipeline.seed, forecast=forecast).probs_N4
    voted_N = np.isfinite(new_N4).all(axis=1)
    new_N4 = np.where(voted_N[:, None], new_N4, old_N4)
    changed_N = (new_N4 != old_N4).any(axis=1)
    return Decisions(
        np.where(changed_N, "relabel", "keep"),
        np.where(changed_N, "consensus", ""),
        label_N4=new_N4,
        score_N=pairs.entropy(new_N4),
    )


def _step(
    table: pa.Table,
    decisions: Decisions,
    number: int,
    name: str,
    settings: Mapping[str, Any],
    title: str,
    reasons: Mapping[str, str],
) -> tuple[pa.Table, dict[str, Any], pa.Table]:
    """The table after one stage, the stage's entry in the summary, and its trace."""
    after, trace = applying.apply(table, decisions, stage=number, filter=name)
    changed_N = decisions.action_N != "keep"
    counted = Counter(zip(decisions.action_N[changed_N].tolist(), decisions.reason_N[changed_N].tolist(), strict=True))
    entry = {
        "stage": number,
        "filter": name,
        "title": title,
        "settings": dict(settings),
        "rows_in": table.num_rows,
        "rows_out": after.num_rows,
        "actions": dict(sorted(Counter(decisions.action_N[changed_N].tolist()).items())),
        "reasons": [
            {"action": action, "reason": reason, "rows": count, "text": reasons[reason]}
            for (action, reason), count in sorted(counted.items())
        ],
        "histogram": _histogram(decisions.score_N),
    }
    return after, entry, trace


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two entries of one stage as one."""
    actions = dict(sorted((Counter(first["actions"]) + Counter(second["actions"])).items()))
    whole = {"rows_in": first["rows_in"], "actions": actions, "reasons": first["reasons"] + second["reasons"]}
    return {**second, **whole}


def _histogram(score_N: np.ndarray | None) -> dict[str, Any] | None:
    """Counts of finite scores between ``edges``, and how many rows have none; None where a stage has no scores."""
    if score_N is None:
        return None
    finite = score_N[np.isfinite(score_N)]
    counts, edges = np.histogram(finite, bins=BINS) if len(finite) else (np.zeros(0, dtype=int), np.zeros(0))
    edges = np.round(edges, 6)
    return {"edges": edges.tolist(), "counts": counts.tolist(), "without": int(len(score_N) - len(finite))}


def _splits(table: pa.Table, pipeline: Pipeline) -> dict[tuple[str, str], tuple[str, str]]:
    """Split and reason by row id and group."""
    split_N, reason_N = splitting.assign(table, **pipeline.split)
    names = zip(table["row_id"].to_pylist(), table["group"].to_pylist(), strict=True)
    return dict(zip(names, zip(split_N.tolist(), reason_N.tolist(), strict=True), strict=True))


def _split(
    table: pa.Table, splits: Mapping[tuple[str, str], tuple[str, str]], pipeline: Pipeline, number: int
) -> tuple[pa.Table, dict[str, Any], pa.Table]:
    names = zip(table["row_id"].to_pylist(), table["group"].to_pylist(), strict=True)
    split_N, reason_N = np.array([splits[name] for name in names], dtype=object).reshape(-1, 2).T
    decisions = Decisions(np.full(table.num_rows, "keep"), reason_N)
    trace = applying.trace_of(table, decisions, stage=number, filter="split", split_N=split_N)
    counts = Counter(split_N.tolist())
    entry = {
        "stage": number,
        "filter": "split",
        "title": "Split",
        "settings": dict(pipeline.split),
        "rows_in": table.num_rows,
        "rows_out": table.num_rows,
        "actions": {},
        "reasons": [
            {"action": "keep", "reason": reason, "rows": count, "text": splitting.REASONS[reason]}
            for reason, count in sorted(Counter(reason_N.tolist()).items())
        ],
        "histogram": None,
        "splits": {split: counts[split] for split in splitting.SPLITS if counts[split]},
    }
    return table.append_column("split", pa.array(split_N.tolist(), pa.string())), entry, trace
