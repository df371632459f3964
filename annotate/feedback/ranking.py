"""Ranking: all responses in order, with ties and "not rankable" if the settings allow them.

Answer: ``{"r1": 1, "r2": 2, "r3": 2, "r4": null}``. 1 is best, equal ranks are ties, null is not rankable; ranks
are dense (after two seconds comes a third). Pure: knows no Django.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed
from annotate.records import Ranking, Record

TITLE = "Ranking"
SUMMARY = "All responses from best to worst, by drag or by keys, with ties."
ARITY = None
MEASURES = ("nominal", "ordinal")
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ties": {
            "type": "boolean",
            "default": True,
            "title": "Ties",
            "description": "Several responses may share a rank.",
        },
        "not_rankable": {
            "type": "boolean",
            "default": False,
            "title": "Not rankable",
            "description": "A response may be put aside, such as one that is empty or in another language.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "strict": {"ties": False},
    "with_ties": {"ties": True},
    "with_ties_and_not_rankable": {"ties": True, "not_rankable": True},
}


def schema(asked: Asked) -> dict[str, Any]:
    """A rank for each response."""
    aside = asked.settings["not_rankable"]
    rank = {
        "type": ["integer", "null"] if aside else "integer",
        "minimum": 1,
        "maximum": len(asked.responses),
        "description": "1 is best" + ("; null: not rankable" if aside else ""),
    }
    return closed(dict.fromkeys(asked.responses, rank))


def check(answer: Answer, asked: Asked) -> None:
    """Ranks without gaps, and without ties unless they are allowed."""
    given = [rank for rank in answer.values() if rank is not None]
    if gap := next((rank for rank in range(1, max(given, default=0)) if rank not in given), None):
        raise InvalidAnswer(f"There is no rank {gap}, though there are ranks after it.")
    if not asked.settings["ties"] and (tied := next((key for key in answer if given.count(answer[key]) > 1), None)):
        raise InvalidAnswer("Shares its rank; ties are not allowed here.", tied)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Ranking, its responses in the item's own order."""
    ranks = {key: int(answer[key]) for key in asked.responses if answer[key] is not None}
    yield Ranking(**asked.source, ranks=ranks)


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """Gaps are closed: 1, 2, 2, 4 and 1, 2, 2, 3 say the same."""
    for record in asked.own(records, Ranking):
        place = {rank: i for i, rank in enumerate(sorted(set(record.ranks.values())), 1)}
        left_out = {key: None for key in asked.responses if key not in record.ranks}
        return {**{key: place[rank] for key, rank in record.ranks.items()}, **left_out}
    return None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """The higher the score the better the rank, equal scores share one.

    None where a score is missing or not finite, or where equal scores meet a form without ties.
    """
    values = [scores.get(key, math.nan) for key in asked.responses]
    order = sorted(set(values), reverse=True)
    if not all(map(math.isfinite, values)) or (len(order) < len(values) and not asked.settings["ties"]):
        return None
    return {key: order.index(value) + 1 for key, value in zip(asked.responses, values, strict=True)}


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """Each pair of ranked responses as a preference: "a", "b" or "tie", with level 1, -1 or 0.

    Pairs rather than a distance between rankings: consensus methods for preferences then work on rankings too,
    partial rankings need no special case, and percent agreement over the pairs of two strict rankings is
    1 - Kendall's tau distance.
    """
    for r in records:
        if isinstance(r, Ranking):
            for (a, rank_a), (b, rank_b) in combinations(r.ranks.items(), 2):
                level = (rank_b > rank_a) - (rank_b < rank_a)
                category = {1: "a", 0: "tie", -1: "b"}[level]
                yield Reading(r.item, f"{a}:{b}", r.dimension, r.rater, category, level)


def example() -> tuple[Asked, Answer]:
    """Four responses: a first, two seconds, and one that could not be ranked."""
    keys = ("r1", "r2", "r3", "r4")
    texts = dict(zip(keys, ("Good.", "Fair.", "Fair too.", ""), strict=True))
    return Asked("ranking", PRESETS["with_ties_and_not_rankable"], keys, texts), {"r1": 1, "r2": 2, "r3": 2, "r4": None}
