"""UltraFeedback: four models' completions, each rated on four aspects with a rationale by GPT-4.

    {"source": "…", "instruction": "…", "completions": [{"model": "m1", "principle": "helpfulness",
     "custom_system_prompt": "…", "response": "…", "critique": "…", "overall_score": 7.5, "annotations":
     {"helpfulness": {"Type": ["1"], "Rationale": "…", "Rating": "3", "Rationale For Rating": "…"}, …}}]}

Ratings are the texts "1" to "5", or "N/A". Source: https://github.com/OpenBMB/UltraFeedback (README, "Dataset Format").
``overall_score`` stays with the response's metadata: its scale changed and some were wrong in the first release.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from annotate.records import Record
from curation.formats import Parsed, ParsedResponse, RowError
from curation.formats._answers import answer, asked, critique, rating, table_dict
from curation.formats._fields import objects, optional_text, rest, text

TITLE = "UltraFeedback"
SUMMARY = "Several completions of an instruction, with ratings from 1 to 5 and rationales by aspect, and critiques."
EXAMPLE = {
    "source": "made_up",
    "instruction": "Name a river.",
    "completions": [
        {
            "model": "m1",
            "response": "The Elbe.",
            "critique": "Short and right.",
            "overall_score": 9.0,
            "annotations": {"helpfulness": {"Rating": "5", "Rationale": "It is one."}, "honesty": {"Rating": "N/A"}},
        },
        {"model": "m2", "response": "Rome.", "annotations": {"helpfulness": {"Rating": "1", "Rationale": "A city."}}},
    ],
}
RATER = "GPT-4"


def parse(row: Mapping[str, Any]) -> Parsed:
    """One instruction with all its completions; the rater of everything is "GPT-4"."""
    prompt = asked(row, "instruction")
    completions = objects(row.get("completions"), "completions")
    if not completions:
        raise RowError("completions is missing or empty.")
    return Parsed(
        prompt,
        tuple(
            ParsedResponse(
                text(given, "response"),
                optional_text(given, "model"),
                metadata=rest(given, ("response", "model", "annotations", "critique")),
            )
            for given in completions
        ),
        answers=answer(
            (record for place, given in enumerate(completions) for record in _said(given, place)),
            RATER,
            rater_kind="language_model",
        ),
        metadata=rest(row, ("instruction", "completions", "models")),
    )


def _said(given: Mapping[str, Any], place: int) -> Iterator[Record]:
    for aspect, noted in table_dict(given.get("annotations"), "annotations").items():
        noted = table_dict(noted, f"annotations of {aspect}")
        if noted.get("Rating") != "N/A":
            yield from rating({aspect: noted.get("Rating")}, aspect, place, low=1, high=5)
        for name in ("Rationale", "Rationale For Rating"):
            yield from critique(noted.get(name), f"{name} of {aspect}", place, aspect)
    yield from critique(given.get("critique"), "critique", place)
