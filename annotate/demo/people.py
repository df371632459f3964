"""Made-up people who judge pairs of known quality, each with a sharpness, habits and a pace of their own.

A person sees two candidates in an order of chance and feels the difference of their grades times their sharpness,
plus what the first place adds for them. Rao and Kupper's model (doi:10.1080/01621459.1967.10482901) turns that into
better, tie or worse; how much better goes by the size of what was felt. Seeded by person and pair, so that the same
content always gets the same votes.
"""

import hashlib
import math
import random
from dataclasses import dataclass
from typing import Any

from annotate.demo import OVERALL, Candidate, Sample

STRENGTHS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """How somebody judges.

    Attributes
    ----------
    sharpness : weight of one grade of difference, in logits; 0 guesses.
    first_place : what standing first adds, in logits.
    tie_width : the larger, the more ties; 0 never ties.
    seconds : median time a pair takes them.
    """

    name: str
    sharpness: float
    first_place: float = 0.0
    tie_width: float = 0.5
    seconds: float = 40.0


PEOPLE = (
    Person("demo-amara", 2.6, seconds=55),
    Person("demo-bjorn", 2.2, seconds=48),
    Person("demo-chen", 2.0, tie_width=0.9, seconds=42),
    Person("demo-dalia", 1.7, seconds=37),
    Person("demo-emil", 1.4, tie_width=0.2, seconds=31),
    Person("demo-fatou", 1.2, first_place=0.9, seconds=28),
    Person("demo-gus", 0.0, first_place=0.4, tie_width=0.1, seconds=6),
)


def votes(sample: Sample, *, a: int, b: int, voters: int, dimensions: tuple[str, ...]) -> list[dict[str, Any]]:
    """Votes of ``voters`` people on candidates ``a`` and ``b``, one a dimension, as the ``votes`` format has them.

    ``dimensions`` names grades of the candidates; "overall" is the judgement as a whole.
    """
    chance = _chance(sample.id, a, b)
    found = []
    for person in chance.sample(PEOPLE, voters):
        own = _chance(person.name, sample.id, a, b)
        first = own.random() < 0.5
        seconds = round(person.seconds * math.exp(own.gauss(0, 0.4)), 1)
        for dimension in dimensions:
            pair = sample.candidates[a], sample.candidates[b]
            choice, strength = _judge(person, *pair, dimension, a_first=first, chance=own)
            vote = {"rater": person.name, "between": [a, b], "choice": choice, "seconds": seconds}
            if strength:
                vote |= {"strength": strength, "scale": STRENGTHS}
            if dimension != OVERALL:
                vote["dimension"] = dimension
            elif person.sharpness and choice in ("a", "b"):
                vote["reason"] = _reason(pair[1] if choice == "a" else pair[0], own)
            found.append(vote)
    return found


def _judge(
    person: Person, a: Candidate, b: Candidate, dimension: str, *, a_first: bool, chance: random.Random
) -> tuple[str, int]:
    felt = person.sharpness * (a.grades[dimension] - b.grades[dimension])
    felt += person.first_place if a_first else -person.first_place
    better = 1 / (1 + math.exp(person.tie_width - felt))
    worse = 1 / (1 + math.exp(person.tie_width + felt))
    draw = chance.random()
    if better <= draw < 1 - worse:
        return "tie", 0
    strength = min(STRENGTHS, max(1, round(abs(felt) / 2 + chance.gauss(0, 0.4))))
    return ("a" if draw < better else "b"), strength


def _reason(worse: Candidate, chance: random.Random) -> str:
    """Some people say why."""
    return f"The other one {worse.flaw}." if worse.flaw and chance.random() < 0.6 else ""


def _chance(*words: object) -> random.Random:
    digest = hashlib.sha256("\0".join(map(str, words)).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))
