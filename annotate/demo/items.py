"""The demo's content as rows of the ``votes`` format: samples with their candidates, and votes of made-up people.

Most pairs come judged already, so that there is something to see; some are left for whoever tries the demo.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from annotate.demo import Sample
from annotate.demo.people import votes

VOTERS = 3


def rows(samples: Sequence[Sample], *, dimensions: tuple[str, ...], left_open: float) -> Iterator[dict[str, Any]]:
    """One row a sample; about a share ``left_open`` of the samples has fewer votes than it wants, or none."""
    for sample in samples:
        order = _shuffled(sample)
        candidates = [sample.candidates[index] for index in order]
        shown = Sample(
            sample.id, sample.prompt, tuple(candidates), sample.category, sample.group or sample.id, sample.media
        )
        draw = _fraction(sample.id, "open")
        voters = VOTERS if draw >= left_open else int(VOTERS * draw / left_open)
        yield {
            "id": sample.id,
            "prompt": sample.prompt,
            "group": shown.group,
            "media": list(sample.media),
            "responses": [{"text": candidate.text, "media": list(candidate.media)} for candidate in candidates],
            "gold": _gold(candidates[0].grades["overall"], candidates[1].grades["overall"]),
            "votes": [
                vote
                for a, b in combinations(range(len(candidates)), 2)
                for vote in votes(shown, a=a, b=b, voters=voters, dimensions=dimensions)
            ]
            if voters
            else [],
            "metadata": {
                "made_up": True,
                "category": sample.category,
                "quality": [candidate.grades["overall"] for candidate in candidates],
                "flaws": [candidate.flaw for candidate in candidates],
            },
        }


def best(row: dict[str, Any]) -> int:
    """Index of a row's best response."""
    quality: list[int] = row["metadata"]["quality"]
    return quality.index(max(quality))


def _gold(a: int, b: int) -> str:
    return "tie" if a == b else "a" if a > b else "b"


def _shuffled(sample: Sample) -> list[int]:
    """An order in which the best is not always first."""
    return sorted(range(len(sample.candidates)), key=lambda index: _fraction(sample.id, index))


def _fraction(*words: object) -> float:
    digest = hashlib.sha256("\0".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
