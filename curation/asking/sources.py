"""Where the pairs come from that people may be asked about: waiting tasks, labelled pairs, a version's doubts.

Shapes: N rows of the source's table.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotate.jobs.registry import JobError
from annotate.models import Item, Project, Task
from annotate.records import OUTCOMES
from curation import candidates, labels, pairs, versions
from curation.models import DatasetVersion, Selection
from curation.selection._measures import half_of

MOST = 200_000  # rows that one batch is chosen from
_DOUBTS = ("drop", "flip", "review", "reweight", "relabel")
_Source = Selection.Source


@dataclass(frozen=True)
class Source:
    """Pairs with what is known of them before any model is asked.

    Attributes
    ----------
    table : `pairs.SCHEMA`.
    label_N : how far a is believed the better one, a tie counting half; NaN where there is no label.
    learn : labelled pairs that an ensemble may learn from; may hold rows of ``table``.
    filter_N, reason_N : which filter found a row, and why; "" where none did.
    suspicion_N : how suspicious the filters found each row, in [0, 1]; None where they were not asked.
    """

    table: pa.Table
    label_N: np.ndarray
    learn: pa.Table
    filter_N: np.ndarray
    reason_N: np.ndarray
    suspicion_N: np.ndarray | None = None


def find(
    project: Project, kind: str, *, question: str, dimension: str = "", version: DatasetVersion | None = None
) -> Source:
    """The pairs of one kind of source.

    Raises
    ------
    LookupError
        If the project has no such question.
    JobError
        If there is nothing to ask about, or a version is wanted and not named.
    """
    dimension = dimension or candidates.default_dimension(project, question)
    labelled = _labelled(candidates.pair_table(project, question=question, dimension=dimension))
    if kind == _Source.WAITING:
        found = _plain(waiting(project, question=question, dimension=dimension), labelled, has_label=False)
    elif kind == _Source.VERSION:
        if version is None:
            raise JobError("Name the dataset version whose doubts are to be reviewed.")
        found = doubts(version, labelled)
    else:
        found = _plain(labelled, labelled, has_label=True)
    if not found.table.num_rows:
        raise JobError(f"There are no {_Source(kind).label}.")
    if found.table.num_rows > MOST:
        raise JobError(f"These are {found.table.num_rows:,} pairs; a batch is chosen from {MOST:,} at most.")
    return found


def _plain(table: pa.Table, labelled: pa.Table, *, has_label: bool) -> Source:
    none_N = np.full(table.num_rows, "", dtype=object)
    label_N = half_of(table) if has_label else np.full(table.num_rows, np.nan)
    return Source(table, label_N, labelled, none_N, none_N)


def _labelled(table: pa.Table) -> pa.Table:
    """The pairs with the default consensus of their votes as label."""
    table = labels.with_shares(table)
    found_N4 = labels.consensus(table).probs_N4
    probs_N4 = np.where(np.isfinite(found_N4), found_N4, pairs.outcome_probs(table))
    return pairs.with_columns(table, dict(zip(pairs.PROBABILITIES, probs_N4.T, strict=True)))


def waiting(project: Project, *, question: str, dimension: str) -> pa.Table:
    """The pairs of tasks that compare two responses and have no counted answer yet, without labels."""
    rows: list[dict[str, Any]] = []
    found = project.tasks.filter(answered=0, expected__isnull=True).select_related("item").order_by("pk")
    for task in found.prefetch_related("item__responses")[: MOST + 1]:
        if len(task.responses) == 2:
            rows.append(_row(task.item, task, question, dimension))
    return labels.with_shares(pa.Table.from_pylist(rows, schema=pairs.SCHEMA))


def _row(item: Item, task: Task, question: str, dimension: str) -> dict[str, Any]:
    responses = {response.key: response for response in item.responses.all()}
    a, b = (responses[key] for key in task.responses)
    prompt = pairs.canonical_json(item.prompt)
    return {
        "row_id": pairs.row_id(prompt, a.text, b.text, a.media, b.media),
        "item": item.external_id,
        "question": question,
        "dimension": dimension,
        "group": item.group,
        "prompt": prompt,
        **{f"{name}_{side}": getattr(row, field) for side, row in (("a", a), ("b", b)) for name, field in _COLUMNS},
        "votes": [],
        "n_votes": 0,
    }


_COLUMNS = (("response", "text"), ("key", "key"), ("model", "model"), ("media", "media"))


def doubts(version: DatasetVersion, labelled: pa.Table) -> Source:
    """The rows that a version's filters dropped, flipped, reweighted, relabelled or sent to people.

    A row is as suspicious as its score is far from the median of all that the filter saw (from its histogram), as a
    share of the rows that the filter found; the first filter that found it says why. Labels are those before it.
    """
    trace = versions.read_trace(version.path)
    wanted = pc.and_(pc.greater(trace["stage"], 0), pc.is_in(trace["action"], pa.array(_DOUBTS)))
    trace = trace.filter(wanted)
    places = {key: place for place, key in enumerate(zip(*_identity(labelled), strict=True))}
    usual = {stage["stage"]: _median(stage["histogram"]) for stage in version.manifest["stages"]}
    seen: dict[int, dict[str, Any]] = {}
    for line in sorted(trace.to_pylist(), key=lambda line: line["stage"]):
        place = places.get(tuple(line[name] for name in pairs.IDENTITY))
        if place is not None:
            seen.setdefault(place, line)
    order = sorted(seen)
    lines = [seen[place] for place in order]
    far_N = np.array([abs((line["score"] or 0.0) - usual.get(line["stage"], 0.0)) for line in lines])
    filter_N = np.array([line["filter"] for line in lines], dtype=object)
    table = labelled.take(pa.array(order, pa.int64()))
    before_N4 = np.array([line["label_before"] for line in lines], dtype=np.float64).reshape(-1, len(OUTCOMES))
    table = pairs.with_columns(table, dict(zip(pairs.PROBABILITIES, before_N4.T, strict=True)))
    reason_N = np.array([line["reason"] for line in lines], dtype=object)
    return Source(table, half_of(table), labelled, filter_N, reason_N, _ranks(far_N, filter_N))


def _identity(table: pa.Table) -> list[list[str]]:
    return [table[name].to_pylist() for name in pairs.IDENTITY]


def _median(histogram: dict[str, Any] | None) -> float:
    """Of the scores in a stage's histogram, to the width of a bin; 0 where there are none."""
    counts = np.array(histogram["counts"] if histogram else [], dtype=float)
    if not counts.sum():
        return 0.0
    edges = np.array(histogram["edges"])
    middle = int(np.searchsorted(counts.cumsum(), counts.sum() / 2))
    return float((edges[middle] + edges[middle + 1]) / 2)


def _ranks(far_N: np.ndarray, filter_N: np.ndarray) -> np.ndarray:
    """The share of the rows of the same filter that are no farther, in (0, 1]: filters' scores are on no one scale."""
    share_N = np.zeros(len(far_N))
    for name in set(filter_N.tolist()):
        own = filter_N == name
        share_N[own] = np.searchsorted(np.sort(far_N[own]), far_N[own], side="right") / own.sum()
    return share_N
