"""Pairs from factors in order of their importance: the first on which two responses differ by enough decides.

HERON (Bukharin et al. 2023, "Deep Reinforcement Learning from Hierarchical Weak Preference Feedback",
arXiv 2309.02632): a decision tree over the factors, each with a margin under which two responses count as equal, in
place of weights that nobody knows how to set. A factor is a rated dimension, or *shorter* or *longer*, which compare
the lengths of the texts as a share of the longer one.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from annotate.records import Rating
from curation.construction import Constructed, Item, Material, _scores
from curation.filters import Context, SettingsError, settings_schema

TITLE = "Pairs from ordered factors"
SUMMARY = "The first factor, in order of importance, on which two responses differ by enough says which is better."
RATING = "rating"  # what ratings without a dimension are called
LENGTHS = {"shorter": -1.0, "longer": 1.0}
SETTINGS = settings_schema(
    factors={
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "uniqueItems": True,
        "title": "Factors, the most important first",
        "description": "Rated dimensions (rating where there are none), and shorter or longer.",
    },
    question=_scores.SETTINGS["question"],
    gap=_scores.LEAST | {"default": 0.25},
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """One pair for every two responses of an item that some factor tells apart.

    A factor on which one of the two is not rated decides nothing.

    Raises
    ------
    SettingsError
        For a factor that no rating has as its dimension.
    """
    by_factor = _values(material, settings["question"])
    unknown = [name for name in settings["factors"] if name not in LENGTHS and name not in by_factor]
    if unknown and material.records:
        known = ", ".join(sorted(by_factor)) or "none yet"
        raise SettingsError(f"No rating has the dimension {unknown[0]!r}. Those that exist: {known}.", "factors")
    rated = {item for values in by_factor.values() for item in values}
    for name in sorted(rated):
        item = material.items.get(name)
        keys = sorted(item.responses) if item else []
        for one, other in combinations(keys, 2):
            decided = _first_difference(item, one, other, name, by_factor, settings) if item else None
            if item and decided:
                factor, apart = decided
                high, low = (one, other) if apart > 0 else (other, one)
                yield Constructed(
                    item=name, prompt=item.prompt, group=item.group, better=item.responses[high],
                    worse=item.responses[low], strength=abs(apart), note={"factor": factor, "gap": abs(apart)},
                )  # fmt: skip


def _values(material: Material, question: str) -> dict[str, _scores.Values]:
    """Means by dimension."""
    told: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for record in material.records:
        if not isinstance(record, Rating) or question not in ("", record.question):
            continue
        if math.isfinite(record.value) and record.low < record.high:
            share = (record.value - record.low) / (record.high - record.low)
            told[record.dimension or RATING].append((record.item, record.response, share))
    return {name: _scores.means(values) for name, values in told.items()}


def _first_difference(
    item: Item, one: str, other: str, name: str, by_factor: Mapping[str, _scores.Values], settings: Mapping[str, Any]
) -> tuple[str, float] | None:
    """The first factor that tells two responses apart, and by how much the first is better."""
    for factor in settings["factors"]:
        if factor in LENGTHS and factor not in by_factor:
            lengths = [len(item.responses[key].text) for key in (one, other)]
            apart = LENGTHS[factor] * (lengths[0] - lengths[1]) / max(*lengths, 1)
        else:
            own = by_factor[factor].get(name, {})
            if one not in own or other not in own:
                continue
            apart = own[one] - own[other]
        if abs(apart) >= settings["gap"] - 1e-9:
            return factor, round(apart, 4)
    return None
