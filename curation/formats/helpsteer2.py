"""HelpSteer2: a response with five ratings by people, or two responses with the strength of a preference.

    {"prompt": "…", "response": "…", "helpfulness": 3, "correctness": 4, "coherence": 4, "complexity": 2,
     "verbosity": 2}
    {"prompt": "…", "response_1": "…", "response_2": "…", "preference_strength": -2, "preference_statement": "…",
     "preference_elaboration": "…"}

Ratings go from 0 to 4, strengths from -3 (response 1 is much better) to 3. Prompts of several turns join them with
``<extra_id_1>User`` and ``<extra_id_1>Assistant`` lines. Sources: https://huggingface.co/datasets/nvidia/HelpSteer2
(the listing of its files names ``preference/preference.jsonl.gz``), arXiv 2406.08673 and 2410.01257. The released
figures are means over annotators, so they are one rater's, "import"; other fields stay as metadata.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, clip
from curation.formats._answers import answer, asked, rating
from curation.formats._fields import IMPORTER, number, optional_text, rest, text

TITLE = "HelpSteer2"
SUMMARY = "Responses with five ratings from 0 to 4, or pairs with a preference from -3 to 3 and its reasons."
EXAMPLE = {
    "prompt": "How long do eggs boil?",
    "response": "Eight minutes for a firm yolk.",
    "helpfulness": 4,
    "correctness": 4,
    "coherence": 4,
    "complexity": 1,
    "verbosity": 1,
}
RATED = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")
STRENGTH = 3

_TURN = re.compile(r"\n?<extra_id_1>(User|Assistant)[^\n]*\n")


def parse(row: Mapping[str, Any]) -> Parsed:
    """One rated response, or one pair."""
    prompt = _turns(asked(row, "prompt")[0]["content"])
    if "preference_strength" in row or "response_1" in row:
        return _pair(row, prompt)
    used = ("prompt", "response", *RATED)
    records = [record for name in RATED for record in rating(row, name, 0, low=0, high=4)]
    if not records:
        raise RowError(f"The row has none of the ratings {', '.join(RATED)}.")
    return Parsed(prompt, (ParsedResponse(text(row, "response")),), answers=answer(records), metadata=rest(row, used))


def signed_vote(value: float | None, name: str, rater: str = IMPORTER, **more: Any) -> ParsedVote:
    """A vote from a signed strength: below 0 the first response is better, 0 is a tie."""
    if value is None or value != int(value) or not -STRENGTH <= value <= STRENGTH:
        raise RowError(f"{name} is {clip(value)}; a whole number from -{STRENGTH} to {STRENGTH} is expected.")
    outcome = "a" if value < 0 else "b" if value > 0 else "tie"
    return ParsedVote(rater, outcome, strength=abs(int(value)), scale=STRENGTH, **more)


def _pair(row: Mapping[str, Any], prompt: list[dict[str, str]]) -> Parsed:
    used = ("prompt", "response_1", "response_2", "preference_strength", "preference_elaboration")
    reason = optional_text(row, "preference_elaboration")
    vote = signed_vote(number(row, "preference_strength"), "preference_strength", reason=reason)
    return Parsed(
        prompt,
        (ParsedResponse(text(row, "response_1")), ParsedResponse(text(row, "response_2"))),
        votes=(vote,),
        metadata=rest(row, used),
    )


def _turns(prompt: str) -> list[dict[str, str]]:
    marks = [*_TURN.finditer(prompt)]
    starts = [(0, "user"), *((mark.end(), mark[1].lower()) for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(prompt)]
    said = [(role, prompt[start:end].strip()) for (start, role), end in zip(starts, ends, strict=True)]
    if said[-1] == ("assistant", ""):  # the marker that only opens the response
        said.pop()
    alternate = all(first != second for (first, _), (second, _) in pairwise(said))
    if not (alternate and said[-1][0] == "user" and all(content for _, content in said)):
        return [{"role": "user", "content": prompt}]  # not the turns that the markers promise
    return [{"role": role, "content": content} for role, content in said]
