"""Votes on every position of a text: what more than half of the raters marked as the same category is marked.

Positions, not whole passages, are voted on, so raters need not agree on where a passage begins (as token-level votes
in the named-entity literature: Rodrigues, Pereira and Ribeiro 2014, doi:10.1007/s10994-013-5411-2, call it the
baseline that sequence models start from). A passage of the result says which share of the raters marked it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from annotate import feedback
from annotate.feedback import Reading
from curation.aggregation import Agreed, Embed, ValueConsensus

TITLE = "Token votes"
SUMMARY = "Passages that more than half of the raters marked as the same; for marked passages."
TAKES = "marks"

Marks = Iterable[tuple[str, int, int]]  # (category, start, end)


def combine(readings: Sequence[Reading], *, seed: int = 0, embed: Embed | None = None) -> ValueConsensus:
    """A list of passages a unit: category, start, end, share; ``seed`` and ``embed`` are not used.

    The confidence is how well each rater's marks agree with those of the others together (F1 over positions), on
    average; 0 where there is one rater. So is a rater's reliability, over all units that others marked too.
    """
    marked: dict[tuple[str, str, str], dict[str, Marks]] = defaultdict(dict)
    for reading in readings:
        if isinstance(reading.content, tuple):
            marked[reading[:3]][reading.rater] = reading.content
    distance: Any = feedback.get("span").mark_distance  # type: ignore[attr-defined]
    agreed: list[Agreed] = []
    fits: dict[str, list[float]] = defaultdict(list)
    for unit, by_rater in sorted(marked.items()):
        passages = voted(list(by_rater.values()))
        own = []
        for rater, marks in sorted(by_rater.items()) if len(by_rater) > 1 else ():
            others = voted([other for name, other in by_rater.items() if name != rater])
            own.append(1 - distance(marks, [(p["category"], p["start"], p["end"]) for p in others]))
            fits[rater].append(own[-1])
        agreed.append(Agreed(unit, passages, float(np.mean(own)) if own else 0.0, len(by_rater)))
    return ValueConsensus(agreed, {rater: float(np.mean(own)) for rater, own in sorted(fits.items())}, {})


def voted(marks: Sequence[Marks]) -> list[dict[str, Any]]:
    """What more than half of some raters marked, as passages that are disjoint within a category.

    A note on the whole text, from 0 to 0, is voted on by its category alone.
    """
    edges: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    notes: dict[str, int] = defaultdict(int)
    for own in marks:
        for category, start, end in own:
            notes[category] += end == 0
            edges[category][start] += 1
            edges[category][end] -= 1
    found: list[dict[str, Any]] = [
        {"category": category, "start": 0, "end": 0, "share": round(raters / len(marks), 4)}
        for category, raters in notes.items()
        if 2 * raters > len(marks)
    ]
    for category, steps in sorted(edges.items()):
        raters, since, weight = 0, None, 0.0
        places = sorted(steps)
        for place, following in zip(places, [*places[1:], places[-1]], strict=True):
            raters += steps[place]
            if 2 * raters > len(marks):
                since = place if since is None else since
                weight += raters * (following - place)
            elif since is not None:
                share = round(weight / len(marks) / (place - since), 4)
                found.append({"category": category, "start": since, "end": place, "share": share})
                since, weight = None, 0.0
    return sorted(found, key=lambda passage: (passage["start"], passage["end"], passage["category"]))
