"""HelpSteer3-Preference: a conversation, two responses, and what each of up to three annotators thought of them.

    {"domain": "general", "language": "english", "context": [{"role": "user", "content": "…"}], "response1": "…",
     "response2": "…", "overall_preference": -2,
     "individual_preference": [{"score": -2, "reasoning": "…", "feedback1": "…", "feedback2": "…"}]}

Scores go from -3 (response 1 is much better) to 3; 0 is about the same. Sources: the folder ``preference`` of
https://huggingface.co/datasets/nvidia/HelpSteer3 (arXiv 2505.11475), and a loader that reads "overall_preference <= 0"
as response 1 (NVIDIA NeMo RL, nemo_rl/data/hf_datasets/helpsteer3.py). Annotators have no names across rows: they are
"annotator 1", "annotator 2", … by their place in the row, and so no person's reliability can be told from them.
"""

from collections.abc import Mapping
from typing import Any

from curation.formats import Parsed, ParsedAnswer, ParsedResponse, ParsedVote
from curation.formats._answers import answer, critique
from curation.formats._fields import messages, number, objects, optional_text, rest, structure, text
from curation.formats.helpsteer2 import signed_vote

TITLE = "HelpSteer3"
SUMMARY = "Pairs with a preference from -3 to 3 by each annotator, its reasoning, and feedback on each response."
EXAMPLE = {
    "domain": "general",
    "language": "english",
    "context": [{"role": "user", "content": "How long do eggs boil?"}],
    "response1": "Eight minutes.",
    "response2": "Until they are done.",
    "overall_preference": -2,
    "individual_preference": [
        {"score": -2, "reasoning": "It names a time.", "feedback1": "Helpful.", "feedback2": "Empty."},
        {"score": 0, "reasoning": "Both are short.", "feedback1": None, "feedback2": None},
    ],
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair; without individual preferences the overall one is a vote of the rater "import"."""
    if row.get("context") is None:
        text(row, "context")
    prompt = messages(structure(row["context"], "context"), "context")
    given = objects(row.get("individual_preference"), "individual_preference")
    votes: tuple[ParsedVote, ...] = tuple(
        signed_vote(
            number(one, "score"),
            f"score of annotator {place}",
            f"annotator {place}",
            reason=optional_text(one, "reasoning"),
        )
        for place, one in enumerate(given, 1)
    )
    used = ("context", "response1", "response2", "individual_preference")
    return Parsed(
        prompt,
        (ParsedResponse(text(row, "response1")), ParsedResponse(text(row, "response2"))),
        votes=votes or (signed_vote(number(row, "overall_preference"), "overall_preference"),),
        answers=tuple(said for place, one in enumerate(given, 1) for said in _feedback(one, place)),
        metadata=rest(row, used),
    )


def _feedback(one: Mapping[str, Any], place: int) -> tuple[ParsedAnswer, ...]:
    records = [
        record
        for response in (0, 1)
        for record in critique(one.get(f"feedback{response + 1}"), f"feedback{response + 1}", response)
    ]
    return answer(records, f"annotator {place}")
