"""Made-up people who judge pairs of known quality, each with a reliability, habits and a pace that are known as well.

A person sees two candidates in an order of chance. In the Bradley–Terry manner, the log-odds that the first one wins
are the difference of the grades times the person's sharpness, plus what its place and its length add for them; ties
follow Davidson (1970, https://doi.org/10.1080/01621459.1970.10481082). Seeded by person and pair, so that the same
content always gets the same votes, whatever else is judged.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from annotate.demo import OVERALL, Candidate, Sample

STRENGTHS = 3
DAYS = 12  # over which the votes are spread
LOOK = 9.0  # seconds that a picture takes, at the pace of 25 characters a second


@dataclass(frozen=True, slots=True)
class Person:
    """How somebody judges; what consensus can be held against.

    Attributes
    ----------
    accuracy : chance that the better of two candidates one grade apart is chosen, where one is chosen at all.
    ties : chance of a tie between two of the same grade.
    first : chance that the candidate shown first is chosen out of two of the same grade; 0.5 is no bias.
    longer : the same for a text twice as long as the other.
    attention : share of the pairs that are looked at; the rest is guessed.
    pace : characters read in a second.
    talks : chance that a reason is written.
    """

    name: str
    accuracy: float
    ties: float = 0.3
    first: float = 0.5
    longer: float = 0.5
    attention: float = 1.0
    pace: float = 25.0
    talks: float = 0.5

    def odds(self, first: Candidate, second: Candidate, dimension: str = OVERALL) -> tuple[float, float, float]:
        """Chances that the first one wins, that they tie, and that the second one wins, when both are looked at."""
        felt = logit(self.accuracy) * (first.grades[dimension] - second.grades[dimension])
        felt += logit(self.first) + logit(self.longer) * doublings(first, second)
        return davidson(felt, self.ties)

    def guess(self) -> tuple[float, float, float]:
        """The same when neither is looked at: the grades count for nothing."""
        return davidson(logit(self.first), self.ties)


PEOPLE = (
    Person("demo-amara", 0.92, first=0.52, pace=20, talks=0.8),
    Person("demo-bjorn", 0.89, ties=0.25, pace=24, talks=0.6),
    Person("demo-chen", 0.87, ties=0.55, pace=26),
    Person("demo-dalia", 0.84, first=0.55, pace=30, talks=0.7),
    Person("demo-emil", 0.81, ties=0.1, pace=34, talks=0.3),
    Person("demo-fatou", 0.78, first=0.72, pace=38, talks=0.4),
    Person("demo-goran", 0.78, longer=0.72, pace=36, talks=0.4),
    Person("demo-hale", 0.75, ties=0.1, first=0.7, attention=0.25, pace=60, talks=0.05),
)
REASONS = (
    "The other one {flaw}.",
    "I took this one because the other {flaw}.",
    "What settled it: the other one {flaw}.",
)


def votes(
    sample: Sample,
    *,
    a: int,
    b: int,
    voters: int,
    dimensions: Sequence[str],
    both_bad: bool = False,
    until: datetime | None = None,
) -> list[dict[str, Any]]:
    """Votes of ``voters`` people on candidates ``a`` and ``b``, one a dimension, as the ``votes`` format has them.

    ``dimensions`` names grades of the candidates, "overall" the judgement as a whole; ``both_bad`` says that the form
    knows that answer; with ``until`` the votes are dated, over the days before. ``first`` of a vote is the candidate
    that was shown first.
    """
    pair = f"{sample.id}:{a}:{b}"
    chosen = random.Random(pair).sample(PEOPLE, voters)
    return [vote for person in chosen for vote in _answer(person, sample, (a, b), dimensions, both_bad, until)]


def _answer(
    person: Person,
    sample: Sample,
    between: tuple[int, int],
    dimensions: Sequence[str],
    both_bad: bool,
    until: datetime | None,
) -> list[dict[str, Any]]:
    """What one person says of one pair, dimension by dimension."""
    chance = random.Random(f"{person.name}:{sample.id}:{between[0]}:{between[1]}")
    first, second = between if chance.random() < 0.5 else between[::-1]
    shown = sample.candidates[first], sample.candidates[second]
    looks = chance.random() < person.attention
    common = {
        "rater": person.name,
        "between": list(between),
        "first": first,
        "seconds": _seconds(person, shown, looks, chance),
    }
    if until is not None:
        common["submitted_at"] = _moment(until, chance).isoformat()
    found = []
    for dimension in dimensions:
        odds = person.odds(*shown, dimension) if looks else person.guess()
        place = chance.choices((0, None, 1), weights=odds)[0]
        vote = {**common, "choice": "tie"}
        if place is not None:
            winner, loser = shown[place], shown[1 - place]
            vote["choice"] = "a" if (first, second)[place] == between[0] else "b"
            lead = winner.grades[dimension] - loser.grades[dimension]
            vote |= {"strength": _strength(lead, looks, chance), "scale": STRENGTHS}
        elif both_bad and looks and dimension == OVERALL and max(c.grades[OVERALL] for c in shown) <= 1:
            vote["choice"] = "both_bad"
        if dimension == OVERALL:
            if looks and chance.random() < person.talks:
                vote["reason"] = _reason(shown, place, chance)
        else:
            vote["dimension"] = dimension
        found.append(vote)
    return found


def _strength(lead: int, looks: bool, chance: random.Random) -> int:
    """How much better, 1 .. `STRENGTHS`: by the grades between them, roughly; faint where one is mistaken."""
    felt = max(lead, 1) + chance.gauss(0, 0.5) if looks else chance.uniform(1, STRENGTHS)
    return min(STRENGTHS, max(1, round(felt)))


def _reason(shown: tuple[Candidate, Candidate], place: int | None, chance: random.Random) -> str:
    """A sentence from the flaws; those who prefer the flawless one's rival can only say that they like it."""
    if place is None:
        flaws = [candidate.flaw for candidate in shown if candidate.flaw]
        return f"One {flaws[0]}, the other {flaws[1]}." if len(flaws) == 2 else "I would be fine with either."
    flaw = shown[1 - place].flaw
    return chance.choice(REASONS).format(flaw=flaw) if flaw else "It reads better to me."


def _seconds(person: Person, shown: tuple[Candidate, Candidate], looks: bool, chance: random.Random) -> float:
    if not looks:
        return round(chance.uniform(1.5, 4.5), 1)
    reading = sum(len(candidate.text) + 25 * LOOK * len(candidate.media) for candidate in shown) / person.pace
    return round((4 + reading) * math.exp(chance.gauss(0, 0.3)), 1)


def _moment(until: datetime, chance: random.Random) -> datetime:
    """Some time of a working day among the last ones."""
    day = until.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=chance.randint(1, DAYS))
    return day + timedelta(seconds=chance.randint(9 * 3600, 18 * 3600))


def davidson(felt: float, ties: float) -> tuple[float, float, float]:
    """Chances of first, tie and second, where ``felt`` are the log-odds of first against second.

    ``ties``: chance of a tie where nothing is felt, in [0, 1).
    """
    weights = math.exp(felt / 2), 2 * ties / (1 - ties), math.exp(-felt / 2)
    total = sum(weights)
    return weights[0] / total, weights[1] / total, weights[2] / total


def logit(share: float) -> float:
    """Log-odds of a chance in (0, 1)."""
    return math.log(share / (1 - share))


def doublings(first: Candidate, second: Candidate) -> float:
    """How often the length of the second goes into that of the first, in powers of two within ±2; 0 for pictures."""
    return max(-2.0, min(2.0, math.log2((len(first.text) + 1) / (len(second.text) + 1))))
