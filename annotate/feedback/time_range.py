"""Time range: stretches of a response's audio or video marked with a category.

Answer: ``{"r1": [{"medium": 0, "begin": 1.2, "finish": 3.4, "category": "noise"}], "r2": []}``: seconds from the
beginning; ``medium`` is the index into the response's media. An empty list says that the response was played and has
nothing to mark. Pure: knows no Django.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed, named, one_of
from annotate.records import Record, TimeRange

TITLE = "Marked time ranges"
SUMMARY = "Stretches of audio or video marked with a category and an explanation."
ARITY = None
TIMED = True
LONGEST = 86_400  # seconds: no medium is longer than a day
SLACK = 0.5  # seconds by which players and servers differ about where a medium ends
MEDIA = 64  # of one response, where nobody knows how many there are
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "categories": named(
            "Categories",
            "What a stretch can be marked as.",
            minItems=1,
            maxItems=12,
            default=[{"name": "fault", "title": "Fault"}],
        ),
        "explanation": {"type": "boolean", "default": False, "title": "Explanation", "description": "Ask why."},
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "speech": {
        "categories": [
            {"name": name, "title": name.title()} for name in ("mispronounced", "unnatural", "noise", "silence")
        ],
    },
    "video": {
        "categories": [
            {"name": "flicker", "title": "Flicker"},
            {"name": "deformed", "title": "Things lose their shape"},
            {"name": "impossible", "title": "Impossible motion"},
            {"name": "off_prompt", "title": "Not what was asked"},
        ],
        "explanation": True,
    },
}
Ranges = frozenset[tuple[str, int, float, float]]  # (category, medium, begin, finish), disjoint within both


def schema(asked: Asked) -> dict[str, Any]:
    """A list of ranges for each response."""
    return closed({key: _ranges(asked, key) for key in asked.responses})


def check(answer: Answer, asked: Asked) -> None:
    """Every range ends after it begins, and before its medium does, where that is known."""
    for key, ranges in answer.items():
        for i, given in enumerate(ranges):
            begin, finish = given["begin"], given["finish"]
            if not (math.isfinite(begin) and math.isfinite(finish)):
                raise InvalidAnswer("A time is a number of seconds.", f"{key}/{i}/begin")
            if begin >= finish:
                raise InvalidAnswer("A range ends after it begins.", f"{key}/{i}/finish")
            durations = asked.media.get(key, ())
            lasts = durations[int(given["medium"])] if durations else None
            if lasts is not None and finish > lasts + SLACK:
                raise InvalidAnswer(f"It is over after {lasts:g} s.", f"{key}/{i}/finish")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (TimeRange,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One TimeRange for each range; one from 0 to 0 for a response with nothing to mark."""
    for key in asked.responses:
        for given in answer[key] or [{"medium": 0, "begin": 0, "finish": 0, "category": ""}]:
            place = {"medium": int(given["medium"]), "begin": float(given["begin"]), "finish": float(given["finish"])}
            yield TimeRange(**{**asked.source, **given, **place}, response=key)


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """A response without a TimeRange, beside others that have some, has nothing to mark."""
    ranges = asked.own(records, TimeRange)
    fields = ["medium", "begin", "finish", "category"] + ["explanation"] * asked.settings["explanation"]
    answer: dict[str, list[dict[str, Any]]] = {key: [] for key in asked.responses}
    for one in ranges:
        given = answer.setdefault(one.response, [])
        if one.category:
            given.append({name: getattr(one, name) for name in fields})
    return answer if ranges else None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: one score does not tell when."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """One reading for each rater and response: what is marked as what, in ``content``."""
    marked: dict[tuple[str, ...], list[tuple[str, int, float, float]]] = {}
    for r in records:
        if isinstance(r, TimeRange):
            ranges = marked.setdefault((r.item, r.response, r.dimension, r.rater), [])
            if r.category:
                ranges.append((r.category, r.medium, r.begin, r.finish))
    for (item, response, dimension, rater), ranges in marked.items():
        yield Reading(item, response, dimension, rater, content=_merged(ranges))


def range_distance(x: Ranges, y: Ranges) -> float:
    """1 - F1 over marked time, time marked as two categories counting twice: 0 same, 1 disjoint.

    Two raters who mark nothing agree.
    """
    meets = (min(e, f) - max(s, t) for c, m, s, e in x for d, n, t, f in y if (c, m) == (d, n))
    both = math.fsum(max(0.0, seconds) for seconds in meets)
    total = math.fsum(finish - begin for _, _, begin, finish in (*x, *y))
    return min(1.0, max(0.0, 1 - 2 * both / total)) if total else 0.0


MEASURES = (range_distance,)


def example() -> tuple[Asked, Answer]:
    """Two faults in the first recording, overlapping; none in the second."""
    settings = {
        "categories": [{"name": n, "title": n.title(), "help": ""} for n in ("noise", "cut")],
        "explanation": True,
    }
    answer = {
        "r1": [
            {"medium": 0, "begin": 1.25, "finish": 3.5, "category": "noise", "explanation": "A hum."},
            {"medium": 0, "begin": 3.0, "finish": 4.0, "category": "cut", "explanation": ""},
        ],
        "r2": [],
    }
    media = {"r1": (8.0,), "r2": (None,)}
    return Asked("ranges", settings, ("r1", "r2"), {"r1": "", "r2": ""}, media=media), answer


def _ranges(asked: Asked, key: str) -> dict[str, Any]:
    media = asked.media.get(key)
    last = MEDIA if media is None else len(media)
    seconds = {"type": "number", "minimum": 0, "maximum": LONGEST}
    given: dict[str, Any] = {
        "medium": {"type": "integer", "minimum": 0, "maximum": max(last - 1, 0), "description": "Which medium, from 0"},
        "begin": {**seconds, "description": "Seconds from the beginning"},
        "finish": {**seconds, "description": "Seconds from the beginning"},
        "category": one_of(asked.settings["categories"]),
    }
    if asked.settings["explanation"]:
        given["explanation"] = {"type": "string", "description": "Why it is marked"}
    return {"type": "array", "items": closed(given), "maxItems": 1000 if last else 0}


def _merged(ranges: Iterable[tuple[str, int, float, float]]) -> Ranges:
    """The same time as ranges that are disjoint within their category and medium."""
    merged: list[tuple[str, int, float, float]] = []
    for category, medium, begin, finish in sorted(ranges):
        if merged and merged[-1][:2] == (category, medium) and begin <= merged[-1][3]:
            begin, finish = merged[-1][2], max(finish, merged.pop()[3])
        merged.append((category, medium, begin, finish))
    return frozenset(merged)
