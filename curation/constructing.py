"""Adds constructed pairs to a pipeline's rows, each in the split of what it was made from.

    construct:
      - by: off_prompt
        share: 0.5
      - by: ratings
        question: quality
        evaluate: true      # also from what is held out, for the splits that models are evaluated on

Splits are dealt first, among the rows that came in and the items that only records name. A pair that is constructed
of training rows alone is a training row. One that is made of a row held out would leak into training what the row is
to test, so it is left out, or, with ``evaluate``, stands in the same split; one of rows from two splits is always left
out. Pure: knows no Django. Shapes: N rows, I items.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from annotate.discovery import UnknownPlugin
from curation import applying, construction, pairs
from curation.construction import Constructed, Material
from curation.filters import Context, Decisions
from curation.ports import PortNotRegistered
from curation.stages import PipelineError

if TYPE_CHECKING:
    from curation.pipeline import Way

ACTION = "construct"
REASONS = {"constructed": "The pair was constructed."}
SPLIT_REASON = "by_source"
TRAIN = "train"


@dataclass(frozen=True)
class Added:
    """What one way added: rows and their splits, their lines of the trace, its part of the summary, new media."""

    table: pa.Table
    split_N: np.ndarray
    trace: pa.Table
    entry: dict[str, Any]
    files: Mapping[str, bytes]


def stubs(material: Material) -> pa.Table:
    """One row for each item that no row of the table is of, so that splits are dealt among them too."""
    known = set(material.table["item"].to_pylist())
    made = []
    for name, item in sorted(material.items.items()):
        first, *others = item.responses.values() if item.responses else [construction.Response("")]
        second = others[0] if others else construction.Response("")
        if name not in known:
            made.append(Constructed(item=name, prompt=item.prompt, group=item.group, better=first, worse=second))
    tables = [construction.rows([one], by="", question="", dimension="", known=()) for one in made]
    return pa.concat_tables([pairs.SCHEMA.empty_table(), *tables])


class Splits:
    """Which split a row or item was dealt to."""

    def __init__(self, dealt: pa.Table, split_N: np.ndarray) -> None:
        self.of_row: dict[str, set[str]] = {}
        self.of_item: dict[str, set[str]] = {}
        for row_id, item, split in zip(dealt["row_id"].to_pylist(), dealt["item"].to_pylist(), split_N, strict=True):
            self.of_row.setdefault(row_id, set()).add(split)
            self.of_item.setdefault(item, set()).add(split)

    def of(self, pair: Constructed) -> set[str]:
        """The splits of all that a pair is made from: its rows, where it names some, else its items."""
        if pair.sources:
            return set().union(*(self.of_row.get(row_id, {""}) for row_id in pair.sources))
        return set().union(*(self.of_item.get(item, {""}) for item in (pair.item, *pair.items)))


def add(way: "Way", place: int, material: Material, splits: Splits, question: str, context: Context) -> Added:
    """Construct by one way.

    Raises
    ------
    PipelineError
        If it asks for what is not there.
    """
    module = construction.get(way.by)
    dimensions = sorted(set(material.table["dimension"].to_pylist()))
    dimension = dimensions[0] if len(dimensions) == 1 else ""
    kept: dict[str, list[Constructed]] = {}
    left_out = Counter[str]()
    try:
        for pair in module.construct(material, way.settings, context):
            found = splits.of(pair)
            split = next(iter(found)) if len(found) == 1 else ""
            if split == TRAIN or (way.evaluate and split):
                kept.setdefault(split, []).append(pair)
            else:
                left_out["held_out" if len(found) == 1 else "apart"] += 1
    except (PortNotRegistered, UnknownPlugin) as error:
        raise PipelineError(f"{way.by}: {error}", f"construct/{place}") from error
    known = set(material.table["row_id"].to_pylist())
    tables, split_parts = [pairs.SCHEMA.empty_table()], []
    files: dict[str, bytes] = {}
    for split, made in sorted(kept.items()):
        rows = construction.rows(made, by=way.by, question=question, dimension=dimension, known=known)
        known |= set(rows["row_id"].to_pylist())
        tables.append(rows)
        split_parts += [split] * rows.num_rows
        used = {name for side in "ab" for media in rows[f"media_{side}"].to_pylist() for name in media}
        files |= {name: content for pair in made for name, content in pair.files.items() if name in used}
    table = pa.concat_tables(tables)
    decisions = Decisions(np.full(table.num_rows, ACTION), np.full(table.num_rows, "constructed"))
    trace = applying.trace_of(table, decisions, stage=0, filter=way.by)
    entry = {
        "stage": 0,
        "filter": way.by,
        "title": module.TITLE,
        "settings": {**way.settings, "evaluate": way.evaluate},
        "rows_in": material.table.num_rows,
        "rows_out": material.table.num_rows + table.num_rows,
        "actions": {ACTION: table.num_rows} if table.num_rows else {},
        "reasons": [
            {"action": ACTION, "reason": reason, "rows": table.num_rows, "text": text}
            for reason, text in REASONS.items()
            if table.num_rows
        ],
        "histogram": None,
        "notes": {"left_out": dict(sorted(left_out.items()))},
    }
    return Added(table, np.array(split_parts, dtype=object), trace, entry, files)
