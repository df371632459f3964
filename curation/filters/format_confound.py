"""Says how well Markdown alone predicts the labels, and balances the pairs so that it no longer does (`_confound`)."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from curation.filters import Context, Decisions, _confound, settings_schema

TITLE = "Format confound"
SUMMARY = "Weighs pairs so that headings, lists, bold type and the like predict nothing, or takes out the extremes."
SETTINGS = settings_schema(**_confound.SETTINGS)
REASONS = {"explained_by_format": "The Markdown of the responses alone predicts the label."}

MARKS = {
    "headings": re.compile(r"^#{1,6} ", re.MULTILINE),
    "list_items": re.compile(r"^\s{0,8}(?:[-*+•]|\d{1,3}[.)]) ", re.MULTILINE),
    "bold": re.compile(r"\*\*[^*\n]{1,200}\*\*"),
    "code": re.compile(r"^```|`[^`\n]{1,200}`", re.MULTILINE),
    "table_rows": re.compile(r"^\|.*\|\s*$", re.MULTILINE),
    "links": re.compile(r"\]\(|https?://"),
    "paragraphs": re.compile(r"\n\s*\n"),
    "exclamations": re.compile(r"!"),
}


def decide(table: pa.Table, settings: Mapping[str, Any], context: Context) -> Decisions:
    """As `_confound.decide`, from how much more of each mark a has than b, in logs."""
    counts: dict[str, list[int]] = {}
    sides = [table[f"response_{side}"].to_pylist() for side in "ab"]
    for text in {*sides[0], *sides[1]}:
        counts[text] = [sum(1 for _ in mark.finditer(text)) for mark in MARKS.values()]
    a_NF, b_NF = (np.log1p(np.array([counts[text] for text in own], float).reshape(-1, len(MARKS))) for own in sides)
    return _confound.decide(table, a_NF - b_NF, tuple(MARKS), "explained_by_format", settings, context)
