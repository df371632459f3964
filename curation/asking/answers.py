"""People's answers matched back to the pairs of a selection: how far it is, and what it says of the labels.

Only what people answered after a selection was made counts: earlier answers are what its labels were made of.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from annotate import selectors as collected
from annotate.models import Annotation, Project, Rater
from curation import candidates
from curation.models import Selection, SelectionEntry
from curation.pairs import seen_from
from curation.selection._dealing import rate

_HALF = {"a": 1.0, "b": 0.0}


@dataclass(frozen=True)
class Said:
    """What people say of one entry: the outcome of each answer, seen from the entry's own sides."""

    entry: SelectionEntry
    outcomes: tuple[str, ...]

    @property
    def half(self) -> float | None:
        """1 where most say a, 0 where most say b, ½ where they are even or say neither; None without an answer."""
        if not self.outcomes:
            return None
        mean = sum(_HALF.get(outcome, 0.5) for outcome in self.outcomes) / len(self.outcomes)
        return 0.5 if mean == 0.5 else float(mean > 0.5)

    @property
    def agreed(self) -> str:
        """The outcome that all who answered say; "" where they differ or nobody did."""
        return self.outcomes[0] if len(set(self.outcomes)) == 1 else ""

    @property
    def wrong(self) -> float | None:
        """How wrong the label was: 0, 1, or ½ where one of both is a tie; None without an answer or a label."""
        if self.half is None or self.entry.label is None:
            return None
        label = 0.5 if self.entry.label == 0.5 else float(self.entry.label > 0.5)
        return abs(self.half - label)


def of(selection: Selection) -> list[Said]:
    """Every entry of a selection, in order, with what people said since it was made."""
    entries = list(selection.entries.select_related("task__item").prefetch_related("task__item__responses"))
    said: dict[tuple[str, frozenset[str]], list[tuple[str, str]]] = defaultdict(list)
    records = collected.records(
        selection.project,
        question=selection.question,
        task__in=selection.entries.values("task"),
        rater__kind=Rater.Kind.PERSON,
        status=Annotation.Status.COUNTED,
        submitted_at__gte=selection.created_at,
    )
    for record in candidates.preferences(records):
        if record.dimension == selection.dimension:
            said[record.item, frozenset((record.a, record.b))].append((record.a, record.outcome))
    return [
        Said(entry, tuple(seen_from(outcome, a != entry.key_a) for a, outcome in said.get(_pair(entry), [])))
        for entry in entries
    ]


def _pair(entry: SelectionEntry) -> tuple[str, frozenset[str]]:
    return entry.task.item.external_id, frozenset((entry.key_a, entry.key_b))


def of_rows(project: Project, table: pa.Table) -> dict[str, float]:
    """By row id, what people said in any selection on the question and dimension of the table's rows."""
    wanted = {(row["question"], row["dimension"]) for row in table.select(["question", "dimension"]).to_pylist()}
    found: dict[str, float] = {}
    for selection in Selection.objects.filter(project=project).order_by("pk"):
        if (selection.question, selection.dimension) in wanted:
            found |= {said.entry.row_id: said.half for said in of(selection) if said.half is not None}
    return found


def summary(said: Iterable[Said]) -> dict[str, Any]:
    """Counts, and the rate of wrong labels by slice with its interval; only the random slice speaks for all rows.

    ``{"asked", "answered", "slices": {"chosen" and "random": {"asked", "answered", "wrong": `rate`}}}``.
    """
    said = list(said)
    slices = {}
    for name in SelectionEntry.Slice.values:
        own = [row for row in said if row.entry.slice == name]
        wrong = [row.wrong for row in own if row.wrong is not None]
        slices[name] = {
            "asked": len(own),
            "answered": sum(row.half is not None for row in own),
            "wrong": rate(sum(wrong), len(wrong)),
        }
    return {"asked": len(said), "answered": sum(row.half is not None for row in said), "slices": slices}
