"""A first mapping guessed from the names and values of a file's columns, and the paths that a mapping can name.

A guess is a start for a person to correct, never imported by itself. Pure: knows no Django.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

MAX_PATHS = 200
MAX_DEPTH = 4
_PROMPT = ("prompt", "messages", "question", "instruction", "query", "input", "context", "source", "text")
_PAIRS = (("response_a", "response_b"), ("output_1", "output_2"), ("response1", "response2"), ("chosen", "rejected"))
_LISTS = ("responses", "outputs", "completions", "generations", "candidates", "answers")
_SINGLE = ("response", "output", "completion", "answer", "prediction", "summary")
_RATER = ("rater", "worker_id", "worker", "annotator", "annotator_id", "user", "judge", "evaluator")
_ID = ("id", "task_id", "item_id", "uid", "key", "idx")
_RATING = ("rating", "score", "stars", "label", "grade")
_CHOICE = ("preference", "choice", "winner", "label", "better")
_WORDS = ("feedback", "critique", "comment", "explanation", "reason")


class Place(NamedTuple):
    """A path that a mapping can name: ``inside`` is the list whose elements have it, "" for the row itself."""

    path: str
    inside: str
    example: str


def places(rows: Iterable[Mapping[str, Any]]) -> list[Place]:
    """The paths of some rows, in their order, each with an example of what stands there."""
    found: dict[tuple[str, str], Place] = {}
    for row in rows:
        for place in _within(row, (), "", 0):
            known = found.get((place.inside, place.path))
            if known is None and len(found) >= MAX_PATHS:
                continue
            if known is None or not known.example:
                found[place.inside, place.path] = place
    return list(found.values())


def _within(value: Mapping[str, Any], above: tuple[str, ...], inside: str, depth: int) -> Iterator[Place]:
    for name, part in value.items():
        names = (*above, str(name))
        path = ".".join(names)
        if isinstance(part, Mapping) and part and depth < MAX_DEPTH:
            yield from _within(part, names, inside, depth + 1)
            continue
        yield Place(path, inside, _example(part))
        if isinstance(part, list) and part and isinstance(part[0], Mapping) and not inside:
            yield from _within(part[0], (), path, depth + 1)


def _example(value: Any) -> str:
    if isinstance(value, list):
        kind = type(value[0]).__name__ if value else ""
        return (
            f"{len(value)} element{'' if len(value) == 1 else 's'}{f' ({_example(value[0])})' if kind == 'str' else ''}"
        )
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= 60 else f"{text[:59]}…"


def suggest(rows: Sequence[Mapping[str, Any]]) -> str:
    """A mapping, as YAML, that these rows might mean; where nothing can be guessed, the names are to be filled in."""
    first = rows[0] if rows else {}
    prompt = _named(first, _PROMPT) or "…"
    mapping: dict[str, Any] = {}
    if found := _named(first, _ID):
        mapping["id"] = found
    mapping["prompt"] = prompt
    pair = next(((a, b) for a, b in _PAIRS if a in first and b in first), None)
    listed = next((name for name in _LISTS if isinstance(first.get(name), list)), None)
    rater = _named(first, _RATER)
    by = {"rater": rater} if rater else {}
    answers: list[dict[str, Any]] = []
    if listed:
        part = {"text": "text"} if first[listed] and isinstance(first[listed][0], dict) else {"text": "."}
        mapping["responses"] = {"list": listed, **part}
    elif pair:
        mapping["responses"] = [{"text": name} for name in pair]
        if pair == ("chosen", "rejected"):
            outcome: Any = {"constant": "a"}
        elif choice := _named(first, _CHOICE):
            outcome = {"path": choice, "map": _map(rows, choice)}
        else:
            outcome = None
        if outcome:
            answers.append({"record": "preference", **by, "fields": {"a": 0, "b": 1, "outcome": outcome}})
    else:
        mapping["responses"] = [{"text": _named(first, _SINGLE, but=prompt) or "…"}]
        rating = _named(first, _RATING)
        if rating:
            numbers = [number for row in rows if (number := _number(row.get(rating))) is not None]
            high = max([5, *numbers]) if numbers else 5
            fields = {"response": 0, "value": rating, "low": min([1, *numbers]), "high": high}
            answers.append({"record": "rating", **by, "fields": fields})
        if words := _named(first, _WORDS):
            answers.append({"record": "critique", **by, "fields": {"response": 0, "text": words}})
    if answers:
        mapping["answers"] = answers
    return yaml.safe_dump(mapping, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


def _named(row: Mapping[str, Any], wanted: Sequence[str], but: str = "") -> str:
    """The column that is called like one of these, also as a part of its name ("ASSIGNMENT:worker_id")."""
    parts = {name: re.split(r"[^a-z0-9_]+", name.lower()) for name in row if name != but}
    return next((name for word in wanted for name, own in parts.items() if word in own), "")


def _map(rows: Sequence[Mapping[str, Any]], name: str) -> dict[Any, str]:
    values = dict.fromkeys(str(row.get(name)) for row in rows)
    known = {"1": "a", "2": "b", "0": "tie", "a": "a", "b": "b", "A": "a", "B": "b", "tie": "tie", "None": "skip"}
    return {("null" if value == "None" else value): known.get(value, "skip") for value in list(values)[:12]}


def _number(value: Any) -> float | int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number.is_integer() else number
