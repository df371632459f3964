"""Critique: what is good or bad, in words; for each response or for all of them together.

Answer: ``{"r1": {"text": "…"}, "r2": {"text": ""}}``, or ``{"overall": {"text": "…"}}`` when the responses are
discussed together; where the settings name aspects (strengths, weaknesses), they stand in the place of
"text". An empty string is a box left empty and yields no record. Pure: knows no Django.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import OVERALL, Answer, Asked, InvalidAnswer, Reading, closed, named
from annotate.records import Critique, Record

TITLE = "Critique"
SUMMARY = "Written feedback on each response or on all together, strengths and weaknesses apart if you like."
ARITY = None
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "about": {
            "type": "string",
            "enum": ["each", "overall"],
            "default": "each",
            "title": "About",
            "description": "Each response on its own, or all of them together (why one was preferred).",
        },
        "aspects": named("Aspects", "Written apart, such as strengths and weaknesses; none: one text.", maxItems=8),
        "min_length": {
            "type": "integer",
            "minimum": 0,
            "maximum": 5000,
            "default": 0,
            "title": "Least length",
            "description": "Characters that every text must have; 0: boxes may stay empty, but not all of them.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "reason": {"about": "overall"},
    "helpsteer3": {"about": "each", "min_length": 50},
    "strengths_weaknesses": {
        "about": "each",
        "aspects": [
            {"name": "strengths", "title": "Strengths", "help": "What is good about it"},
            {"name": "weaknesses", "title": "Weaknesses", "help": "What is wrong or missing"},
        ],
    },
}
TEXT = "text"
# A word, or one character of a script that is written without blanks between words.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+"
)


def schema(asked: Asked) -> dict[str, Any]:
    """A text for each subject and aspect."""
    texts = {}
    for aspect in aspects(asked):
        meaning = ": ".join(part for part in (aspect.get("title"), aspect.get("help")) if part)
        texts[aspect["name"]] = {"type": "string", **({"description": meaning} if meaning else {})}
    return closed({subject: closed(texts) for subject in subjects(asked)})


def subjects(asked: Asked) -> tuple[str, ...]:
    """What is written about: the response keys, or "overall"."""
    return asked.responses if asked.settings["about"] == "each" else (OVERALL,)


def aspects(asked: Asked) -> list[Mapping[str, Any]]:
    """What is written apart: the aspects, or the one text."""
    return asked.settings["aspects"] or [{"name": TEXT}]


def check(answer: Answer, asked: Asked) -> None:
    """Texts that are long enough, none of blanks alone, and not all of them empty."""
    least = asked.settings["min_length"]
    for subject, texts in answer.items():
        for aspect, text in texts.items():
            written = len(text.strip())
            if written < least:
                message = f"Write at least {least} characters; there are {written}."
                raise InvalidAnswer(message, f"{subject}/{aspect}")
            if text and not written:
                raise InvalidAnswer("Holds nothing but blanks.", f"{subject}/{aspect}")
    if not any(text for texts in answer.values() for text in texts.values()):
        raise InvalidAnswer("Write something, or leave the whole question out.")


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Critique for each text that is not empty."""
    for subject in subjects(asked):
        for name in (aspect["name"] for aspect in aspects(asked)):
            if text := answer[subject][name]:
                response, aspect = "" if subject == OVERALL else subject, "" if name == TEXT else name
                yield Critique(**asked.source, response=response, text=text, aspect=aspect)


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """Boxes without a record stay empty; several texts for one box become its paragraphs."""
    written: dict[tuple[str, str], list[str]] = {}
    for r in asked.own(records, Critique):
        written.setdefault((r.response or OVERALL, r.aspect or TEXT), []).append(r.text)
    if not written:
        return None
    answer = {subject: {aspect["name"]: "" for aspect in aspects(asked)} for subject in subjects(asked)}
    for (subject, name), texts in written.items():
        answer.setdefault(subject, {})[name] = "\n\n".join(texts)
    return answer


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: a score has no words."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """The text as content."""
    for r in records:
        if isinstance(r, Critique):
            subject = f"{r.response}#{r.aspect}" if r.aspect else r.response
            yield Reading(r.item, subject, r.dimension, r.rater, content=r.text)


def text_distance(x: str, y: str) -> float:
    """1 - F1 over the words that two texts share, counted with their repetitions (SQuAD's F1): 0 same, 1 disjoint.

    Crude, but quick, symmetric, reproducible and free of any model, so its expected value under chance can be
    computed over all pairs of texts. Chinese, Japanese, Thai and Lao count by character.
    """
    words_x, words_y = (Counter(_WORD.findall(text.casefold())) for text in (x, y))
    total = words_x.total() + words_y.total()
    return 1 - 2 * (words_x & words_y).total() / total if total else 0.0


MEASURES = (text_distance,)


def example() -> tuple[Asked, Answer]:
    """Strengths and weaknesses of two responses; one has no strengths."""
    settings = {**PRESETS["strengths_weaknesses"], "min_length": 0}
    answer = {
        "r1": {"strengths": "Short and correct.", "weaknesses": "Names no source."},
        "r2": {"strengths": "", "weaknesses": "Wrong by a factor of ten."},
    }
    return Asked("critique", settings, ("r1", "r2"), {"r1": "9.81", "r2": "98.1"}), answer
