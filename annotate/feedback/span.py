"""Span: passages of a response marked with a category, and with severity, explanation and correction if asked.

Answer: ``{"r1": [{"start": 4, "end": 9, "category": "factual"}], "r2": []}``. Offsets count Unicode code points
of the response's source text (not of its rendering, not UTF-16 units as JavaScript counts), ``end`` is
exclusive; marks may overlap. An empty list says that the response was read and has nothing to mark: its
record is a Span from 0 to 0 without a category, so that silence and absence differ. A category with ``"placed":
false`` marks nothing in the text: it is a note on the response as a whole, such as information that is missing from
it, and goes from 0 to 0. Pure: knows no Django.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed, named, one_of
from annotate.records import Record, Span

TITLE = "Marked passages"
SUMMARY = "Passages of each response marked with a category, severity, explanation and correction."
ARITY = None
_CATEGORIES = named(
    "Categories",
    "What a passage can be marked as; one that is not placed is a note on the whole response.",
    minItems=1,
    maxItems=12,
    default=[{"name": "error", "title": "Error"}],
)
_CATEGORIES["items"]["properties"]["placed"] = {"type": "boolean", "default": True}
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "categories": _CATEGORIES,
        "severities": named("Severities", "How grave it is, the least first; none: not asked.", maxItems=6),
        "explanation": {"type": "boolean", "default": False, "title": "Explanation", "description": "Ask why."},
        "correction": {
            "type": "boolean",
            "default": False,
            "title": "Correction",
            "description": "Ask what should stand there.",
        },
        "overlapping": {
            "type": "boolean",
            "default": True,
            "title": "Overlapping",
            "description": "Marks of one response may overlap.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "finegrained_rlhf": {
        # As the released data names them.
        "categories": [
            {"name": "Irrelevant", "title": "Irrelevant", "help": "Does not help to answer the question"},
            {"name": "Redundant", "title": "Redundant", "help": "Says again what was said"},
            {"name": "Incoherent", "title": "Incoherent", "help": "Cannot be understood where it stands"},
            {"name": "Wrong-Grounding", "title": "Contradicts the sources", "help": "The passages say otherwise"},
            {"name": "Unverifiable", "title": "Unverifiable", "help": "Nothing in the passages says so"},
            {"name": "Missing-Answer", "title": "The answer is missing", "placed": False},
            {"name": "Missing-Major-Auxiliary", "title": "Something important is missing", "placed": False},
            {"name": "Missing-Minor-Auxiliary", "title": "A detail is missing", "placed": False},
        ],
        "explanation": True,
        "correction": True,
    },
    "mqm": {
        "categories": [
            {"name": name, "title": name.title()} for name in ("accuracy", "fluency", "terminology", "style", "locale")
        ],
        "severities": [{"name": name, "title": name.title()} for name in ("minor", "major", "critical")],
    },
}
Marks = tuple[tuple[str, int, int], ...]  # (category, start, end), disjoint within a category; a note is from 0 to 0


def schema(asked: Asked) -> dict[str, Any]:
    """A list of marks for each response."""
    settings = asked.settings
    mark: dict[str, Any] = {"category": one_of(settings["categories"])}
    if settings["severities"]:
        mark["severity"] = one_of(settings["severities"])
    for name, meaning in (("explanation", "Why it is marked"), ("correction", "What should stand there")):
        if settings[name]:
            mark[name] = {"type": "string", "description": meaning}
    return closed({key: _marks(mark, len(asked.texts[key])) for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """No empty mark unless it is a note, and no two that overlap unless they may."""
    notes = {category["name"] for category in asked.settings["categories"] if not category["placed"]}
    for key, marks in answer.items():
        for i, mark in enumerate(marks):
            if mark["category"] in notes:
                if mark["end"] > 0 or mark["start"] > 0:
                    raise InvalidAnswer("A note on the whole response stands at no place in it.", f"{key}/{i}/end")
            elif mark["start"] >= mark["end"]:
                raise InvalidAnswer("A passage ends after it starts.", f"{key}/{i}/end")
        if not asked.settings["overlapping"]:
            placed = (i for i, mark in enumerate(marks) if mark["end"] > 0)
            order = sorted(placed, key=lambda i: marks[i]["start"])
            for i, j in pairwise(order):
                if marks[j]["start"] < marks[i]["end"]:
                    raise InvalidAnswer("Overlaps another passage.", f"{key}/{j}/start")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Span,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Span for each mark; one from 0 to 0 for a response with nothing to mark."""
    for key in asked.responses:
        for mark in answer[key] or [{"start": 0, "end": 0, "category": ""}]:
            place = {"start": int(mark["start"]), "end": int(mark["end"])}
            yield Span(**{**asked.source, **mark, **place}, response=key)


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """A response without a Span, beside others that have some, has nothing to mark."""
    spans = asked.own(records, Span)
    fields = ["start", "end", "category"]
    fields += ["severity"] * bool(asked.settings["severities"])
    fields += [name for name in ("explanation", "correction") if asked.settings[name]]
    answer: dict[str, list[dict[str, Any]]] = {key: [] for key in asked.responses}
    for span in spans:
        marks = answer.setdefault(span.response, [])
        if span.category:
            marks.append({name: getattr(span, name) for name in fields})
    return answer if spans else None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: one score does not tell where."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """One reading for each rater and response: what is marked as what, in ``content``."""
    marked: dict[tuple[str, ...], list[tuple[str, int, int]]] = {}
    for s in records:
        if isinstance(s, Span):
            marks = marked.setdefault((s.item, s.response, s.dimension, s.rater), [])
            if s.category:
                marks.append((s.category, s.start, s.end))
    for (item, response, dimension, rater), marks in marked.items():
        yield Reading(item, response, dimension, rater, content=_merged(marks))


def mark_distance(x: Marks, y: Marks) -> float:
    """1 - F1 over marked positions, a position marked as two categories counting twice: 0 same, 1 disjoint.

    Two raters who mark nothing agree. F1 over positions (as in Fine-Grained RLHF's and most span agreement
    studies) forgives borders that differ by a word, which exact matching does not. Notes have no positions: where
    there are any, 1 - F1 over their categories counts half, or all of it where nobody marked a passage.
    """
    both = sum(max(0, min(e, f) - max(s, t)) for c, s, e in x for d, t, f in y if c == d)
    total = sum(end - start for _, start, end in (*x, *y))
    notes, others = ({c for c, _, end in marks if end == 0} for marks in (x, y))
    parts = [1 - 2 * both / total] if total else []
    if notes or others:
        parts.append(1 - 2 * len(notes & others) / (len(notes) + len(others)))
    return sum(parts) / len(parts) if parts else 0.0


MEASURES = (mark_distance,)


def example() -> tuple[Asked, Answer]:
    """An error and, overlapping it, a matter of style, after an emoji that is two units in JavaScript; a note."""
    placed = {"factual": True, "style": True, "missing": False}
    settings = {
        "categories": [{"name": n, "title": n.title(), "help": "", "placed": at} for n, at in placed.items()],
        "severities": [{"name": n, "title": n.title(), "help": ""} for n in ("minor", "major")],
        "explanation": True,
        "correction": True,
        "overlapping": True,
    }
    answer = {
        "r1": [
            {"start": 2, "end": 21, "category": "factual", "severity": "major"}
            | {"explanation": "It orbits the sun.", "correction": "The Earth circles the sun"},
            {"start": 12, "end": 27, "category": "style", "severity": "minor", "explanation": "", "correction": ""},
            {"start": 0, "end": 0, "category": "missing", "severity": "minor", "explanation": "How do we know?"}
            | {"correction": ""},
        ],
        "r2": [],
    }
    return Asked("spans", settings, ("r1", "r2"), {"r1": "🌍 The sun circles the Earth.", "r2": "Fine."}), answer


def _marks(mark: Mapping[str, Any], length: int) -> dict[str, Any]:
    start = {"type": "integer", "minimum": 0, "maximum": length, "description": "First code point"}
    end = {"type": "integer", "minimum": 0, "maximum": length, "description": "Code point after the last"}
    return {"type": "array", "items": closed({"start": start, "end": end, **mark}), "maxItems": 1000}


def _merged(marks: Iterable[tuple[str, int, int]]) -> Marks:
    """The same positions as passages that are disjoint within their category, and each note once."""
    merged: list[tuple[str, int, int]] = []
    for category, start, end in sorted(set(marks)):
        if merged and merged[-1][0] == category and start <= merged[-1][2] > 0:
            start, end = merged[-1][1], max(end, merged.pop()[2])
        merged.append((category, start, end))
    return tuple(merged)
