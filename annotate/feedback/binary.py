"""Binary verdict: is a response good or bad? One key a response.

Answer: ``{"r1": "good"}``. Pairs can later be built from good and bad responses of different prompts (SoliReward).
Pure: knows no Django.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import Answer, Asked, Reading, closed
from annotate.records import Record, Verdict

TITLE = "Good or bad"
SUMMARY = "One response at a time, one key each; the fastest feedback there is."
ARITY = 1
MEASURES = ("nominal",)
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "good_label": {"type": "string", "minLength": 1, "maxLength": 40, "default": "Good", "title": "Label of good"},
        "bad_label": {"type": "string", "minLength": 1, "maxLength": 40, "default": "Bad", "title": "Label of bad"},
        "at_once": {
            "type": "boolean",
            "default": False,
            "title": "Send at once",
            "description": "The key that answers also submits, once nothing that is required is open: one key a task.",
        },
        "threshold": {
            "type": "number",
            "default": 0,
            "title": "Threshold of scores",
            "description": "A reward model calls a response good when its score is above this.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "good_bad": {},
    "one_key": {"at_once": True},
    "correct_wrong": {"good_label": "Correct", "bad_label": "Wrong"},
    "safe_unsafe": {"good_label": "Safe", "bad_label": "Unsafe"},
}


def schema(asked: Asked) -> dict[str, Any]:
    """A verdict for each response shown."""
    meaning = f"good: {asked.settings['good_label']}; bad: {asked.settings['bad_label']}"
    verdict = {"type": "string", "enum": ["good", "bad"], "description": meaning}
    return closed(dict.fromkeys(asked.responses, verdict))


def check(answer: Answer, asked: Asked) -> None:
    """The schema says it all."""


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Verdict,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Verdict for each response."""
    for key in asked.responses:
        yield Verdict(**asked.source, response=key, good=answer[key] == "good")


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """The verdicts by response."""
    return {r.response: "good" if r.good else "bad" for r in asked.own(records, Verdict)} or None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """Good above the threshold. None where a score is missing or not a number."""
    values = {key: scores.get(key, math.nan) for key in asked.responses}
    if any(map(math.isnan, values.values())):
        return None
    return {key: "good" if value > asked.settings["threshold"] else "bad" for key, value in values.items()}


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """The verdict as category."""
    for r in records:
        if isinstance(r, Verdict):
            yield Reading(r.item, r.response, r.dimension, r.rater, "good" if r.good else "bad")


def example() -> tuple[Asked, Answer]:
    """One response, good."""
    settings = {"good_label": "Correct", "bad_label": "Wrong", "at_once": False, "threshold": 0}
    return Asked("verdict", settings, ("r1",), {"r1": "7 · 8 = 56"}), {"r1": "good"}
