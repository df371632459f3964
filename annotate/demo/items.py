"""The demo's content as rows of the ``votes`` format: samples with their candidates, and votes of made-up people.

Most pairs come judged already, so that there is something to see; some are left for whoever tries the demo. What is
true (grades, flaws) stands in ``metadata``, which annotators never see.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from annotate.demo import Candidate, Sample
from annotate.demo.people import votes

VOTERS = 3
#: Made-up models, the strongest first: they tend to have written what is better.
MODELS = ("basalt", "slate", "marl", "chalk")


def rows(
    samples: Sequence[Sample],
    *,
    dimensions: Sequence[str],
    left_open: float,
    both_bad: bool = False,
    until: datetime | None = None,
) -> Iterator[dict[str, Any]]:
    """One row a sample; about a share ``left_open`` of the samples has fewer votes than it wants, or none.

    ``dimensions``, ``both_bad`` and ``until`` are those of `annotate.demo.people.votes`.
    """
    for sample in samples:
        chance = random.Random(sample.id)
        candidates = chance.sample(sample.candidates, len(sample.candidates))
        draw = chance.random()
        voters = VOTERS if draw >= left_open else int(VOTERS * draw / left_open)
        shown = Sample(sample.id, sample.prompt, tuple(candidates), sample.category, sample.group, sample.media)
        yield {
            "id": sample.id,
            "prompt": sample.prompt,
            "group": sample.group or sample.id,
            "media": list(sample.media),
            "responses": [
                {"text": candidate.text, "media": list(candidate.media), "model": model}
                for candidate, model in zip(candidates, _models(candidates, chance), strict=True)
            ],
            "gold": _gold(*candidates[:2]),
            "votes": [
                vote
                for a, b in combinations(range(len(candidates)), 2)
                for vote in votes(shown, a=a, b=b, voters=voters, dimensions=dimensions, both_bad=both_bad, until=until)
            ],
            "metadata": {
                "made_up": True,
                "category": sample.category,
                "quality": [candidate.grades["overall"] for candidate in candidates],
                "grades": [dict(candidate.grades) for candidate in candidates],
                "kinds": [candidate.kind for candidate in candidates],
                "flaws": [candidate.flaw for candidate in candidates],
            },
        }


def best(row: dict[str, Any]) -> int:
    """Index of a row's best response."""
    quality: list[int] = row["metadata"]["quality"]
    return quality.index(max(quality))


def _gold(first: Candidate, second: Candidate) -> str:
    a, b = first.grades["overall"], second.grades["overall"]
    return "tie" if a == b else "a" if a > b else "b"


def _models(candidates: Sequence[Candidate], chance: random.Random) -> list[str]:
    """A model for each candidate; the better a candidate, the stronger its model tends to be."""
    places = sorted(
        range(len(candidates)), key=lambda place: -candidates[place].grades["overall"] - chance.gauss(0, 1.5)
    )
    models = sorted(chance.sample(MODELS, len(candidates)), key=MODELS.index)
    return [models[places.index(place)] for place in range(len(candidates))]
