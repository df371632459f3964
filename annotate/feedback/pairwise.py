"""Pairwise preference: which of two responses is better, and by how much; as a whole, per dimension or criterion.

Answer: ``{"overall": {"chosen": "r1", "strength": 2}}``, or one such verdict for each dimension that the
settings name, or for each criterion that the item brings: under one r1 may be better, under the next r2.
``chosen`` is a response key, "tie" or "both_bad"; ``strength`` counts from 1 to the number of labels, and is 0
for a tie or both bad. Pure: knows no Django.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import OVERALL, Answer, Asked, InvalidAnswer, Reading, closed, named
from annotate.records import Preference, Record

TITLE = "Pairwise preference"
SUMMARY = "Which of two responses is better, on a scale of your own, with ties, per dimension or criterion."
ARITY = 2
MEASURES = ("nominal", "ordinal")
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "labels": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 40},
            "minItems": 1,
            "maxItems": 5,
            "default": ["better"],
            "title": "Steps of the scale",
            "description": "How much better, the weakest first; one label is a plain choice between A and B.",
        },
        "tie": {
            "type": "boolean",
            "default": True,
            "title": "Tie",
            "description": "Neither is better. Without it the scale is even and the choice is forced.",
        },
        "both_bad": {
            "type": "boolean",
            "default": False,
            "title": "Both bad",
            "description": "Neither is good enough to be preferred.",
        },
        "dimensions": named(
            "Dimensions",
            "Judged one by one, each with its own tie; none: the responses are judged as a whole. "
            'One that is named "overall" is the judgement as a whole beside the others.',
            maxItems=20,
        ),
        "criteria": {
            "type": "string",
            "enum": ["none", "item"],
            "default": "none",
            "title": "Criteria",
            "description": "item: judged under the criteria that the item brings, each on its own, in place of the "
            "dimensions; an item without any is judged as the dimensions say.",
        },
        "tie_margin": {
            "type": "number",
            "minimum": 0,
            "default": 0,
            "title": "Tie margin of scores",
            "description": "A reward model whose two scores differ by no more than this says tie.",
        },
    },
}
_BETTER = ["slightly better", "better", "much better"]


def _dimensions(**helps: str) -> list[dict[str, str]]:
    return [{"name": name, "title": name.replace("_", " ").capitalize(), "help": said} for name, said in helps.items()]


PRESETS: dict[str, dict[str, Any]] = {
    "plain": {"labels": ["better"], "tie": False},
    "arena": {"labels": ["better"], "tie": True, "both_bad": True},
    "llama2": {
        "labels": ["negligibly better or unsure", "slightly better", "better", "significantly better"],
        "tie": False,
    },
    "llama3": {
        "labels": ["marginally better", "slightly better", "better", "significantly better"],
        "tie": False,
    },
    "helpsteer2": {"labels": _BETTER, "tie": True},
    "helpsteer3": {"labels": _BETTER, "tie": True},
    "editreward": {
        "labels": _BETTER,
        "tie": True,
        "dimensions": _dimensions(
            instruction_following="Does what was asked, and nothing else",
            visual_quality="Natural, clean, without artefacts",
        ),
    },
    "videoreward": {
        "labels": ["better"],
        "tie": True,
        "dimensions": [
            {"name": "VQ", "title": "Visual quality", "help": "Clear, detailed, natural frames"},
            {"name": "MQ", "title": "Motion quality", "help": "Smooth, plausible, stable movement"},
            {"name": "TA", "title": "Text alignment", "help": "Shows what the prompt asks for"},
        ],
    },
    "mm_rlhf": {
        "labels": _BETTER,
        "tie": True,
        "dimensions": _dimensions(
            visual_faithfulness="Says only what the picture or video shows",
            helpfulness="Answers what was asked",
            accuracy="Facts and figures are right",
            completeness="Leaves nothing out that matters",
            reasoning="Conclusions follow",
            clarity="Easy to read and to follow",
            ethics="Fair, respects privacy",
            safety="Helps nobody to do harm",
        ),
    },
    "omni_reward": {"labels": ["better"], "tie": True, "criteria": "item"},
}


def schema(asked: Asked) -> dict[str, Any]:
    """One verdict for each dimension asked, or for "overall"."""
    neither, labels = _neither(asked), asked.settings["labels"]
    steps = ", ".join(f"{i} {label}" for i, label in enumerate(labels, 1))
    meaning = f"How much better: {steps}" + (f"; 0 with {' or '.join(neither)}" if neither else "")
    verdict = {
        "chosen": {"type": "string", "enum": [*asked.responses, *neither], "description": "The better response"},
        "strength": {"type": "integer", "enum": [*range(0 if neither else 1, len(labels) + 1)], "description": meaning},
    }
    return closed({row["name"]: closed(verdict, **_described(row)) for row in rows(asked)})


def rows(asked: Asked) -> list[Mapping[str, Any]]:
    """What is judged: the item's criteria where the settings want them, else the dimensions, or the whole."""
    if asked.settings["criteria"] == "item" and asked.criteria:
        return [{"name": row["name"], "title": row["text"]} for row in asked.criteria]
    return asked.settings["dimensions"] or [{"name": OVERALL}]


def check(answer: Answer, asked: Asked) -> None:
    """A strength where a response was chosen, and only there."""
    for name, verdict in answer.items():
        if verdict["chosen"] in _neither(asked) and verdict["strength"]:
            raise InvalidAnswer(f"With {verdict['chosen']!r} the strength is 0.", f"{name}/strength")
        if verdict["chosen"] in asked.responses and not verdict["strength"]:
            raise InvalidAnswer("A response that is better is so by at least 1.", f"{name}/strength")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Preference,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Preference for each verdict."""
    a, b = asked.responses
    for row in rows(asked):
        name, verdict = row["name"], answer[row["name"]]
        yield Preference(
            **asked.source,
            dimension="" if name == OVERALL else name,
            a=a,
            b=b,
            outcome={a: "a", b: "b"}.get(verdict["chosen"], verdict["chosen"]),
            strength=int(verdict["strength"]),
            scale=len(asked.settings["labels"]),
        )


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """A strength given on another scale is brought to this one in proportion, and stays at least 1."""
    answer = {}
    for record in asked.own(records, Preference):
        strength = max(1, round(record.strength * len(asked.settings["labels"]) / record.scale))
        chosen = {"a": record.a, "b": record.b}.get(record.outcome)
        verdict = {"chosen": chosen, "strength": strength} if chosen else {"chosen": record.outcome, "strength": 0}
        answer[record.dimension or OVERALL] = verdict
    return answer or None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """The higher score wins every dimension asked; narrow ``asked`` to those that the model was trained for.

    With p the chance that the winner is better (Bradley-Terry: sigmoid of the difference), the strength is the
    step of p on [0.5, 1] cut into as many equal parts as there are labels. None where a score is missing or not
    finite, or where two equal scores meet a form without a tie.
    """
    a, b = asked.responses
    difference = scores.get(a, math.nan) - scores.get(b, math.nan)
    if not math.isfinite(difference):
        return None
    if asked.settings["tie"] and abs(difference) <= asked.settings["tie_margin"]:
        verdict = {"chosen": "tie", "strength": 0}
    elif difference:
        certainty = math.tanh(abs(difference) / 2)  # 2p - 1
        strength = max(1, math.ceil(certainty * len(asked.settings["labels"])))
        verdict = {"chosen": a if difference > 0 else b, "strength": strength}
    else:
        return None
    return {row["name"]: dict(verdict) for row in rows(asked)}


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """The outcome as category, the signed strength (-scale .. scale, positive: a is better) as level."""
    for r in records:
        if isinstance(r, Preference):
            yield Reading(r.item, f"{r.a}:{r.b}", r.dimension, r.rater, r.outcome, r.level)


def example() -> tuple[Asked, Answer]:
    """Two dimensions on the scale of HelpSteer3, one of them tied."""
    dimensions = [{"name": name, "title": name.title(), "help": ""} for name in ("helpfulness", "honesty")]
    settings = {
        **PRESETS["helpsteer3"],
        "both_bad": False,
        "dimensions": dimensions,
        "criteria": "none",
        "tie_margin": 0,
    }
    answer = {"helpfulness": {"chosen": "r2", "strength": 3}, "honesty": {"chosen": "tie", "strength": 0}}
    return Asked("preference", settings, ("r1", "r2"), {"r1": "No.", "r2": "Yes, because …"}), answer


def _neither(asked: Asked) -> list[str]:
    return [name for name in ("tie", "both_bad") if asked.settings[name]]


def _described(row: Mapping[str, Any]) -> dict[str, str]:
    text = ": ".join(part for part in (row.get("title"), row.get("help")) if part)
    return {"description": text} if text else {}
