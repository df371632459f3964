"""Rating: a value on a scale for each response, as a whole or per dimension; its points have words or descriptions.

Answer: ``{"r1": {"overall": 4}, "r2": {"overall": 2}}``, or a value for each dimension that the settings name; null
where a dimension does not apply. The points of a scale have words (anchors), or it is made of levels with a
description each, as the rubrics of BiGGen Bench are (https://arxiv.org/abs/2406.05761). Levels come from the settings
or with the item: they are those of its criteria whose category is "level", the lowest first, and a criterion of the
category "question" says what they are levels of. Give both 0 points, so that no rubric counts them.
Pure: knows no Django.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from annotate.feedback import OVERALL, Answer, Asked, InvalidAnswer, Reading, closed, named
from annotate.records import Check, Rating, Record

TITLE = "Rating"
SUMMARY = "A value on a scale for each response, by steps, a slider or described levels, per dimension if you like."
ARITY = None
MEASURES = ("ordinal", "interval")
LEVEL, QUESTION = "level", "question"  # categories of an item's criteria
MOST_STEPS = 21  # a scale of more points is a slider
_TEXT = {"type": "string", "maxLength": 2000, "default": ""}
_NUMBER = {"type": "number", "minimum": -10_000, "maximum": 10_000}
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "low": {**_NUMBER, "default": 1, "title": "Lowest", "description": "The worst value."},
        "high": {
            **_NUMBER,
            "default": 5,
            "title": "Highest",
            "description": "The best value; an even number of points has no middle where doubt could hide.",
        },
        "step": {**_NUMBER, "minimum": 0.001, "default": 1, "title": "Step", "description": "From value to value."},
        "widget": {
            "type": "string",
            "enum": ["steps", "slider"],
            "default": "steps",
            "title": "Shown as",
            "description": f"Steps to pick from, or a slider; more than {MOST_STEPS} points are always a slider.",
        },
        "anchors": {
            "type": "array",
            "default": [],
            "maxItems": MOST_STEPS,
            "title": "Anchors",
            "description": "What points of the scale mean, in words.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["value", "label"],
                "properties": {"value": _NUMBER, "label": {"type": "string", "minLength": 1, "maxLength": 80}},
            },
        },
        "levels": {
            "type": "array",
            "default": [],
            "maxItems": MOST_STEPS,
            "title": "Levels",
            "description": "Described one by one, the lowest first; they make the scale, from the lowest value up.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"title": {**_TEXT, "maxLength": 80}, "description": _TEXT},
            },
        },
        "item_levels": {
            "type": "boolean",
            "default": False,
            "title": "Levels of the item",
            "description": 'Where an item brings criteria of the category "level", they are the levels.',
        },
        "dimensions": named(
            "Dimensions", "Rated one by one on this scale; none: each response as a whole.", maxItems=20
        ),
        "not_applicable": {
            "type": "boolean",
            "default": False,
            "title": "Not applicable",
            "description": "A dimension may be put aside on a response; it then has no value.",
        },
        "scores_fit": {
            "type": "boolean",
            "default": False,
            "title": "Scores are on this scale",
            "description": "A reward model was taught this very scale, so its score, brought to the nearest point, "
            "is a rating.",
        },
    },
}


def _anchors(*labels: str, low: int = 1) -> list[dict[str, Any]]:
    return [{"value": value, "label": label} for value, label in enumerate(labels, low) if label]


def _dimensions(**helps: str) -> list[dict[str, str]]:
    return [{"name": name, "title": name.replace("_", " ").capitalize(), "help": text} for name, text in helps.items()]


_QUALITY = _anchors("bad", "poor", "fair", "good", "excellent")  # absolute category rating, ITU-T P.800
PRESETS: dict[str, dict[str, Any]] = {
    "helpsteer2": {
        "low": 0,
        "high": 4,
        "dimensions": _dimensions(
            helpfulness="Does what was asked",
            correctness="True, and nothing left out that matters",
            coherence="Clear, and free of contradictions",
            complexity="How much expertise it takes to write it",
            verbosity="How much detail, for what was asked",
        ),
    },
    "likert5": {
        "anchors": _anchors("strongly disagree", "disagree", "neither", "agree", "strongly agree"),
    },
    "likert7": {
        "high": 7,
        "anchors": _anchors("strongly disagree", "", "", "neither", "", "", "strongly agree"),
    },
    "even4": {  # EditReward
        "high": 4,
        "anchors": _anchors("very poor", "rather poor", "rather good", "very good"),
        "dimensions": _dimensions(
            instruction_following="Does the edit that was asked, and only that", visual_quality="Natural, free of flaws"
        ),
    },
    "mos5": {
        "anchors": _QUALITY,
        "dimensions": _dimensions(
            appeal="Pleasant to look at",
            realism="Could be a photograph",
            prompt_match="Shows what was asked for",
            quality="Sharp, clean, free of flaws",
        ),
    },
    "rewardedit": {
        "low": 0,
        "high": 5,
        "anchors": _anchors("fails", "", "", "", "", "flawless", low=0),
    },
    "tifa": {
        "anchors": _anchors("shows nothing of the text", "", "", "", "shows all of the text"),
    },
    "meta_critique": {  # a critique is what is judged
        "anchors": _anchors("not at all", "", "in part", "", "wholly"),
        "dimensions": _dimensions(
            precise="What it says is right, and is about this answer", complete="It names every fault that matters"
        ),
    },
    "ordinal_five_levels": {
        "levels": [
            {"title": "Useless", "description": "Does not answer what was asked, or does harm."},
            {"title": "Poor", "description": "Touches what was asked; grave errors or gaps."},
            {"title": "Fair", "description": "Answers the main point; errors or gaps that matter."},
            {"title": "Good", "description": "Answers what was asked; small flaws only."},
            {"title": "Excellent", "description": "Right, complete and clear; nothing to improve."},
        ],
    },
    "biggen": {"item_levels": True},
    "slider100": {
        "low": 0,
        "high": 100,
        "widget": "slider",
        "anchors": [{"value": 0, "label": "worst"}, {"value": 100, "label": "best"}],
    },
}


class Point(NamedTuple):
    """A point of a scale: ``label`` is its anchor or a level's title, ``description`` a level's own."""

    value: float
    label: str = ""
    description: str = ""


class Scale(NamedTuple):
    """``size`` values from ``low`` to ``high``, ``step`` apart; ``points``: all of them, or the anchors of a slider."""

    low: float
    high: float
    step: float
    size: int
    is_slider: bool
    points: tuple[Point, ...]

    def nearest(self, value: float) -> float:
        """The value of the scale that is nearest to a number."""
        place = min(max(round((value - self.low) / self.step), 0), self.size - 1)
        return plain(self.low + place * self.step)


def scale(settings: Mapping[str, Any], criteria: Iterable[Mapping[str, Any]] = ()) -> Scale:
    """The scale that is asked; whatever the settings are, it has two points or more."""
    low, step = settings["low"], settings["step"]
    levels = [
        {"description": criterion["text"]}
        for criterion in (criteria if settings["item_levels"] else ())
        if criterion.get("category") == LEVEL
    ] or settings["levels"]
    # Of a range that no whole number of steps fills, the last step that fits is the highest; 1e-9 for 0.1 + 0.2.
    size = max(len(levels) or math.floor((settings["high"] - low) / step + 1e-9) + 1, 2)
    values = [plain(low + place * step) for place in range(min(size, MOST_STEPS))]
    is_slider = size > MOST_STEPS or (settings["widget"] == "slider" and not levels)
    anchors = {anchor["value"]: anchor["label"] for anchor in settings["anchors"]}
    if levels:
        texts = [(level.get("title", ""), level.get("description", "")) for level in levels] + [("", "")] * size
        points = [Point(value, *text) for value, text in zip(values, texts, strict=False)]
    elif is_slider:
        points = [Point(value, label) for value, label in sorted(anchors.items())]
    else:
        points = [Point(value, anchors.get(value, "")) for value in values]
    return Scale(plain(low), plain(low + (size - 1) * step), plain(step), size, is_slider, tuple(points))


def plain(value: float) -> float:
    """Whole numbers as int, others without the dust of binary fractions."""
    value = round(value, 9)
    return int(value) if value == int(value) else value


def question(settings: Mapping[str, Any], criteria: Iterable[Mapping[str, Any]]) -> str:
    """What an item's own levels are levels of, where it says so."""
    asked = (criterion["text"] for criterion in criteria if criterion.get("category") == QUESTION)
    return next(asked, "") if settings["item_levels"] else ""


def rows(asked: Asked) -> list[Mapping[str, Any]]:
    """What is rated: the dimensions, or the whole."""
    return asked.settings["dimensions"] or [{"name": OVERALL}]


def schema(asked: Asked) -> dict[str, Any]:
    """A value for each response and dimension."""
    of = scale(asked.settings, asked.criteria)
    kind: Any = "integer" if isinstance(of.low, int) and isinstance(of.step, int) else "number"
    if asked.settings["not_applicable"]:
        kind = [kind, "null"]
    values = {}
    for row in rows(asked):
        whole = question(asked.settings, asked.criteria)
        meaning = [": ".join(part for part in (row.get("title"), row.get("help")) if part) or whole]
        meaning += [
            f"{point.value} is {': '.join(part for part in point[1:] if part)}" for point in of.points if any(point[1:])
        ]
        meaning += ["null: does not apply"] * asked.settings["not_applicable"]
        described = {"description": "; ".join(filter(None, meaning))} if any(meaning) else {}
        values[row["name"]] = {"type": kind, "minimum": of.low, "maximum": of.high, **described}
    return closed({key: closed(values) for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """Values that lie on the scale's steps."""
    of = scale(asked.settings, asked.criteria)
    for key, values in answer.items():
        for name, value in values.items():
            if value is not None and abs(of.nearest(value) - value) > 1e-6:
                message = f"{value:g} is not on the scale, which goes from {of.low} to {of.high} in steps of {of.step}."
                raise InvalidAnswer(message, f"{key}/{name}")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Rating, Check) if settings["not_applicable"] else (Rating,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Rating for each value; what does not apply is a Check of its dimension that weighs nothing."""
    of = scale(asked.settings, asked.criteria)
    for key in asked.responses:
        for name in (row["name"] for row in rows(asked)):
            source = {**asked.source, "dimension": "" if name == OVERALL else name, "response": key}
            value = answer[key][name]
            if value is None:
                yield Check(**source, criterion=name, met=None, points=0)
            else:
                yield Rating(**source, value=float(value), low=float(of.low), high=float(of.high))


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """A value given on another scale is brought to this one in proportion, and to its nearest point."""
    of = scale(asked.settings, asked.criteria)
    records = list(records)
    answer: dict[str, dict[str, float | None]] = {}
    for record in asked.own(records, Check):
        if record.met is None and record.criterion == (record.dimension or OVERALL):
            answer.setdefault(record.response, {})[record.criterion] = None
    for rating in asked.own(records, Rating):
        value = rating.value
        if (rating.low, rating.high) != (of.low, of.high) and rating.low < rating.high:
            value = of.nearest(of.low + (value - rating.low) / (rating.high - rating.low) * (of.high - of.low))
        answer.setdefault(rating.response, {})[rating.dimension or OVERALL] = (
            plain(value) if math.isfinite(value) else value
        )
    return answer or None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None unless the settings say that scores are on this scale: a score as such tells what is better, not how good.

    Every dimension asked gets the same value; narrow ``asked`` to those that the model was trained for.
    """
    values = [scores.get(key, math.nan) for key in asked.responses]
    if not asked.settings["scores_fit"] or not all(map(math.isfinite, values)):
        return None
    of = scale(asked.settings, asked.criteria)
    return {
        key: {row["name"]: of.nearest(value) for row in rows(asked)}
        for key, value in zip(asked.responses, values, strict=True)
    }


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """The value as level; what does not apply has none and is left out, of agreement and consensus alike."""
    for r in records:
        if isinstance(r, Rating):
            yield Reading(r.item, r.response, r.dimension, r.rater, level=r.value)


def example() -> tuple[Asked, Answer]:
    """Two dimensions from 0 to 4, one of which does not apply to the second response."""
    settings: dict[str, Any] = {
        **{"low": 0, "high": 4, "step": 1, "widget": "steps", "levels": [], "item_levels": False},
        "anchors": [{"value": 0, "label": "useless"}, {"value": 4, "label": "perfect"}],
        "dimensions": _dimensions(helpfulness="Does what was asked", correctness="True and complete"),
        "not_applicable": True,
        "scores_fit": False,
    }
    answer = {"r1": {"helpfulness": 4, "correctness": 3}, "r2": {"helpfulness": 0, "correctness": None}}
    return Asked("rating", settings, ("r1", "r2"), {"r1": "Lyon, by train.", "r2": "I cannot help."}), answer
