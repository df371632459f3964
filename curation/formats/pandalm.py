"""PandaLM's human-labelled test set: two responses to one instruction, judged by annotators that are columns.

    {"idx": 0, "cmp_key": "bloom-7b_llama-7b", "instruction": "Rewrite …", "input": "If you …",
     "response1": "…", "response2": "…", "annotator1": 2, "annotator2": 2, "annotator3": 0}

1 and 2 name the better response, 0 is a tie. Source: https://github.com/WeOpenML/PandaLM (data/testset-v1.json).
The file holds a few responses that are the booleans of its YAML origin; people saw the words True and False.
Models that said nothing have the response "", which is kept: the annotators judged it.
"""

import re
from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._fields import missing, number, optional_text, rest, text

TITLE = "PandaLM"
SUMMARY = "Instruction, two responses, and one column an annotator with 1, 2 or 0 for a tie."
EXAMPLE = {
    "idx": 0,
    "cmp_key": "bloom-7b_llama-7b",
    "instruction": "Make it shorter.",
    "input": "It is the case that it rains.",
    "response1": "It rains.",
    "response2": "It is raining, it is.",
    "annotator1": 1,
    "annotator2": 1,
    "annotator3": 0,
}

_ANNOTATOR = re.compile(r"annotator\d+")
_OUTCOMES = {1: "a", 2: "b", 0: "tie"}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair with a vote from every annotator column."""
    instruction, given = text(row, "instruction"), optional_text(row, "input")
    asked = "\n\n".join(part for part in (instruction, given) if part.strip())
    if not asked:
        raise RowError("instruction and input are both empty.")
    raters = sorted(name for name in row if _ANNOTATOR.fullmatch(name))
    if not raters:
        raise RowError("annotator1 is missing; every annotator is a column.")
    models = optional_text(row, "cmp_key").split("_")
    model_a, model_b = models if len(models) == 2 else ("", "")
    used = ("idx", "instruction", "input", "response1", "response2", *raters)
    return Parsed(
        [{"role": "user", "content": asked}],
        (ParsedResponse(_said(row, "response1"), model_a), ParsedResponse(_said(row, "response2"), model_b)),
        external_id=optional_text(row, "idx"),
        votes=tuple(_vote(row, name) for name in raters if not missing(row, name)),
        metadata=rest(row, used),
    )


def _said(row: Mapping[str, Any], name: str) -> str:
    return str(row[name]) if isinstance(row.get(name), bool | int | float) else text(row, name)


def _vote(row: Mapping[str, Any], name: str) -> ParsedVote:
    value = number(row, name)
    if value not in (0, 1, 2):
        raise RowError(f"{name} is {clip(row[name])}; 1, 2 or 0 for a tie is expected.")
    return ParsedVote(name, _OUTCOMES[int(value)])
