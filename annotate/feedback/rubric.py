"""Rubric: weighted yes/no criteria, each checked on each response; a pitfall has negative points.

Criteria come with the item (a rubric for each prompt) or else from the settings. Answer:
``{"r1": {"cites_source": "met", "invents_facts": "unmet"}, "r2": …}``, with "na" where a criterion does not
apply and, if the settings allow it, a share such as "50%" where it is met in part. The score of a response is
that of HealthBench (https://arxiv.org/abs/2505.08775). Pure: knows no Django.
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
        "partial": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": 99},
            "uniqueItems": True,
            "maxItems": 4,
            "default": [],
            "title": "Partial credit",
            "description": "Percent of the points that a criterion may earn when it is met in part; none: all or none.",
        },
        "show_points": {
            "type": "boolean",
            "default": True,
            "title": "Show points",
            "description": "Annotators see what each criterion weighs.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "healthbench": {"not_applicable": False},
    "with_na": {"not_applicable": True},
    "partial_credit": {"not_applicable": True, "partial": [50]},
}
_MET = {"met": True, "unmet": False, "na": None}
_NAMES = {met: name for name, met in _MET.items()}


def criteria(asked: Asked) -> tuple[Mapping[str, Any], ...]:
    """The item's own criteria where it has any, else those of the settings."""
    return tuple(asked.criteria or asked.settings["criteria"])


def schema(asked: Asked) -> dict[str, Any]:
    """A mark for every criterion on every response."""
    shares = [f"{share}%" for share in sorted(asked.settings["partial"], reverse=True)]
    marks = ["met", *shares, "unmet", *["na"] * bool(asked.settings["not_applicable"])]
    checks = {c["name"]: {"type": "string", "enum": marks, "description": c["text"]} for c in criteria(asked)}
    return closed({key: closed(checks) for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """The schema says it all."""


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Check,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Check for each response and criterion."""
    for key in asked.responses:
        for c in criteria(asked):
            mark, points = answer[key][c["name"]], c.get("points", 1)
            credit = None if mark in _MET else int(mark.removesuffix("%")) / 100
            yield Check(
                **asked.source,
                response=key,
                criterion=c["name"],
                met=_MET.get(mark, False),
                points=points,
                credit=credit,
            )


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """Each response with those criteria that it was checked on."""
    answer: dict[str, dict[str, str]] = {}
    for record in asked.own(records, Check):
        answer.setdefault(record.response, {})[record.criterion] = mark_of(record)
    return answer or None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: one score does not tell which criteria were met."""
    return None


def score(checks: Iterable[Check]) -> float | None:
    """The score of one response, in [0, 1]: points earned over the sum of positive points, clipped.

    What does not apply is left out of both. None where no criterion with positive points applies.
    """
    applicable = [(check.points, check.earned) for check in checks if check.earned is not None]
    best = sum(max(points, 0) for points, _ in applicable)
    return min(1.0, max(0.0, sum(points * earned for points, earned in applicable) / best)) if best else None


def mark_of(check: Check) -> str:
    """How an answer says it: "met", "unmet", "na", or the share in percent."""
    return _NAMES[check.met] if check.credit is None else f"{round(check.credit * 100)}%"


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """Each criterion as a category ("met", "unmet", "na", "50%"), each response's score as a level."""
    checks = [record for record in records if isinstance(record, Check)]
    for c in checks:
        yield Reading(c.item, f"{c.response}#{c.criterion}", c.dimension, c.rater, mark_of(c))

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
    settings = {"criteria": [], "not_applicable": True, "partial": [50], "show_points": True}
    answer = {
        "r1": {"names_dose": "50%", "advises_doctor": "unmet", "invents_source": "met"},
        "r2": {"names_dose": "met", "advises_doctor": "met", "invents_source": "na"},
    }
    return Asked("rubric", settings, ("r1", "r2"), {"r1": "200 mg", "r2": "200 mg; ask a doctor."}, rubric), answer
