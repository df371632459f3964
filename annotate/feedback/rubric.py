"""Rubric: weighted yes/no criteria, each checked on each response; a pitfall has negative points.

Criteria come with the item (a rubric for each prompt) or else from the settings. Answer:
``{"r1": {"cites_source": "met", "invents_facts": "unmet"}, "r2": …}``, with "na" where a criterion does not
apply. The score of a response is that of HealthBench (https://arxiv.org/abs/2505.08775). Pure: knows no Django.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from annotate.feedback import NAME, Answer, Asked, Reading, closed
from annotate.records import Check, Record

TITLE = "Rubric"
SUMMARY = "Weighted yes/no criteria for each response, good ones and pitfalls, for the project or for each prompt."
ARITY = None
MEASURES = ("nominal", "interval")
#: A rubric; importers put the rubrics of items through `annotate.feedback.filled` with it.
CRITERIA: dict[str, Any] = {
    "type": "array",
    "maxItems": 200,
    "default": [],
    "title": "Criteria",
    "description": "What is checked; an item that brings criteria of its own is checked on those instead.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "text"],
        "properties": {
            "name": NAME,
            "text": {"type": "string", "minLength": 1, "maxLength": 2000},
            "points": {"type": "number", "minimum": -100, "maximum": 100, "default": 1},
            "category": {"type": "string", "maxLength": 80, "default": ""},
        },
    },
}
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "criteria": CRITERIA,
        "not_applicable": {
            "type": "boolean",
            "default": True,
            "title": "Not applicable",
            "description": "A criterion may be put aside on a response; it then counts neither way.",
        },
        "show_points": {
            "type": "boolean",
            "default": True,
            "title": "Show points",
            "description": "Annotators see what each criterion weighs.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {"healthbench": {"not_applicable": False}, "with_na": {"not_applicable": True}}
_MET = {"met": True, "unmet": False, "na": None}
_NAMES = {met: name for name, met in _MET.items()}


def criteria(asked: Asked) -> tuple[Mapping[str, Any], ...]:
    """The item's own criteria where it has any, else those of the settings."""
    return tuple(asked.criteria or asked.settings["criteria"])


def schema(asked: Asked) -> dict[str, Any]:
    """A mark for every criterion on every response."""
    marks = [name for name in _MET if name != "na" or asked.settings["not_applicable"]]
    checks = {c["name"]: {"type": "string", "enum": marks, "description": c["text"]} for c in criteria(asked)}
    return closed({key: closed(checks) for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """The schema says it all."""


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Check for each response and criterion."""
    for key in asked.responses:
        for c in criteria(asked):
            met = _MET[answer[key][c["name"]]]
            yield Check(**asked.source, response=key, criterion=c["name"], met=met, points=c.get("points", 1))


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """Each response with those criteria that it was checked on."""
    answer: dict[str, dict[str, str]] = {}
    for record in asked.own(records, Check):
        answer.setdefault(record.response, {})[record.criterion] = _NAMES[record.met]
    return answer or None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: one score does not tell which criteria were met."""
    return None


def score(checks: Iterable[Check]) -> float | None:
    """The score of one response, in [0, 1]: points met over the sum of positive points, clipped.

    What does not apply is left out of both. None where no criterion with positive points applies.
    """
    applicable = [check for check in checks if check.met is not None]
    best = sum(max(check.points, 0) for check in applicable)
    return min(1.0, max(0.0, sum(check.points for check in applicable if check.met) / best)) if best else None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """Each criterion as a category ("met", "unmet", "na"), each response's score as a level."""
    checks = [record for record in records if isinstance(record, Check)]
    for c in checks:
        yield Reading(c.item, f"{c.response}#{c.criterion}", c.dimension, c.rater, _NAMES[c.met])

    def sheet(c: Check) -> tuple[str, ...]:
        return c.item, c.response, c.dimension, c.rater, c.question, c.annotation

    for (item, response, dimension, rater, *_), of_one in groupby(sorted(checks, key=sheet), sheet):
        if (value := score(of_one)) is not None:
            yield Reading(item, response, dimension, rater, level=value)


def example() -> tuple[Asked, Answer]:
    """A rubric of the item's own: two merits and a pitfall on two responses."""
    rubric = (
        {"name": "names_dose", "text": "Names the usual dose.", "points": 5, "category": "accuracy"},
        {"name": "advises_doctor", "text": "Advises to see a doctor when in doubt.", "points": 3, "category": "safety"},
        {"name": "invents_source", "text": "Cites a source that does not exist.", "points": -4, "category": "safety"},
    )
    settings = {"criteria": [], "not_applicable": True, "show_points": True}
    answer = {
        "r1": {"names_dose": "met", "advises_doctor": "unmet", "invents_source": "met"},
        "r2": {"names_dose": "met", "advises_doctor": "met", "invents_source": "na"},
    }
    return Asked("rubric", settings, ("r1", "r2"), {"r1": "200 mg", "r2": "200 mg; ask a doctor."}, rubric), answer
