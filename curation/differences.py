"""What changed between two dataset versions, row by row, with the reason and the stage that did it.

A row is known by `pairs.IDENTITY`. ``added`` and ``removed`` rows stand in only one version; a ``flipped`` row's
better response changed from a to b or back; a ``reweighted`` one has the same label and another weight; ``changed``
is whatever else differs (``what`` lists it). The reason is read from the traces: that of the version with the row's
last change, else that of the version that left the row out, else the row came with, or went from, what was curated.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from curation import hashes, pairs, versions

CHANGES = ("added", "removed", "flipped", "reweighted", "changed")
INPUT_REASONS = {
    "new_input": "The row is new in what was curated.",
    "gone_input": "The row is no longer in what was curated.",
    "other_input": "What was curated says something else of the row.",
}
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in pairs.IDENTITY),
        ("group", pa.string()),
        ("change", pa.string()),
        ("what", pa.string()),  # of a row in both: label, weight, split, votes, gold, … that differ
        ("trace", pa.string()),  # "new" or "old": whose trace tells the reason; "" where the input differs
        ("filter", pa.string()),
        ("reason", pa.string()),
        ("outcome_before", pa.string()),
        ("outcome_after", pa.string()),
        ("weight_before", pa.float64()),
        ("weight_after", pa.float64()),
        ("split_before", pa.string()),
        ("split_after", pa.string()),
    ]
)

_Name = tuple[str, ...]
# What a part of a row can have been changed by; the split is given to rows that are kept.
_ACTIONS = {
    **dict.fromkeys(("label", "votes", "strength", "margin"), ("flip", "relabel")),
    "weight": ("reweight",),
    "split": ("keep",),
}
_COMPARED = ("gold", "group", "votes", "strength", "margin", "split", "model_a", "model_b", "metadata")


@dataclass(frozen=True)
class Difference:
    """``rows`` by `SCHEMA`; ``counts`` by change; ``reasons``: change, filter, reason and rows, most first."""

    rows: pa.Table
    counts: Mapping[str, int]
    reasons: list[dict[str, Any]]


def diff(old: Path | str, new: Path | str) -> Difference:
    """Compare two versions by their folders; `versions.VersionError` where one is none."""
    before, after = (_rows(table) for table in _unlike(versions.read(old), versions.read(new)))
    traces = {"old": _Trace(versions.read_trace(old)), "new": _Trace(versions.read_trace(new))}
    lines = [line for name in sorted(before.keys() | after.keys()) for line in _compared(name, before, after, traces)]
    counted = Counter((line["change"], line["filter"], line["reason"]) for line in lines)
    reasons = [
        {"change": change, "filter": filter, "reason": reason, "rows": rows}
        for (change, filter, reason), rows in sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    changes = Counter(line["change"] for line in lines)
    return Difference(pa.Table.from_pylist(lines, SCHEMA), {change: changes[change] for change in CHANGES}, reasons)


def _unlike(old: pa.Table, new: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Both tables without the rows that stand in both just alike: what is left is small, however large they are."""
    hashed = hashes.row_hashes(old), hashes.row_hashes(new)
    alike = Counter(hashed[0]) & Counter(hashed[1])
    kept = []
    for table, found in zip((old, new), hashed, strict=True):
        left = alike.copy()
        mask = []
        for row in found:
            mask.append(not left[row])
            left[row] -= left[row] > 0
        kept.append(table.filter(pa.array(mask, pa.bool_())))
    return kept[0], kept[1]


def _rows(table: pa.Table) -> dict[_Name, dict[str, Any]]:
    """Rows by their identity and, where several have the same, their number."""
    seen: Counter[_Name] = Counter()
    rows = {}
    outcomes = pairs.winner(table).tolist()
    names = [*pairs.IDENTITY, *pairs.PROBABILITIES, "weight", *_COMPARED]
    for row, outcome in zip(table.select(names).to_pylist(), outcomes, strict=True):
        name = tuple(row[part] for part in pairs.IDENTITY)
        rows[*name, str(seen[name])] = row | {"outcome": outcome}
        seen[name] += 1
    return rows


class _Trace:
    """Lines of one trace by row."""

    def __init__(self, trace: pa.Table) -> None:
        self.lines: dict[_Name, list[tuple[str, str, str]]] = {}
        columns = [trace[name].to_pylist() for name in (*pairs.IDENTITY, "action", "filter", "reason")]
        for *name, action, filter, reason in zip(*columns, strict=True):
            self.lines.setdefault(tuple(name), []).append((action, filter, reason))

    def last(self, name: _Name, actions: tuple[str, ...]) -> tuple[str, str] | None:
        """Filter and reason of the last of these actions on a row."""
        found = [(filter, reason) for action, filter, reason in self.lines.get(name, ()) if action in actions]
        return found[-1] if found else None


def _compared(
    name: _Name,
    before: Mapping[_Name, dict[str, Any]],
    after: Mapping[_Name, dict[str, Any]],
    traces: Mapping[str, _Trace],
) -> Iterator[dict[str, Any]]:
    old, new = before.get(name), after.get(name)
    what = [] if old is None or new is None else _what(old, new)
    if old is not None and new is not None and not what:
        return
    change = _change(old, new, what)
    trace, filter, reason = _reason(name[:-1], change, what, traces)
    either: Mapping[str, Any] = new or old or {}
    old, new = old or {}, new or {}
    yield {
        **{part: either[part] for part in (*pairs.IDENTITY, "group")},
        "change": change,
        "what": ", ".join(what),
        "trace": trace,
        "filter": filter,
        "reason": reason,
        **{f"{part}_before": old.get(part) for part in ("outcome", "weight", "split")},
        **{f"{part}_after": new.get(part) for part in ("outcome", "weight", "split")},
    }


def _what(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    label = ["label"] if any(old[name] != new[name] for name in pairs.PROBABILITIES) else []
    return label + [name for name in ("weight", *_COMPARED) if old[name] != new[name]]


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, what: list[str]) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    if {old["outcome"], new["outcome"]} == {"a", "b"}:
        return "flipped"
    return "reweighted" if "weight" in what and "label" not in what else "changed"


def _reason(name: _Name, change: str, what: list[str], traces: Mapping[str, _Trace]) -> tuple[str, str, str]:
    """Whose trace tells it, the filter, and the reason code."""
    if change in ("added", "removed"):
        teller = "old" if change == "added" else "new"
        found = traces[teller].last(name, ("drop", "review"))
        if found:
            return (teller, *found)
        if change == "added" and (made := traces["new"].last(name, ("construct",))):
            return ("new", *made)
        return "", "", "new_input" if change == "added" else "gone_input"
    actions = next((_ACTIONS[part] for part in what if part in _ACTIONS), ())
    for teller in ("new", "old"):
        if found := traces[teller].last(name, actions):
            return (teller, *found)
    return "", "", "other_input"
