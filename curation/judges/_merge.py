"""Several answers to one question made into one, and the distribution that they make together.

Answers meet as records, so what is merged is known a record type, not a feedback kind: outcomes and marks by
weighted plurality, strengths and ratings by weighted median, ranks by their mean; of texts and passages those of the
answer that is nearest to all others. A split is undecided: a tie, a shared rank, "does not apply", where the form
allows it, else there is no answer.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import singledispatch
from itertools import combinations
from typing import Any, NamedTuple

from annotate import feedback
from annotate.feedback import OVERALL, Answer, Asked, InvalidAnswer, Reading
from annotate.records import Check, Preference, Ranking, Rating, Record, Verdict

# What differs between raters.
_SAID = {"outcome", "strength", "scale", "ranks", "value", "met", "credit", "good", "text"}
_EVEN = 1e-9


class Vote(NamedTuple):
    """An answer and what it weighs."""

    answer: Answer
    weight: float = 1.0


def merge(kind: str, asked: Asked, votes: Sequence[Vote]) -> Answer | None:
    """One answer from several; None where they do not make one that the form allows."""
    votes = [vote for vote in votes if vote.weight > 0]
    if not votes:
        return None
    module = feedback.get(kind)
    groups: dict[Hashable, list[tuple[Record, float]]] = defaultdict(list)
    nearest = _medoid(kind, asked, votes)
    for place, (answer, weight) in enumerate(votes):
        for record in module.to_records(answer, asked):
            if _merged.dispatch(type(record)) is not _merged.dispatch(Record):
                groups[_slot(record)].append((record, weight))
            elif place == nearest:
                groups[len(groups)].append((record, weight))
    merged = [_merged(group[0][0], group) for group in groups.values()]
    if any(record is None for record in merged):
        return None
    answer = module.from_records((record for record in merged if record is not None), asked)
    try:
        feedback.validate(kind, answer, asked)
    except InvalidAnswer:
        return None
    return answer


def distribution(kind: str, asked: Asked, votes: Sequence[Vote]) -> dict[str, dict[str, float]]:
    """Weighted share of each choice by what is chosen, as `Judgement.probs` has it; in the order first said."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for answer, weight in votes:
        for slot, choice in choices(kind, asked, answer).items():
            found[slot][choice] += weight
    return {
        slot: {choice: share / total for choice, share in shares.items()}
        for slot, shares in found.items()
        if (total := sum(shares.values())) > 0
    }


def choices(kind: str, asked: Asked, answer: Answer) -> dict[str, str]:
    """What an answer chooses: by dimension where one pair is compared, else by subject; no texts, no passages."""
    module = feedback.get(kind)
    pairs = {f"{a}:{b}": {"a": a, "b": b} for a, b in combinations(asked.responses, 2)}
    found = {}
    for reading in module.readings(module.to_records(answer, asked)):
        if reading.category:
            dimension = reading.dimension or OVERALL
            compared = pairs.get(reading.subject)
            only_pair = compared and module.ARITY == 2
            slot = dimension if only_pair else "/".join(filter(None, (reading.subject, reading.dimension)))
            found[slot] = (compared or {}).get(reading.category, reading.category)
    return found


def consistent(kind: str, asked: Asked, answers: Sequence[Answer]) -> dict[str, bool]:
    """For each thing chosen, whether all answers choose the same."""
    said = [choices(kind, asked, answer) for answer in answers]
    slots = dict.fromkeys(slot for one in said for slot in one)
    return {slot: len({one.get(slot) for one in said}) == 1 for slot in slots}


@singledispatch
def _merged(record: Record, group: Sequence[tuple[Any, float]]) -> Record | None:
    """What the records of one slot say together; here: what only the nearest answer says."""
    return record


@_merged.register
def _(record: Preference, group: Sequence[tuple[Preference, float]]) -> Record:
    outcome = _plurality((r.outcome, weight) for r, weight in group)
    if outcome not in ("a", "b"):
        return replace(record, outcome=outcome or "tie", strength=0)
    strength = _median([(r.strength, weight) for r, weight in group if r.outcome == outcome])
    return replace(record, outcome=outcome, strength=int(strength))


@_merged.register
def _(record: Ranking, group: Sequence[tuple[Ranking, float]]) -> Record:
    total = sum(weight for _, weight in group)
    ranks: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for r, weight in group:
        for key, rank in r.ranks.items():
            ranks[key].append((rank, weight))
    means = {}
    for key, given in ranks.items():
        share = sum(weight for _, weight in given)
        if share >= total / 2:  # most of them ranked it
            means[key] = round(sum(rank * weight for rank, weight in given) / share, 9)
    order = sorted(set(means.values()))
    return replace(record, ranks={key: order.index(mean) + 1 for key, mean in means.items()})


@_merged.register
def _(record: Check, group: Sequence[tuple[Check, float]]) -> Record:
    met, credit = _plurality(((r.met, r.credit), weight) for r, weight in group) or (None, None)
    return replace(record, met=met, credit=credit)


@_merged.register
def _(record: Verdict, group: Sequence[tuple[Verdict, float]]) -> Record | None:
    good = _plurality((r.good, weight) for r, weight in group)
    return None if good is None else replace(record, good=good)


@_merged.register
def _(record: Rating, group: Sequence[tuple[Rating, float]]) -> Record:
    return replace(record, value=_median([(r.value, weight) for r, weight in group]))


def _slot(record: Record) -> Hashable:
    """What a record is about, whoever said it."""
    about = (getattr(record, field.name) for field in fields(record) if field.name not in _SAID)
    return (record.name, *about)


def _plurality(said: Iterable[tuple[Any, float]]) -> Any:
    """What weighs most; None where two things weigh the same."""
    weights: dict[Any, float] = defaultdict(float)
    for what, weight in said:
        weights[what] += weight
    top = max(weights.values())
    best = [what for what, weight in weights.items() if weight >= top - _EVEN]
    return best[0] if len(best) == 1 else None


def _median(said: Sequence[tuple[float, float]]) -> float:
    """Weighted median, the lower one of two: a value that was really said."""
    half, reached = sum(weight for _, weight in said) / 2, 0.0
    for value, weight in sorted(said):
        reached += weight
        if reached >= half - _EVEN:
            return value
    raise ValueError("There is nothing to take the median of.")


def _medoid(kind: str, asked: Asked, votes: Sequence[Vote]) -> int:
    """Place of the answer whose contents are the nearest to all others', by the kind's own distance."""
    module = feedback.get(kind)
    distance = next((measure for measure in module.MEASURES if callable(measure)), None)
    if distance is None or len(votes) < 3:
        return 0
    contents: list[Mapping[tuple[str, str], Any]] = [
        {(r.subject, r.dimension): r.content for r in _contents(module.readings(module.to_records(answer, asked)))}
        for answer, _ in votes
    ]

    def apart(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> float:
        return sum(distance(one[at], other[at]) if at in one and at in other else 1.0 for at in one.keys() | other)

    totals = [sum(v.weight * apart(one, other) for v, other in zip(votes, contents, strict=True)) for one in contents]
    return totals.index(min(totals))


def _contents(readings: Iterable[Reading]) -> Iterable[Reading]:
    return (reading for reading in readings if reading.content is not None)
