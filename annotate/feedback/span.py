"""Span: passages of a response marked with a category, and with severity, explanation and correction if asked.

Answer: ``{"r1": [{"start": 4, "end": 9, "category": "factual"}], "r2": []}``. Offsets count Unicode code points
of the response's source text (not of its rendering, not UTF-16 units as JavaScript counts), ``end`` is
exclusive; marks may overlap. An empty list says that the response was read and has nothing to mark: its
record is a Span from 0 to 0 without a category, so that silence and absence differ. Pure: knows no Django.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed, named
from annotate.records import Record, Span

TITLE = "Marked passages"
SUMMARY = "Passages of each response marked with a category, severity, explanation and correction."
ARITY = None
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "categories": named(
            "Categories",
            "What a passage can be marked as.",
            minItems=1,
            maxItems=12,
            default=[{"name": "error", "title": "Error"}],
        ),
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
        "categories": [
            {"name": "irrelevant", "title": "Irrelevant, repetitive or incoherent"},
            {"name": "wrong", "title": "Inconsistent with knowledge or unverifiable"},
            {"name": "incomplete", "title": "Incomplete"},
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
Marks = tuple[tuple[str, int, int], ...]  # (category, start, end), disjoint within a category


def schema(asked: Asked) -> dict[str, Any]:
    """A list of marks for each response."""
    settings = asked.settings
    mark: dict[str, Any] = {"category": _one_of(settings["categories"])}
    if settings["severities"]:
        mark["severity"] = _one_of(settings["severities"])
    for name, meaning in (("explanation", "Why it is marked"), ("correction", "What should stand there")):
        if settings[name]:
            mark[name] = {"type": "string", "description": meaning}
    return closed({key: _marks(mark, len(asked.texts[key])) for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """No empty mark, and no two that overlap unless they may."""
    for key, marks in answer.items():
        for i, mark in enumerate(marks):
            if mark["start"] >= mark["end"]:
                raise InvalidAnswer("A passage ends after it starts.", f"{key}/{i}/end")
        if not asked.settings["overlapping"]:
            order = sorted(range(len(marks)), key=lambda i: marks[i]["start"])
            for i, j in pairwise(order):
                if marks[j]["start"] < marks[i]["end"]:
                    raise InvalidAnswer("Overlaps another passage.", f"{key}/{j}/start")


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
    studies) forgives borders that differ by a word, which exact matching does not.
    """
    both = sum(max(0, min(e, f) - max(s, t)) for c, s, e in x for d, t, f in y if c == d)
    total = sum(end - start for _, start, end in (*x, *y))
    return 1 - 2 * both / total if total else 0.0


MEASURES = (mark_distance,)


def example() -> tuple[Asked, Answer]:
    """An error and, overlapping it, a matter of style, after an emoji that is two units in JavaScript."""
    settings = {
        "categories": [{"name": n, "title": n.title(), "help": ""} for n in ("factual", "style")],
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
        ],
        "r2": [],
    }
    return Asked("spans", settings, ("r1", "r2"), {"r1": "🌍 The sun circles the Earth.", "r2": "Fine."}), answer


def _one_of(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    meanings = {e["name"]: ": ".join(part for part in (e.get("title"), e.get("help")) if part) for e in entries}
    described = "; ".join(f"{name}: {meaning}" for name, meaning in meanings.items() if meaning)
    return {"type": "string", "enum": list(meanings), **({"description": described} if described else {})}


def _marks(mark: Mapping[str, Any], length: int) -> dict[str, Any]:
    start = {"type": "integer", "minimum": 0, "maximum": length, "description": "First code point"}
    end = {"type": "integer", "minimum": 0, "maximum": length, "description": "Code point after the last"}
    return {"type": "array", "items": closed({"start": start, "end": end, **mark}), "maxItems": 1000}


def _merged(marks: Iterable[tuple[str, int, int]]) -> Marks:
    """The same positions as passages that are disjoint within their category."""
    merged: list[tuple[str, int, int]] = []
    for category, start, end in sorted(marks):
        if merged and merged[-1][0] == category and start <= merged[-1][2]:
            start, end = merged[-1][1], max(end, merged.pop()[2])
        merged.append((category, start, end))
    return tuple(merged)
