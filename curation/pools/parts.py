"""The work on one part of a pass's phase; done twice it does the same, and its report is written last.

Of a part's rows all that never changes is written once (``base``); what steps change of them (`CHANGING`), and which
of them are left, is written after each phase (``state``).
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation import applying, hashes, pairs, pipeline, stages
from curation.filters import Context, Decisions
from curation.manifests import Tally
from curation.pools import plan as names
from curation.pools import whole
from curation.pools.plan import Phase, Plan
from curation.pools.store import Store, read_table, write_bytes, write_json, write_table
from curation.stages import Step

CHANGING = (*pairs.PROBABILITIES, "strength", "margin", "weight", "n_votes", "votes")


def work(pool: Store, store: Store, plan: Plan, phase: Phase, part: int, context: Context) -> None:
    """Do one part, unless it is done.

    Parameters
    ----------
    pool : where the pool's shards lie.
    store : where the files of this pass lie.
    context : the models that filters may call; its seed gives way to the pipeline's.

    Raises
    ------
    pipeline.PipelineError
        If groups to hold out are not there, or a filter asks for what is not there.
    """
    if store.exists(names.report_file(phase.number, part)):
        return
    steps = stages.steps(plan.pipeline, replace(context, seed=plan.pipeline.seed))
    if phase.kind == "rows":
        report = _rows(pool, store, plan, phase, part, steps)
    elif phase.kind == "compare":
        report = whole.compare(store, plan, phase, steps)
    elif phase.kind == "outline":
        report = whole.outline(store, plan, steps)
    else:
        report = whole.write(store, part)
    write_json(store, names.report_file(phase.number, part), report)


@dataclass
class _Log:
    """What steps did with the rows of a part in one phase."""

    number: int
    part: int
    steps: list[dict[str, Any]] = field(default_factory=list)
    traces: list[pa.Table] = field(default_factory=list)

    def take(self, store: Store, place: int, step: Step, table: pa.Table, decisions: Decisions) -> pa.Table:
        """Apply the decisions of the step at ``place`` and write down what happened; gives the rows that are left."""
        after, trace = applying.apply(table, decisions, stage=step.number, filter=step.name)
        self.traces.append(trace)
        if scored := decisions.score_N is not None:
            score_N = np.asarray(decisions.score_N, dtype=np.float64)
            write_bytes(store, names.part_file(f"score-{place}", self.part), score_N.tobytes())
        counted = [[*key, rows] for key, rows in sorted(stages.counts(decisions).items())]
        told = {"place": place, "rows": table.num_rows, "counts": counted, "scored": scored}
        self.steps.append({**told, "notes": dict(decisions.notes)})
        return after


def _rows(pool: Store, store: Store, plan: Plan, phase: Phase, part: int, steps: list[Step]) -> dict[str, Any]:
    """Take a part's rows from one step that compares rows to the next, or to the end."""
    log = _Log(phase.number, part)
    turn = phase.number // 2  # rows and compare take turns
    following = plan.comparing[turn] if turn < len(plan.comparing) else None
    report: dict[str, Any] = {}
    first = 1
    if turn == 0:
        table, place_N = _begin(pool, store, plan, part, steps, log)
    else:
        table, place_N = _resume(store, phase.number - 2, part)
        first = len(steps)
        if plan.comparing:
            compared = plan.comparing[turn - 1]
            decisions = whole.read_decisions(store, phase.number - 1, part)
            table = log.take(store, compared, steps[compared], table, decisions)
            place_N, first = place_N[applying.stays(decisions)], compared + 1
    for place in range(first, len(steps) if following is None else following):
        decisions = steps[place].decide(table)
        table = log.take(store, place, steps[place], table, decisions)
        place_N = place_N[applying.stays(decisions)]
    if following is not None:
        sketch = steps[following].sketch
        assert sketch is not None
        write_table(store, names.part_file("sketch", part, phase.number), sketch(table))
    if following is None and turn > 0:
        report |= _end(store, plan, phase, part, table, place_N, log)
    else:
        state = table.select(CHANGING).append_column("place", pa.array(place_N, pa.int32()))
        write_table(store, names.part_file("state", part, phase.number), state)
        trace = pa.concat_tables(log.traces)
        write_table(store, names.part_file("trace", part, phase.number), trace, packed=True)
    return report | {"rows": table.num_rows, "steps": log.steps}


def _begin(
    pool: Store, store: Store, plan: Plan, part: int, steps: list[Step], log: _Log
) -> tuple[pa.Table, np.ndarray]:
    """The rows of a part that belong to the pipeline's question, and their places among themselves."""
    table, found = pipeline.canonical(_read(pool, plan, part))
    write_bytes(store, names.part_file("source", part), b"".join(found))
    table = log.take(store, 0, steps[0], table, steps[0].decide(table))
    write_table(store, names.part_file("base", part), table.drop_columns(list(CHANGING)), packed=True)
    write_table(store, names.part_file("splitting", part), stages.split_sketch(table, plan.pipeline))
    return table, np.arange(table.num_rows)


def _read(pool: Store, plan: Plan, part: int) -> pa.Table:
    """The rows of the pool whose ids are in the range of a part, in any order."""
    first, end = plan.bounds(part)
    wanted = pc.field("row_id") >= first
    if end:
        wanted &= pc.field("row_id") < end
    tables = [pairs.SCHEMA.empty_table()]
    for shard in plan.shards:
        if shard.last >= first and (not end or shard.first < end):
            with pool.reading(shard.file) as path:
                tables.append(pq.read_table(path, filters=wanted).select(pairs.SCHEMA.names).cast(pairs.SCHEMA))
    return pa.concat_tables(tables)


def _resume(store: Store, phase: int, part: int) -> tuple[pa.Table, np.ndarray]:
    """The rows of a part as a phase left them, and their places in its base."""
    state = read_table(store, names.part_file("state", part, phase))
    place_N = state["place"].to_numpy()
    table = read_table(store, names.part_file("base", part))
    if len(place_N) < table.num_rows:
        table = table.take(state["place"])
    columns = {name: (state if name in CHANGING else table)[name] for name in pairs.SCHEMA.names}
    return pa.table(columns, schema=pairs.SCHEMA), place_N


def _end(
    store: Store, plan: Plan, phase: Phase, part: int, table: pa.Table, place_N: np.ndarray, log: _Log
) -> dict[str, Any]:
    """Give the rows that are left their split, and write them and the whole trace of the part, with their hashes."""
    splits = read_table(store, names.part_file("split", part)).take(pa.array(place_N))
    split_N, reason_N = (splits[name].to_numpy() for name in ("split", "reason"))
    table, split_trace = stages.with_split(table, split_N, reason_N, len(plan.pipeline.stages) + 1)
    earlier = [read_table(store, names.part_file("trace", part, number)) for number in range(0, phase.number, 2)]
    trace = applying.in_order([*earlier, *log.traces, split_trace])
    found = hashes.row_hashes(table)
    table = table.take(hashes.order(table, found))
    write_table(store, names.part_file("rows", part), table, packed=True)
    write_table(store, names.part_file("lines", part), trace, packed=True)
    write_bytes(store, names.part_file("rows-hashes", part), b"".join(found))
    write_bytes(store, names.part_file("lines-hashes", part), b"".join(hashes.row_hashes(trace)))
    counted = Counter(zip(split_N.tolist(), reason_N.tolist(), strict=True))
    return {
        "tally": Tally.of(table, trace).to_dict(),
        "splits": [[*key, rows] for key, rows in sorted(counted.items())],
    }
