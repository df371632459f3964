"""Pairs from single verdicts: a response called good is better than one called bad."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Verdict
from curation.construction import Constructed, Material, _scores
from curation.filters import Context, settings_schema

TITLE = "Pairs from verdicts"
SUMMARY = "A response that most call good is better than one that most call bad."
SETTINGS = settings_schema(
    **_scores.SETTINGS, gap=_scores.LEAST | {"default": 0.5, "title": "Least gap between the shares that say good"}
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """One pair for every two responses of an item whose shares of "good" lie apart."""
    values = _scores.means(
        (record.item, record.response, float(record.good))
        for record in material.records
        if isinstance(record, Verdict) and _scores.wanted(record, settings)
    )
    yield from _scores.pairs_by_gap(values, material, settings["gap"], settings["across"])
