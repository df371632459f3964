"""Pairs from ratings: of two responses the one with the higher mean, where the means differ by enough.

Scales of different length are compared as shares of their length. The wider the gap asked, the fewer and surer the
pairs: UltraFeedback and HelpSteer are used so.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Rating
from curation.construction import Constructed, Material, _scores
from curation.filters import Context, settings_schema

TITLE = "Pairs from ratings"
SUMMARY = "Of two rated responses, the one rated higher is better, where the gap is wide enough."
SETTINGS = settings_schema(**_scores.SETTINGS, gap=_scores.LEAST | {"default": 0.25})


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """One pair for every two responses of an item that lie apart; ratings without a scale or value do not count."""
    values = _scores.means(
        (record.item, record.response, (record.value - record.low) / (record.high - record.low))
        for record in material.records
        if isinstance(record, Rating) and _scores.wanted(record, settings)
        if math.isfinite(record.value) and record.low < record.high
    )
    yield from _scores.pairs_by_gap(values, material, settings["gap"], settings["across"])
