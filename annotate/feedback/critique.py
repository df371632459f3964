"""Critique: what is good or bad, in words; for each response or for all of them together.

Answer: ``{"r1": {"text": "…"}, "r2": {"text": ""}}``, or ``{"overall": {"text": "…"}}`` when the responses are
discussed together; where the settings name aspects (strengths, weaknesses), they stand in the place of
"text". An empty string is a box left empty and yields no record. Of each response it may also be asked which errors
it has, of a list, and for a score from 0 to 5, with the failure named (in the last aspect) where it is below 5:
``{"r1": {"text": "…", "errors": {"arithmetic": "yes", "redundancy": "no"}, "score": 3}}``. Pure: knows no Django.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import OVERALL, Answer, Asked, InvalidAnswer, Reading, closed, named
from annotate.records import Check, Critique, Rating, Record

TITLE = "Critique"
SUMMARY = "Written feedback on each response or on all together, with errors and a score if you like."
ARITY = None
ERRORS, SCORE = "errors", "score"
TOP = 5  # the score of a response in which nothing fails


def _not_named(name: str) -> dict[str, Any]:
    """No aspect may have the name of what else is answered about a response."""
    return {"properties": {"aspects": {"items": {"properties": {"name": {"not": {"const": name}}}}}}}


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
        ERRORS: named(
            "Errors", "Which of these each response has, or none; not asked about all together.", maxItems=30
        ),
        SCORE: {
            "type": "boolean",
            "default": False,
            "title": f"Score from 0 to {TOP}",
            "description": f"Of each response; below {TOP} what fails must be said (of several aspects, in the last). "
            "Not asked about all together.",
        },
    },
    "allOf": [
        {"if": {"required": [SCORE], "properties": {SCORE: {"const": True}}}, "then": _not_named(SCORE)},
        {"if": {"required": [ERRORS], "properties": {ERRORS: {"minItems": 1}}}, "then": _not_named(ERRORS)},
    ],
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
    "score_with_failures": {  # RewardEdit: 0 to 5, the failure named in words
        "aspects": [{"name": "failures", "title": "What fails", "help": "Each fault, and where it is"}],
        "score": True,
    },
    "shepherd": {  # error types of Wang et al. 2023, https://arxiv.org/abs/2308.04592
        "errors": [
            {"name": "arithmetic", "title": "Arithmetic", "help": "A sum or figure is worked out wrongly"},
            {"name": "coherence_and_deduction", "title": "Coherence and deduction", "help": "Steps do not follow"},
            {"name": "commonsense", "title": "Commonsense", "help": "Against what everybody knows"},
            {"name": "consistency_with_context", "title": "Consistency with context", "help": "Against what was given"},
            {"name": "redundancy", "title": "Redundancy", "help": "Says what nobody needs, or says it twice"},
            {"name": "veracity", "title": "Veracity", "help": "States as a fact what is none"},
        ],
    },
}
TEXT = "text"
_FOUND = {"yes": True, "no": False}
# A word, or one character of a script that is written without blanks between words.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]+"
)


def schema(asked: Asked) -> dict[str, Any]:
    """A text for each subject and aspect, and of each response the errors and the score that are asked."""
    texts: dict[str, Any] = {}
    for aspect in aspects(asked):
        meaning = ": ".join(part for part in (aspect.get("title"), aspect.get("help")) if part)
        texts[aspect["name"]] = {"type": "string", **({"description": meaning} if meaning else {})}
    if asks(ERRORS, asked.settings):
        found = {}
        for error in asked.settings[ERRORS]:
            meaning = ": ".join(part for part in (error.get("title"), error.get("help")) if part)
            found[error["name"]] = {"type": "string", "enum": list(_FOUND), "description": meaning or error["name"]}
        texts[ERRORS] = closed(found)
    if asks(SCORE, asked.settings):
        meaning = f"{TOP}: nothing fails; 0: everything does. Below {TOP} say what fails."
        texts[SCORE] = {"type": "integer", "minimum": 0, "maximum": TOP, "description": meaning}
    return closed({subject: closed(texts) for subject in subjects(asked)})


def asks(what: str, settings: Mapping[str, Any]) -> bool:
    """Whether errors, or a score, are asked of each response."""
    return bool(settings[what]) and settings["about"] == "each"


def subjects(asked: Asked) -> tuple[str, ...]:
    """What is written about: the response keys, or "overall"."""
    return asked.responses if asked.settings["about"] == "each" else (OVERALL,)


def aspects(asked: Asked) -> list[Mapping[str, Any]]:
    """What is written apart: the aspects, or the one text."""
    return asked.settings["aspects"] or [{"name": TEXT}]


def check(answer: Answer, asked: Asked) -> None:
    """Texts that are long enough, none of blanks alone, one where something fails, and something said at all."""
    least = asked.settings["min_length"]
    names = [aspect["name"] for aspect in aspects(asked)]
    for subject, given in answer.items():
        for name in names:
            text = given[name]
            written = len(text.strip())
            if written < least:
                message = f"Write at least {least} characters; there are {written}."
                raise InvalidAnswer(message, f"{subject}/{name}")
            if text and not written:
                raise InvalidAnswer("Holds nothing but blanks.", f"{subject}/{name}")
        if given.get(SCORE, TOP) < TOP and not given[names[-1]]:
            raise InvalidAnswer(f"Say what fails; only {TOP} needs no words.", f"{subject}/{names[-1]}")
    more = asks(ERRORS, asked.settings) or asks(SCORE, asked.settings)
    if not more and not any(given[name] for given in answer.values() for name in names):
        raise InvalidAnswer("Write something, or leave the whole question out.")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    beside = ((Check, ERRORS), (Rating, SCORE))
    return (Critique, *(record for record, what in beside if asks(what, settings)))


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Critique for each text that is not empty; a Check for each error, present or not; a Rating for the score."""
    for subject in subjects(asked):
        given, response = answer[subject], "" if subject == OVERALL else subject
        for name in (aspect["name"] for aspect in aspects(asked)):
            if text := given[name]:
                yield Critique(**asked.source, response=response, text=text, aspect="" if name == TEXT else name)
        for error, found in given[ERRORS].items() if asks(ERRORS, asked.settings) else ():
            yield Check(**asked.source, response=response, criterion=error, met=_FOUND[found], points=-1)
        if asks(SCORE, asked.settings):
            yield Rating(**asked.source, response=response, value=float(given[SCORE]), low=0.0, high=float(TOP))


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """Boxes without a record stay empty; several texts for one box become its paragraphs.

    A score given on another scale is brought to this one in proportion, and rounded.
    """
    records = list(records)
    written: dict[tuple[str, str], list[str]] = {}
    for r in asked.own(records, Critique):
        written.setdefault((r.response or OVERALL, r.aspect or TEXT), []).append(r.text)
    more: dict[str, dict[str, Any]] = {}
    for check in asked.own(records, Check) if asks(ERRORS, asked.settings) else ():
        more.setdefault(check.response, {}).setdefault(ERRORS, {})[check.criterion] = "yes" if check.met else "no"
    for rating in asked.own(records, Rating) if asks(SCORE, asked.settings) else ():
        length = rating.high - rating.low
        value = round((rating.value - rating.low) / length * TOP) if length > 0 else rating.value
        more.setdefault(rating.response, {})[SCORE] = value
    if not written and not more:
        return None
    answer: dict[str, dict[str, Any]] = {
        subject: {aspect["name"]: "" for aspect in aspects(asked)} for subject in subjects(asked)
    }
    for (subject, name), texts in written.items():
        answer.setdefault(subject, {})[name] = "\n\n".join(texts)
    for subject, given in more.items():
        answer.setdefault(subject, {}).update(given)
    return answer


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: a score has no words."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """The text as content; each error as a category, "yes" or "no"; the score as level."""
    for r in records:
        if isinstance(r, Critique):
            subject = f"{r.response}#{r.aspect}" if r.aspect else r.response
            yield Reading(r.item, subject, r.dimension, r.rater, content=r.text)
        elif isinstance(r, Check):
            found = "yes" if r.met else "no"
            yield Reading(r.item, f"{r.response}#{r.criterion}", r.dimension, r.rater, found)
        elif isinstance(r, Rating):
            yield Reading(r.item, f"{r.response}#{SCORE}", r.dimension, r.rater, level=r.value)


def text_distance(x: str, y: str) -> float:
    """1 - F1 over the words that two texts share, counted with their repetitions (SQuAD's F1): 0 same, 1 disjoint.

    Crude, but quick, symmetric, reproducible and free of any model, so its expected value under chance can be
    computed over all pairs of texts. Chinese, Japanese, Thai and Lao count by character.
    """
    words_x, words_y = (Counter(_WORD.findall(text.casefold())) for text in (x, y))
    total = words_x.total() + words_y.total()
    return 1 - 2 * (words_x & words_y).total() / total if total else 0.0


MEASURES = (text_distance, "nominal", "ordinal")


def example() -> tuple[Asked, Answer]:
    """Strengths and weaknesses of two responses, an error of the one that is wrong, and their scores."""
    settings = {
        **PRESETS["strengths_weaknesses"],
        "min_length": 0,
        "errors": [{"name": "arithmetic", "title": "Arithmetic", "help": "A figure is worked out wrongly"}],
        "score": True,
    }
    answer = {
        "r1": {
            **{"strengths": "Short and correct.", "weaknesses": "Names no source."},
            **{"errors": {"arithmetic": "no"}, "score": 4},
        },
        "r2": {
            **{"strengths": "", "weaknesses": "Wrong by a factor of ten."},
            **{"errors": {"arithmetic": "yes"}, "score": 1},
        },
    }
    return Asked("critique", settings, ("r1", "r2"), {"r1": "9.81", "r2": "98.1"}), answer
