"""The steps of a pipeline, as a project's table and the shards of a pool both pass through them.

A step decides on each row of a table. Most decide on a row by what it holds itself. The others compare rows: they see
all of them at once, in canonical order, but only a sketch of each, which is made of every row by itself:

    decisions = step.judge(step.sketch(table))                                # a table
    decisions = step.judge(concat(step.sketch(shard) for shard in shards))    # a pool

Which filter is of which kind it says itself (`curation.filters`). The splits are dealt in the same two moves among
the rows that came in. Pure: knows no Django.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from annotate.discovery import UnknownPlugin
from curation import applying, filters, labels, pairs, splitting
from curation.filters import Context, Decisions
from curation.ports import PortNotRegistered

if TYPE_CHECKING:
    from curation.pipeline import Pipeline

BINS = 20  # of a stage's histogram of scores
KEEP_LABELS = "none"
REASONS = {
    "other_question": "The pair belongs to another question or dimension than the pipeline's.",
    "consensus": "The label is the consensus of the votes.",
}
Counts = Counter[tuple[str, str]]  # rows by action and reason


class PipelineError(ValueError):
    """A pipeline that cannot be read or run; ``path`` says where, e.g. ``stages/1/filter``."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


@dataclass(frozen=True)
class Heading:
    """What a summary says that a step is.

    Attributes
    ----------
    number : of the stage that it belongs to; 0 is what comes before the pipeline's own stages.
    """

    number: int
    name: str
    title: str
    settings: Mapping[str, Any]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Step(Heading):
    """One step of a pipeline.

    Attributes
    ----------
    sketch : what it needs of each row, row for row; None where it decides on each row by itself.
    judge : decides on what ``sketch`` made, or where there is none, on the rows themselves.
    """

    sketch: Callable[[pa.Table], pa.Table] | None
    judge: Callable[[pa.Table], Decisions]

    def decide(self, table: pa.Table) -> Decisions:
        """The decisions on a whole table."""
        return self.judge(table if self.sketch is None else self.sketch(table))


def steps(pipeline: Pipeline, context: Context) -> list[Step]:
    """The steps in their order: the question's rows, their consensus, the filters. The split is not among them."""
    found = [
        Step(0, "consensus", "Consensus", pipeline.consensus, REASONS, None, lambda rows: _others(rows, pipeline)),
        _consensus_step(pipeline),
    ]
    return found + [_filter_step(place, pipeline, context) for place in range(len(pipeline.stages))]


def _others(table: pa.Table, pipeline: Pipeline) -> Decisions:
    other_N = np.zeros(table.num_rows, dtype=bool)
    for name in ("question", "dimension"):
        if wanted := pipeline.consensus[name]:
            other_N |= ~np.isin(table[name].to_pylist(), [wanted])
    return Decisions.drop_where(other_N, "other_question")


def _consensus_step(pipeline: Pipeline) -> Step:
    keeps = pipeline.consensus["method"] == KEEP_LABELS
    return Step(
        0,
        "consensus",
        "Consensus",
        pipeline.consensus,
        REASONS,
        None if keeps else labels.sketch,
        _kept if keeps else lambda sketch: _consensus(sketch, pipeline),
    )


def _kept(table: pa.Table) -> Decisions:
    """Scores are the entropy of the label in bits."""
    entropy_N = pairs.entropy(pairs.outcome_probs(table))
    return Decisions.drop_where(np.zeros(table.num_rows, dtype=bool), "", score_N=entropy_N)


def _consensus(sketch: pa.Table, pipeline: Pipeline) -> Decisions:
    """Scores are the entropy of the label in bits."""
    old_N4 = pairs.outcome_probs(sketch)
    forecast = pipeline.consensus["label"] == "forecast"
    found = labels.consensus(sketch, pipeline.consensus["method"], seed=pipeline.seed, forecast=forecast)
    voted_N = np.isfinite(found.probs_N4).all(axis=1)
    new_N4 = np.where(voted_N[:, None], found.probs_N4, old_N4)
    changed_N = (new_N4 != old_N4).any(axis=1)
    return Decisions(
        np.where(changed_N, "relabel", "keep"),
        np.where(changed_N, "consensus", ""),
        label_N4=new_N4,
        score_N=pairs.entropy(new_N4),
    )


def _filter_step(place: int, pipeline: Pipeline, context: Context) -> Step:
    stage = pipeline.stages[place]
    module = filters.get(stage.filter)
    settings = stage.settings

    def judge(rows: pa.Table) -> Decisions:
        try:
            decisions = filters.judge(module, rows, settings, context)
        except (UnknownPlugin, PortNotRegistered) as error:
            raise PipelineError(f"{stage.filter}: {error}", f"stages/{place}") from error
        applying.check(decisions, rows.num_rows, module.REASONS)
        return decisions

    def sketch(table: pa.Table) -> pa.Table:
        return filters.sketch(module, table, settings, context)

    by_row = filters.scope(module) == "row"
    return Step(place + 1, stage.filter, module.TITLE, settings, module.REASONS, None if by_row else sketch, judge)


def split_sketch(table: pa.Table, pipeline: Pipeline) -> pa.Table:
    """What the split needs of each row that came in."""
    return splitting.sketch(table, pipeline.split["by"])


def split(sketch: pa.Table, pipeline: Pipeline) -> tuple[np.ndarray, np.ndarray]:
    """Split and reason code of each row that came in.

    Raises
    ------
    PipelineError
        If groups to hold out are not there.
    """
    known = set(sketch["group"].unique().to_pylist())
    if unknown := [group for group in pipeline.split["hold_out"] if group not in known]:
        shown = ", ".join(sorted(filter(None, known))[:20]) or "none"
        raise PipelineError(f"There is no group {unknown[0]!r:.120}. Groups: {shown}.", "split/hold_out")
    return splitting.deal(sketch, **pipeline.split)


def with_split(table: pa.Table, split_N: np.ndarray, reason_N: np.ndarray, number: int) -> tuple[pa.Table, pa.Table]:
    """The rows that are left with their split, and its lines in the trace."""
    decisions = Decisions(np.full(table.num_rows, "keep"), reason_N)
    trace = applying.trace_of(table, decisions, stage=number, filter="split", split_N=split_N)
    return table.append_column("split", pa.array(split_N.tolist(), pa.string())), trace


# ---- what a step did, in figures ----


def counts(decisions: Decisions) -> Counts:
    """Rows by action and reason, of those that do not simply stay."""
    changed_N = decisions.action_N != "keep"
    return Counter(zip(decisions.action_N[changed_N].tolist(), decisions.reason_N[changed_N].tolist(), strict=True))


def entry(
    step: Heading,
    rows: int,
    counted: Counts,
    scores: Callable[[], Iterable[np.ndarray | None]],
    notes: Mapping[str, Any],
) -> dict[str, Any]:
    """A step's part of the summary: ``rows`` that it saw; ``scores`` a few at a time, as often as it is called."""
    actions: Counter[str] = Counter()
    for (action, _), count in counted.items():
        actions[action] += count
    return {
        "stage": step.number,
        "filter": step.name,
        "title": step.title,
        "settings": dict(step.settings),
        "rows_in": rows,
        "rows_out": rows - sum(actions[action] for action in applying.ENDS),
        "actions": dict(sorted(actions.items())),
        "reasons": [
            {"action": action, "reason": reason, "rows": count, "text": step.reasons[reason]}
            for (action, reason), count in sorted(counted.items())
        ],
        "histogram": _histogram(scores),
        **({"notes": dict(notes)} if notes else {}),
    }


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two entries of one stage as one."""
    actions = dict(sorted((Counter(first["actions"]) + Counter(second["actions"])).items()))
    whole = {"rows_in": first["rows_in"], "actions": actions, "reasons": first["reasons"] + second["reasons"]}
    return {**second, **whole}


def split_entry(pipeline: Pipeline, counted: Counter[tuple[str, str]]) -> dict[str, Any]:
    """The split's part of the summary; ``counted``: rows by split and reason."""
    splits, reasons = Counter[str](), Counter[str]()
    for (split, reason), rows in counted.items():
        splits[split] += rows
        reasons[reason] += rows
    return {
        "stage": len(pipeline.stages) + 1,
        "filter": "split",
        "title": "Split",
        "settings": dict(pipeline.split),
        "rows_in": splits.total(),
        "rows_out": splits.total(),
        "actions": {},
        "reasons": [
            {"action": "keep", "reason": reason, "rows": rows, "text": splitting.REASONS[reason]}
            for reason, rows in sorted(reasons.items())
        ],
        "histogram": None,
        "splits": {split: splits[split] for split in splitting.SPLITS if splits[split]},
    }


def _histogram(scores: Callable[[], Iterable[np.ndarray | None]]) -> dict[str, Any] | None:
    """Counts of finite scores between ``edges``, and how many rows have none; None where a step has no scores."""
    low, high, rows, without = np.inf, -np.inf, 0, 0
    for chunk in scores():
        if chunk is None:
            return None
        finite = chunk[np.isfinite(chunk)]
        rows, without = rows + len(finite), without + len(chunk) - len(finite)
        low, high = min(low, finite.min(initial=np.inf)), max(high, finite.max(initial=-np.inf))
    if not rows:
        return {"edges": [], "counts": [], "without": without}
    total, edges = np.zeros(BINS, dtype=np.int64), np.zeros(0)
    for chunk in scores():
        assert chunk is not None
        counted, edges = np.histogram(chunk[np.isfinite(chunk)], bins=BINS, range=(low, high))
        total += counted
    return {"edges": np.round(edges, 6).tolist(), "counts": total.tolist(), "without": without}
