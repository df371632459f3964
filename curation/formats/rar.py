"""Rubrics as Rewards: a question with a reference answer and a weighted rubric of its own.

    {"question": "…", "reference_answer": "…", "rubric": [{"title": "Names the dose", "description": "Essential
     Criteria: says that …", "weight": 5}]}

Essential criteria weigh 5, important ones 3 to 4, optional ones 1 to 2, pitfalls -1 to -2. Sources:
https://huggingface.co/datasets/anisha2102/RaR-Medicine (a row of it is quoted in the Trinity-RFT example
rubric_as_reward), arXiv 2507.17746. Weights are kept as they are, but look at the pitfalls: in the medicine set most
are worded as the fault itself, in the science set most as avoiding it, both with negative weights. The response is the
reference answer, and whatever ``responses`` of your own a row has.
"""

from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed, ParsedResponse, RowError
from curation.formats._answers import asked, criteria, listed
from curation.formats._fields import expect_text, missing, objects, optional_text, rest

TITLE = "Rubrics as Rewards"
SUMMARY = "Questions with a reference answer and a weighted rubric each."
EXAMPLE = {
    "question": "Why is the sky blue?",
    "reference_answer": "Air scatters blue light most.",
    "rubric": [
        {"title": "Scattering", "description": "Essential Criteria: Names scattering.", "weight": 5},
        {"title": "Sea", "description": "Pitfall Criteria: Says that it mirrors the sea.", "weight": -1},
    ],
}
_LEVELS = ("Essential", "Important", "Optional", "Pitfall")


def parse(row: Mapping[str, Any]) -> Parsed:
    """One question with its rubric; the level of a criterion is its category."""
    prompt = asked(row, "question")
    rubric = [
        {**one, "category": next((level for level in _LEVELS if str(one.get("description")).startswith(level)), "")}
        for one in objects(row.get("rubric"), "rubric")
    ]
    found = criteria(rubric, "rubric", "description", "weight", "category")
    reference = optional_text(row, "reference_answer")
    responses = [ParsedResponse(reference, "reference")] if reference.strip() else []
    if not missing(row, "responses"):
        given = listed(row["responses"], "responses")
        responses += [ParsedResponse(expect_text(entry, "a response")) for entry in given]
    if not responses:
        raise RowError("The row has no answer to check: reference_answer is empty, and there are no responses.")
    used = ("question", "reference_answer", "rubric", "responses", "id")
    return Parsed(
        prompt,
        tuple(responses),
        external_id=optional_text(row, "id"),
        criteria=found,
        metadata=rest(row, used),
    )
