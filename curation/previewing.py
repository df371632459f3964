"""Rows that the stages of a pipeline would touch, short enough to be looked at before anything is done.

Pure: knows no Django.
"""

from collections import defaultdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from annotate.records import OUTCOMES
from curation import pairs
from curation.constructing import ACTION as CONSTRUCT
from curation.pipeline import Result

PER_REASON = 3
PER_STAGE = 8
LENGTH = 180  # characters shown of a text


def examples(table: pa.Table, result: Result) -> dict[str, list[dict[str, Any]]]:
    """By number of the stage, rows that it would drop, flip, reweigh, label anew or send to people; ways by name.

    Of each action and reason come those that stand first by their row id, which is to say any; short texts, no markup.
    """
    keys = [("stage", "ascending"), ("row_id", "ascending"), ("item", "ascending")]
    trace = result.trace.filter(pc.not_equal(result.trace["action"], "keep")).sort_by(keys)
    chosen: dict[str, list[dict[str, Any]]] = defaultdict(list)
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    columns = ("row_id", "item", "stage", "filter", "action", "reason")
    places = zip(*(trace[name].to_pylist() for name in columns), strict=True)
    for place, (_, _, stage, filter, action, reason) in enumerate(places):
        if filter == "consensus":
            continue
        name = filter if action == CONSTRUCT else str(stage)
        if seen[name, action, reason] < PER_REASON and len(chosen[name]) < PER_STAGE:
            seen[name, action, reason] += 1
            chosen[name].append(trace.slice(place, 1).to_pylist()[0])
    wanted = {(line["row_id"], line["item"]) for lines in chosen.values() for line in lines}
    texts = _texts(table, wanted) | _texts(result.table, wanted)
    return {name: [_example(line, texts) for line in lines] for name, lines in chosen.items()}


def _texts(table: pa.Table, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    ids = pa.array(sorted({row_id for row_id, _ in wanted}), pa.string())
    rows = table.filter(pc.is_in(table["row_id"], ids))
    names = ["row_id", "item", "prompt", "response_a", "response_b"]
    return {(row["row_id"], row["item"]): row for row in rows.select(names).to_pylist()}


def _example(line: dict[str, Any], texts: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    row = texts.get((line["row_id"], line["item"]), {})
    score = line["score"]
    return {
        **{name: line[name] for name in ("item", "row_id", "action", "reason")},
        "score": None if score is None else round(score, 4),
        "before": _outcome(line["label_before"]),
        "after": _outcome(line["label_after"]),
        "weight": line["weight_after"],
        "prompt": _short(pairs.prompt_text(row["prompt"])) if row else "",
        "a": _short(row.get("response_a", "")),
        "b": _short(row.get("response_b", "")),
    }


def _outcome(probs: list[float] | None) -> str:
    """The likeliest outcome and how likely it is, e.g. "a 0.80"; "" where the row ends."""
    return f"{OUTCOMES[probs.index(max(probs))]} {max(probs):.2f}" if probs else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}…"
