"""Applies a filter's decisions to a pair table, and writes down what happened to each row.

One place for all filters: what a flip or a new label means for probabilities, strength, margin and votes is said here.
Shapes: N rows, 4 outcomes in the order of `annotate.records.OUTCOMES`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from annotate.records import OUTCOMES
from curation import pairs
from curation.filters import ACTIONS, Action, Decisions

LABEL = pa.list_(pa.float64(), len(OUTCOMES))
TRACE = pa.schema(
    [
        *((name, pa.string()) for name in pairs.IDENTITY),
        ("stage", pa.int16()),  # 0 is what comes before the pipeline's own stages
        ("filter", pa.string()),
        ("action", pa.string()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("label_before", LABEL),  # in the order of OUTCOMES
        ("label_after", LABEL),  # null where the row ends here
        ("weight_before", pa.float64()),
        ("weight_after", pa.float64()),
        ("split", pa.string()),  # set by the last stage, null before
    ]
)
ENDS: tuple[Action, ...] = ("drop", "review")  # what takes a row out
_A, _B = OUTCOMES.index("a"), OUTCOMES.index("b")


class BadDecisions(ValueError):
    """A filter decided something that its contract does not allow."""


def check(decisions: Decisions, rows: int, reasons: Mapping[str, str]) -> None:
    """Raise `BadDecisions` unless there is one sound decision a row, with a known reason wherever a row changes."""
    action_N, reason_N = decisions.action_N, decisions.reason_N
    if len(action_N) != rows or len(reason_N) != rows:
        raise BadDecisions(f"{len(action_N)} actions and {len(reason_N)} reasons for {rows} rows.")
    unknown = set(action_N.tolist()) - set(ACTIONS) or set(reason_N[action_N != "keep"].tolist()) - set(reasons)
    if unknown:
        raise BadDecisions(f"Unknown actions or reasons: {', '.join(sorted(map(repr, unknown)))}.")
    weighed_N, labelled_N = action_N == "reweight", action_N == "relabel"
    if weighed_N.any():
        weights = np.asarray(decisions.weight_N)[weighed_N]
        if not (np.isfinite(weights).all() and (weights >= 0).all()):
            raise BadDecisions("A weight is negative or not finite.")
    if labelled_N.any():
        labels = np.asarray(decisions.label_N4)[labelled_N]
        if not (np.isfinite(labels).all() and (labels >= 0).all() and np.allclose(labels.sum(axis=1), 1)):
            raise BadDecisions("A label is not a distribution over the four outcomes.")
        if decisions.margin_N is not None and not np.isfinite(np.asarray(decisions.margin_N)[labelled_N]).all():
            raise BadDecisions("A margin is not finite.")


def apply(table: pa.Table, decisions: Decisions, *, stage: int, filter: str) -> tuple[pa.Table, pa.Table]:
    """The rows that stay, changed as decided, and the trace of all rows that did not simply stay.

    drop, review : the row leaves; of the latter people are asked.
    flip : the probabilities of a and b change places, strength and margin change their sign; votes and gold stay.
    reweight : the new weight stands.
    relabel : the new distribution stands; new votes bring a new count and a new mean strength. A margin that asks
        for the response that is no longer the better one is forgotten, unless a new margin is given.
    """
    action_N = decisions.action_N
    before_N4, weight_N = pairs.outcome_probs(table), table["weight"].to_numpy()
    after_N4, new_weight_N = before_N4.copy(), weight_N.copy()
    strength_N, margin_N = table["strength"].to_numpy().copy(), table["margin"].to_numpy().copy()

    flipped_N = action_N == "flip"
    after_N4[flipped_N] = after_N4[np.ix_(flipped_N, _swapped())]
    strength_N[flipped_N] *= -1
    margin_N[flipped_N] *= -1
    if (weighed_N := action_N == "reweight").any():
        new_weight_N[weighed_N] = np.asarray(decisions.weight_N)[weighed_N]
    columns: dict[str, Any] = {}
    if (labelled_N := action_N == "relabel").any():
        after_N4[labelled_N] = np.asarray(decisions.label_N4)[labelled_N]
        if decisions.margin_N is not None:
            margin_N[labelled_N] = np.asarray(decisions.margin_N)[labelled_N]
        else:
            margin_N[labelled_N & (margin_N * (after_N4[:, _A] - after_N4[:, _B]) < 0)] = 0
        if decisions.votes_N is not None:
            votes_N = list(decisions.votes_N)
            for row in np.flatnonzero(~labelled_N).tolist():
                votes_N[row] = table["votes"][row].as_py()
            columns["votes"] = votes_N
            columns["n_votes"] = [len(votes) for votes in votes_N]
            strength_N[labelled_N] = [mean_level(votes_N[row]) for row in np.flatnonzero(labelled_N).tolist()]
    columns |= {name: after_N4[:, place] for place, name in enumerate(pairs.PROBABILITIES)}
    columns |= {"strength": strength_N + 0.0, "margin": margin_N + 0.0, "weight": new_weight_N}  # + 0.0: no -0.0
    ends_N = ~stays(decisions)
    trace = trace_of(
        table, decisions, stage=stage, filter=filter, after_N4=after_N4, weight_after_N=new_weight_N, ends_N=ends_N
    )
    changed = pairs.with_columns(table, columns) if (action_N != "keep").any() else table
    return changed.filter(pa.array(~ends_N)) if ends_N.any() else changed, trace


def stays(decisions: Decisions) -> np.ndarray:
    """Which rows are left, as a mask."""
    return ~np.isin(decisions.action_N, ENDS)


def trace_of(
    table: pa.Table,
    decisions: Decisions,
    *,
    stage: int,
    filter: str,
    after_N4: np.ndarray | None = None,
    weight_after_N: np.ndarray | None = None,
    ends_N: np.ndarray | None = None,
    split_N: np.ndarray | None = None,
) -> pa.Table:
    """Lines of the trace: of every row where ``split_N`` is given, else of those whose action is not "keep"."""
    told_M = np.flatnonzero(decisions.action_N != "keep") if split_N is None else np.arange(table.num_rows)
    size = len(told_M)
    before_N4, weight_N = pairs.outcome_probs(table), table["weight"].to_numpy()
    after_N4 = before_N4 if after_N4 is None else after_N4
    weight_after_N = weight_N if weight_after_N is None else weight_after_N
    ends_M = np.zeros(size, dtype=bool) if ends_N is None else ends_N[told_M]
    score_M = np.full(size, np.nan) if decisions.score_N is None else decisions.score_N[told_M]
    names = table.select(pairs.IDENTITY).take(pa.array(told_M))
    columns = {name: names[name] for name in pairs.IDENTITY} | {
        "stage": pa.array(np.full(size, stage), pa.int16()),
        "filter": pa.array([filter] * size, pa.string()),
        "action": pa.array(decisions.action_N[told_M].tolist(), pa.string()),
        "reason": pa.array(decisions.reason_N[told_M].tolist(), pa.string()),
        "score": pa.array(score_M, pa.float64(), from_pandas=True),
        "label_before": _labels(before_N4[told_M], None),
        "label_after": _labels(after_N4[told_M], ends_M),
        "weight_before": pa.array(weight_N[told_M]),
        "weight_after": pa.array(weight_after_N[told_M], mask=ends_M),
        "split": pa.array(split_N.tolist() if split_N is not None else [None] * size, pa.string()),
    }
    return pa.table(columns, schema=TRACE)


def in_order(traces: Sequence[pa.Table]) -> pa.Table:
    """Traces of one stage after another as one that tells row by row, in canonical order, what happened to it."""
    trace = pa.concat_tables(traces)
    keys = (*pairs.IDENTITY, "stage")
    return trace.take(pc.sort_indices(trace, sort_keys=[(name, "ascending") for name in keys]))


def mean_level(votes: list[dict[str, Any]]) -> float:
    """Mean signed strength of votes, 0 where there are none."""
    return sum(vote["level"] or 0.0 for vote in votes) / max(len(votes), 1)


def _labels(probs_N4: np.ndarray, mask_N: np.ndarray | None) -> pa.Array:
    mask = None if mask_N is None else pa.array(mask_N)
    return pa.FixedSizeListArray.from_arrays(pa.array(probs_N4.ravel()), type=LABEL, mask=mask)


def _swapped() -> list[int]:
    """Places of the outcomes with a and b exchanged."""
    places = list(range(len(OUTCOMES)))
    places[_A], places[_B] = _B, _A
    return places
