"""Ranking: all responses in order, with ties and "not rankable" if the settings allow them.

Answer: ``{"r1": 1, "r2": 2, "r3": 2, "r4": null}``. 1 is best, equal ranks are ties, null is not rankable; ranks
are dense (after two seconds comes a third). On the schedule "tournament" (single elimination, n - 1 matches for n
responses) it holds the matches in the order played, ``{"matches": [{"a": "r3", "b": "r1", "chosen": "r1"}, …]}``:
a is the earlier seed, which goes on after a "tie"; nothing is said of pairs that never met. Pure: knows no Django.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed
from annotate.records import Outcome, Preference, Ranking, Record

TITLE = "Ranking"
SUMMARY = "All responses from best to worst, by drag or by keys, with ties; or match by match until one is left."
ARITY = None
MEASURES = ("nominal", "ordinal")
MOST = 12  # responses that a person can put in order
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "schedule": {
            "type": "string",
            "enum": ["all", "tournament"],
            "default": "all",
            "title": "Schedule",
            "description": "all: every response gets a rank; tournament: one pair after the other, the better goes on, "
            "one comparison less than there are responses.",
        },
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
    "tournament": {"schedule": "tournament", "ties": True},
}
TIE = "tie"


def schema(asked: Asked) -> dict[str, Any]:
    """A rank for each response, or what came of each match."""
    if _is_tournament(asked):
        said = f"Single elimination, seeded {', '.join(asked.drawn)}: neighbours meet, the better goes on"
        key = {"type": "string", "enum": list(asked.responses)}
        chosen = {"type": "string", "enum": [*asked.responses, *[TIE] * bool(asked.settings["ties"])]}
        count = max(len(asked.responses) - 1, 0)
        match = closed({"a": key, "b": key, "chosen": chosen})
        return closed(
            {"matches": {"type": "array", "items": match, "minItems": count, "maxItems": count, "description": said}}
        )
    aside = asked.settings["not_rankable"]
    rank = {
        "type": ["integer", "null"] if aside else "integer",
        "minimum": 1,
        "maximum": len(asked.responses),
        "description": "1 is best" + ("; null: not rankable" if aside else ""),
    }
    return closed(dict.fromkeys(asked.responses, rank))


def check(answer: Answer, asked: Asked) -> None:
    """Ranks without gaps, and without ties unless they are allowed; matches that are those of the tournament."""
    if len(asked.responses) > MOST:
        raise InvalidAnswer(f"These are {len(asked.responses)} responses; at most {MOST} can be put in order.")
    if _is_tournament(asked):
        return _check_matches(answer["matches"], asked)
    given = [rank for rank in answer.values() if rank is not None]
    if gap := next((rank for rank in range(1, max(given, default=0)) if rank not in given), None):
        raise InvalidAnswer(f"There is no rank {gap}, though there are ranks after it.")
    if not asked.settings["ties"] and (tied := next((key for key in answer if given.count(answer[key]) > 1), None)):
        raise InvalidAnswer("Shares its rank; ties are not allowed here.", tied)


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Preference,) if settings["schedule"] == "tournament" else (Ranking,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Ranking, its responses in the item's own order; of a tournament one Preference a match, and nothing else."""
    if _is_tournament(asked):
        for match in answer["matches"]:
            a, b = sorted((match["a"], match["b"]), key=asked.responses.index)
            outcome: Outcome = "a" if match["chosen"] == a else "b" if match["chosen"] == b else "tie"
            yield Preference(**asked.source, a=a, b=b, outcome=outcome, strength=int(outcome != TIE))
        return
    ranks = {key: int(answer[key]) for key in asked.responses if answer[key] is not None}
    yield Ranking(**asked.source, ranks=ranks)


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """Gaps are closed: 1, 2, 2, 4 and 1, 2, 2, 3 say the same. A tournament ends where nobody compared the pair."""
    if _is_tournament(asked):
        met = {frozenset((r.a, r.b)): {"a": r.a, "b": r.b}.get(r.outcome, TIE) for r in asked.own(records, Preference)}
        return {"matches": _matches(asked, lambda a, b: met.get(frozenset((a, b))))} if met else None
    for record in asked.own(records, Ranking):
        place = {rank: i for i, rank in enumerate(sorted(set(record.ranks.values())), 1)}
        left_out = {key: None for key in asked.responses if key not in record.ranks}
        return {**{key: place[rank] for key, rank in record.ranks.items()}, **left_out}
    return None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """The higher the score the better the rank, equal scores share one.

    None where a score is missing or not finite, or where equal scores meet a form without ties.
    """
    if _is_tournament(asked):
        return _scored_matches(scores, asked)
    values = [scores.get(key, math.nan) for key in asked.responses]
    order = sorted(set(values), reverse=True)
    if not all(map(math.isfinite, values)) or (len(order) < len(values) and not asked.settings["ties"]):
        return None
    return {key: order.index(value) + 1 for key, value in zip(asked.responses, values, strict=True)}


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """Each pair of ranked responses as a preference: "a", "b" or "tie", with level 1, -1 or 0.

    Pairs rather than a distance between rankings: consensus methods for preferences then work on rankings too,
    partial rankings need no special case, and percent agreement over the pairs of two strict rankings is
    1 - Kendall's tau distance. Of a tournament, the pairs that met.
    """
    for r in records:
        if isinstance(r, Preference):
            yield Reading(r.item, f"{r.a}:{r.b}", r.dimension, r.rater, r.outcome, r.level)
        elif isinstance(r, Ranking):
            for (a, rank_a), (b, rank_b) in combinations(r.ranks.items(), 2):
                level = (rank_b > rank_a) - (rank_b < rank_a)
                category = {1: "a", 0: "tie", -1: "b"}[level]
                yield Reading(r.item, f"{a}:{b}", r.dimension, r.rater, category, level)


def tournament(seeds: Sequence[str], decide: Callable[[str, str], str | None]) -> Iterator[tuple[str, str, str]]:
    """The matches of a single elimination: (a, b, what ``decide(a, b)`` said), a being the earlier seed.

    Neighbours meet; the last of an odd number waits, and comes first in the next round. After whatever is not b, a
    goes on. Ends where ``decide`` says None. static/annotate/feedback/_tournament.js plays the same.
    """
    left = list(seeds)
    while len(left) > 1:
        waits = [left.pop()] if len(left) % 2 else []
        won = []
        for pair in list(pairwise(left))[::2]:
            a, b = sorted(pair, key=seeds.index)
            chosen = decide(a, b)
            if chosen is None:
                return
            yield a, b, chosen
            won.append(b if chosen == b else a)
        left = waits + won


def example() -> tuple[Asked, Answer]:
    """Four responses: a first, two seconds, and one that could not be ranked."""
    keys = ("r1", "r2", "r3", "r4")
    texts = dict(zip(keys, ("Good.", "Fair.", "Fair too.", ""), strict=True))
    settings = {"schedule": "all", **PRESETS["with_ties_and_not_rankable"]}
    return Asked("ranking", settings, keys, texts), {"r1": 1, "r2": 2, "r3": 2, "r4": None}


def _is_tournament(asked: Asked) -> bool:
    return bool(asked.settings["schedule"] == "tournament")


def _matches(asked: Asked, decide: Callable[[str, str], str | None]) -> list[dict[str, str]]:
    return [{"a": a, "b": b, "chosen": chosen} for a, b, chosen in tournament(asked.drawn, decide)]


def _check_matches(given: Sequence[Mapping[str, str]], asked: Asked) -> None:
    if len(asked.responses) < 2:
        raise InvalidAnswer("One response alone meets no other.")
    said = iter(given)
    for number, (a, b, chosen) in enumerate(tournament(asked.drawn, lambda *_: next(said)["chosen"])):
        if (given[number]["a"], given[number]["b"]) != (a, b):
            raise InvalidAnswer(f"Match {number + 1} is {a} against {b}.", f"matches/{number}/a")
        if chosen not in (a, b, TIE):
            raise InvalidAnswer(f"{chosen} does not play in this match.", f"matches/{number}/chosen")


def _scored_matches(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    if not all(math.isfinite(scores.get(key, math.nan)) for key in asked.responses) or len(asked.responses) < 2:
        return None
    tie = TIE if asked.settings["ties"] else None
    matches = _matches(asked, lambda a, b: a if scores[a] > scores[b] else b if scores[b] > scores[a] else tie)
    return {"matches": matches} if len(matches) == len(asked.responses) - 1 else None
