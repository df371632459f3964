"""What needs all parts of a pass at once: steps that compare rows, the split, and the outline of the version.

Sketches are read where they lie on the disk. Everything else that is held grows with the number of parts, not of rows,
but for the decisions of one step.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import filters, hashes, layout, pairs, stages, versions
from curation.applying import LABEL, TRACE
from curation.filters import Decisions
from curation.manifests import Tally
from curation.pools import plan as names
from curation.pools.plan import Phase, Plan
from curation.pools.store import Store, read_bytes, read_json, read_table, write_json, write_table
from curation.stages import Step

TRACE_NAME = "trace"


def compare(store: Store, plan: Plan, phase: Phase, steps: list[Step]) -> dict[str, Any]:
    """Let a step decide on the rows of all parts, and the first time deal the split; decisions go to each part."""
    turn = phase.number // 2
    if turn == 0:
        _split(store, plan)
    if plan.comparing:
        sketches = [read_table(store, names.part_file("sketch", part, phase.number - 1)) for part in range(plan.parts)]
        decisions = steps[plan.comparing[turn]].judge(pa.concat_tables(sketches))
        table = _as_table(decisions)
        for part, (start, rows) in enumerate(_stretches(sketches)):
            write_table(store, names.part_file("decisions", part, phase.number), table.slice(start, rows))
        return {"notes": dict(decisions.notes)}
    return {}


def _split(store: Store, plan: Plan) -> None:
    sketches = [read_table(store, names.part_file("splitting", part)) for part in range(plan.parts)]
    split_N, reason_N = stages.split(pa.concat_tables(sketches), plan.pipeline)
    for part, (start, rows) in enumerate(_stretches(sketches)):
        own = slice(start, start + rows)
        columns = {"split": pa.array(split_N[own], pa.string()), "reason": pa.array(reason_N[own], pa.string())}
        write_table(store, names.part_file("split", part), pa.table(columns))


def _stretches(tables: list[pa.Table]) -> list[tuple[int, int]]:
    """Where the rows of each table begin among those of all, and how many they are."""
    rows = [table.num_rows for table in tables]
    return list(zip(np.cumsum([0, *rows[:-1]]).tolist(), rows, strict=True))


def _as_table(decisions: Decisions) -> pa.Table:
    """Decisions as a table; a column that they lack is not there."""
    columns: dict[str, Any] = {
        "action": pa.array(np.asarray(decisions.action_N, dtype="U"), pa.string()),
        "reason": pa.array(np.asarray(decisions.reason_N, dtype="U"), pa.string()),
    }
    if decisions.weight_N is not None:
        columns["weight"] = pa.array(np.asarray(decisions.weight_N, dtype=np.float64))
    if decisions.score_N is not None:
        columns["score"] = pa.array(np.asarray(decisions.score_N, dtype=np.float64))
    if decisions.label_N4 is not None:
        flat = np.ascontiguousarray(decisions.label_N4, dtype=np.float64).ravel()
        columns["label"] = pa.FixedSizeListArray.from_arrays(pa.array(flat), type=LABEL)
    if decisions.votes_N is not None:
        columns["votes"] = pa.array(list(decisions.votes_N), pairs.SCHEMA.field("votes").type)
    return pa.table(columns)


def read_decisions(store: Store, phase: int, part: int) -> Decisions:
    """What a phase that compares rows decided on those of a part."""
    table = read_table(store, names.part_file("decisions", part, phase)).combine_chunks()
    found = set(table.column_names)
    label = table["label"].combine_chunks() if "label" in found else None
    return Decisions(
        np.array(table["action"].to_pylist(), dtype="U16"),
        np.array(table["reason"].to_pylist(), dtype="U64"),
        weight_N=table["weight"].to_numpy() if "weight" in found else None,
        label_N4=None if label is None else label.flatten().to_numpy().reshape(-1, LABEL.list_size),
        votes_N=table["votes"].to_pylist() if "votes" in found else None,
        score_N=table["score"].to_numpy() if "score" in found else None,
    )


def outline(store: Store, plan: Plan, steps: list[Step]) -> dict[str, Any]:
    """Write down the hash of the version, its counts and summary, and which rows go to which of its files."""
    phases = [phase for phase in plan.phases if phase.kind == "rows"]
    reports = [
        [read_json(store, names.report_file(phase.number, part)) for part in range(plan.parts)] for phase in phases
    ]
    tally, splits = Tally(), Counter[tuple[str, str]]()
    counted: list[dict[str, int]] = []  # of each part, rows by split and lines of the trace
    for report in reports[-1]:
        own = Tally.from_dict(report["tally"])
        tally.add(own)
        counted.append({**own.rows, TRACE_NAME: own.trace})
        for split, reason, rows in report["splits"]:
            splits[split, reason] += rows
    rows, lines = _root(store, plan, "rows-hashes"), _root(store, plan, "lines-hashes")
    whole = {
        "hash": versions.name_of(rows, lines, plan.pipeline.to_dict()),
        "source": _root(store, plan, "source"),
        "tally": tally.to_dict(),
        "summary": [*_summary(store, plan, steps, reports), stages.split_entry(plan.pipeline, splits)],
        "files": _files({**tally.rows, TRACE_NAME: tally.trace}),
        "counted": counted,
    }
    write_json(store, names.outline_file(), whole)
    return {"hash": whole["hash"]}


def _root(store: Store, plan: Plan, what: str) -> str:
    root = hashes.Root()
    for part in range(plan.parts):
        root.add(read_bytes(store, names.part_file(what, part)))
    return root.hex()


def _summary(store: Store, plan: Plan, steps: list[Step], reports: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    told: list[list[dict[str, Any]]] = [[] for _ in steps]  # by step, what each part says of it
    for phase in reports:
        for report in phase:
            for entry in report["steps"]:
                told[entry["place"]].append(entry)
    compared = {
        place: read_json(store, names.report_file(2 * turn + 1, 0))["notes"]
        for turn, place in enumerate(plan.comparing)
    }
    entries = []
    for place, (step, said) in enumerate(zip(steps, told, strict=True)):
        counts: stages.Counts = Counter()
        for entry in said:
            counts.update({(action, reason): rows for action, reason, rows in entry["counts"]})
        scored = all(entry["scored"] for entry in said)
        notes = compared[place] if place in compared else _notes(step, [entry["notes"] for entry in said])
        rows = sum(entry["rows"] for entry in said)
        entries.append(stages.entry(step, rows, counts, lambda: _scores(store, plan, place if scored else None), notes))  # noqa: B023
    return [stages.merged(*entries[:2]), *entries[2:]]


def _notes(step: Step, found: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return filters.merged_notes(filters.get(step.name), [notes for notes in found if notes]) if any(found) else {}


def _scores(store: Store, plan: Plan, place: int | None) -> Iterator[np.ndarray | None]:
    """The scores that the step at a place decided on, part by part."""
    for part in range(plan.parts):
        name = names.part_file(f"score-{place}", part)
        yield None if place is None else np.frombuffer(read_bytes(store, name), dtype=np.float64)


def _files(rows: Mapping[str, int]) -> list[dict[str, Any]]:
    """The files of the version: of what, which of how many, and which rows of all of that."""
    return [
        {"of": of, "number": number, "total": layout.files_of(count), "start": number * layout.FILE_ROWS}
        for of, count in rows.items()
        for number in range(layout.files_of(count))
    ]


def write(store: Store, number: int) -> dict[str, Any]:
    """Write one file of the version; gives its name, digest, and bytes when not compressed."""
    outline = read_json(store, names.outline_file())
    file = outline["files"][number]
    is_trace = file["of"] == TRACE_NAME
    place = versions.trace_file if is_trace else layout.split_names(file["of"])
    schema = TRACE if is_trace else pairs.SCHEMA
    name = place(file["number"], file["total"])
    counted = [own.get(file["of"], 0) for own in outline["counted"]]
    with store.writing(f"version/{name}") as path:
        groups = layout.row_groups(_stretch(store, file, counted), schema)
        size = layout.write_parquet(path, groups, schema)
        with path.open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
    return {"name": name, "hash": digest, "size": size}


def _stretch(store: Store, file: Mapping[str, Any], counted: list[int]) -> Iterable[pa.Table]:
    """The rows of one file, from the parts that have them; ``counted``: how many of that kind each part has."""
    start, end, before = file["start"], file["start"] + layout.FILE_ROWS, 0
    for part, rows in enumerate(counted):
        first, last = max(start - before, 0), min(end - before, rows)
        before += rows
        if first < last:
            if file["of"] == TRACE_NAME:
                table = read_table(store, names.part_file("lines", part))
            else:
                table = read_table(store, names.part_file("rows", part))
                table = table.filter(pc.equal(table["split"], file["of"]))
            yield table.slice(first, last - first)
