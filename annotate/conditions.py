"""When a question is asked: always, or only where an earlier answer says so ("why?" only when it is not a tie).

A condition points into the answer to an earlier question of the same form and says what has to be there:

    {"question": "preference", "path": "overall/chosen", "not_in": ["tie", "both_bad"]}
    {"question": "preference", "path": "*/strength", "at_least": 2}

``path``: names of parts, joined by "/"; "*" takes every part at its place (each response, dimension or mark), "" is the
answer itself. One of ``in`` and ``not_in`` (values), ``at_least`` and ``at_most`` (a number). It holds if *any* value
at the path fits, and never where the earlier question was not answered. Response keys differ by item, so conditions
speak about what is the same for all of them: "tie", a category, a strength. {}: always asked.

``static/annotate/conditions.js`` says the same in the browser; both are held to ``tests/annotate/conditions.json``.
Pure: knows no Django.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Condition = Mapping[str, Any]
VALUES = ("in", "not_in")
BOUNDS = ("at_least", "at_most")
MOST_VALUES = 50
MOST_DEPTH = 12


class InvalidCondition(ValueError):
    """A condition that says nothing, or something that cannot be; ``path`` names the part at fault."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


def check(condition: Any, earlier: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Raise `InvalidCondition` unless it may stand in a form.

    ``earlier``: the places in the answers to each question that comes before, as `places` gives them; a question
    whose places are not known before there is an item has none, and then any path will do.
    """
    if not isinstance(condition, Mapping):
        raise InvalidCondition("A condition is an object, such as {question, path, in: [values]}.")
    if not condition:
        return
    operators = [name for name in (*VALUES, *BOUNDS) if name in condition]
    if unknown := sorted(condition.keys() - {"question", "path", *VALUES, *BOUNDS}):
        raise InvalidCondition(f"A condition has no {unknown[0]!r}.", str(unknown[0]))
    name = condition.get("question")
    if not isinstance(name, str) or name not in earlier:
        known = f"those before are {', '.join(earlier)}" if earlier else "there is none before it"
        raise InvalidCondition(f"It has to name a question that comes before: {known}.", "question")
    path = condition.get("path", "")
    if not isinstance(path, str) or len(path) > 300:
        raise InvalidCondition("The path is text such as “overall/chosen”.", "path")
    known_paths = [str(place["path"]) for place in earlier[name]]
    if known_paths and not any(_fits(path, other) for other in known_paths):
        raise InvalidCondition(f"The answers to {name!r} have no {path!r}; they have {', '.join(known_paths)}.", "path")
    if len(operators) != 1:
        raise InvalidCondition(f"Give one of {', '.join((*VALUES, *BOUNDS))}.")
    (operator,) = operators
    wanted = condition[operator]
    if operator in BOUNDS and not _is_number(wanted):
        raise InvalidCondition("A bound is a number.", operator)
    if operator in VALUES:
        if not isinstance(wanted, list) or not wanted or len(wanted) > MOST_VALUES:
            raise InvalidCondition(f"Give a list of 1 to {MOST_VALUES} values.", operator)
        if not all(value is None or isinstance(value, str | int | float | bool) for value in wanted):
            raise InvalidCondition("Values are texts, numbers, true, false or null.", operator)


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Whether the question is asked, given the answers to those before it; of any shape, for people send anything."""
    if not condition:
        return True
    answer = answers.get(condition["question"])
    if answer is None:
        return False
    path = condition.get("path", "")
    return any(_passes(condition, value) for value in _values(answer, path.split("/") if path else []))


def asked(conditions: Iterable[tuple[str, Condition]], answers: Mapping[str, Any]) -> set[str]:
    """Names of the questions that are asked, of (name, condition) in the form's order.

    The answer to a question that is not asked itself counts for nothing.
    """
    found: dict[str, Any] = {}
    names = set()
    for name, condition in conditions:
        if holds(condition, found):
            names.add(name)
            found[name] = answers.get(name)
    return names


def places(schema: Mapping[str, Any], responses: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What a condition can speak about in answers of one JSON Schema: [{path, values}], the outermost first.

    Where parts are named after responses, the path says "*", and responses are no values. ``values``: those that the
    schema lists, or None where it is open; ``number`` tells whether they are numbers.
    """
    found: dict[str, dict[str, Any]] = {}
    for path, part in _leaves(schema, frozenset(responses), ()):
        values = [value for value in part["enum"] if value not in responses] if "enum" in part else None
        kinds = part.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        listed = [value for value in values or [] if value is not None]
        number = all(map(_is_number, listed)) if listed else bool({"integer", "number"} & set(kinds))
        if "boolean" in kinds and values is None:
            values = [True, False]
        place = found.setdefault("/".join(path), {"path": "/".join(path), "values": values, "number": number})
        if values and place["values"]:
            place["values"] += [value for value in values if value not in place["values"]]
    return list(found.values())


def in_words(condition: Condition) -> str:
    """What a condition says, for lists and messages: ``preference, overall/chosen: not tie, both_bad``."""
    if not condition:
        return "always"
    where = ", ".join(part for part in (condition["question"], condition.get("path", "")) if part)
    for operator, said in (("in", ""), ("not_in", "not "), ("at_least", "at least "), ("at_most", "at most ")):
        if operator in condition:
            wanted = condition[operator]
            return f"{where}: {said}{', '.join(map(str, wanted)) if isinstance(wanted, list) else wanted}"
    return where


def _values(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    name, rest = path[0], path[1:]
    parts: Iterable[Any]
    if isinstance(value, Mapping):
        parts = value.values() if name == "*" else [value[name]] if name in value else []
    elif isinstance(value, list | tuple) and name == "*":
        parts = value
    else:
        return
    for part in parts:
        yield from _values(part, rest)


def _passes(condition: Condition, value: Any) -> bool:
    if "in" in condition:
        return any(_same(value, wanted) for wanted in condition["in"])
    if "not_in" in condition:
        return not any(_same(value, wanted) for wanted in condition["not_in"])
    if not _is_number(value):
        return False
    if "at_least" in condition:
        return bool(value >= condition["at_least"])
    return bool(value <= condition["at_most"])


def _same(value: Any, wanted: Any) -> bool:
    """Equal as JSON has it: true is not 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(path: str, place: str) -> bool:
    given, known = path.split("/"), place.split("/")
    return len(given) == len(known) and all(a == b or "*" in (a, b) for a, b in zip(given, known, strict=True))


def _leaves(
    schema: Any, responses: frozenset[str], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(schema, Mapping) or len(path) > MOST_DEPTH:
        return
    branches = [branch for name in ("anyOf", "oneOf", "allOf") for branch in schema.get(name, [])]
    inside = [(("*" if name in responses else name), part) for name, part in schema.get("properties", {}).items()]
    inside += [("*", schema[name]) for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
    for branch in branches:
        yield from _leaves(branch, responses, path)
    for name, part in inside:
        yield from _leaves(part, responses, (*path, name))
    if not branches and not inside and ("enum" in schema or schema.get("type") not in (None, "object", "array")):
        yield path, schema
