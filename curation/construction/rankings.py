"""Pairs from rankings: every two responses of a ranking whose mean ranks lie apart.

A rank counts as its place between the first and the last of its own ranking, so that rankings of four and of nine
compare. Ties in all rankings give no pair. A ranking question's own pairs are in the table already, with their votes:
this is for rankings that another question collects, or for fewer and surer pairs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Ranking
from curation.construction import Constructed, Material, _scores
from curation.filters import Context, settings_schema

TITLE = "Pairs from rankings"
SUMMARY = "Of two ranked responses, the one ranked higher is better, where the ranks lie apart enough."
SETTINGS = settings_schema(
    **{name: setting for name, setting in _scores.SETTINGS.items() if name != "across"},
    gap=_scores.LEAST | {"default": 0.3, "title": "Least gap, as a share of the way from first to last"},
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """Rankings in which all responses are equal, or only one is ranked, say nothing."""
    values = _scores.means(
        (
            record.item,
            key,
            (max(record.ranks.values()) - rank) / (max(record.ranks.values()) - min(record.ranks.values())),
        )
        for record in material.records
        if isinstance(record, Ranking) and _scores.wanted(record, settings) and len(set(record.ranks.values())) > 1
        for key, rank in record.ranks.items()
    )
    yield from _scores.pairs_by_gap(values, material, settings["gap"], False)
