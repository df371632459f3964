"""Pairs from rubrics: of two responses the one with the higher share of the points, where they lie apart enough."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from annotate import feedback
from annotate.records import Check
from curation.construction import Constructed, Material, _scores
from curation.filters import Context, settings_schema

TITLE = "Pairs from rubrics"
SUMMARY = "Of two responses judged by criteria, the one with more points is better, where the gap is wide enough."
SETTINGS = settings_schema(**_scores.SETTINGS, gap=_scores.LEAST | {"default": 0.2})


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """The score of a sheet is the rubric's own; sheets on which nothing applies do not count."""
    sheets: dict[tuple[str, ...], list[Check]] = defaultdict(list)
    for record in material.records:
        if isinstance(record, Check) and _scores.wanted(record, settings):
            sheet = record.item, record.response, record.rater, record.question, record.dimension, record.annotation
            sheets[sheet].append(record)
    score: Any = feedback.get("rubric").score  # type: ignore[attr-defined]
    scored = ((item, response, score(checks)) for (item, response, *_), checks in sheets.items())
    values = _scores.means((item, response, value) for item, response, value in scored if value is not None)
    yield from _scores.pairs_by_gap(values, material, settings["gap"], settings["across"])
