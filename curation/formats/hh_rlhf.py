"""HH-RLHF: two transcripts that begin alike; what they share up to the last turn marker is the prompt.

    {"chosen": "\\n\\nHuman: Hi\\n\\nAssistant: Hello!", "rejected": "\\n\\nHuman: Hi\\n\\nAssistant: What?"}

Source: https://github.com/anthropics/hh-rlhf. A few pairs part before the last turn; their responses keep the rest
of the transcript as it was released, since that is what was judged.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from curation.formats import Parsed, ParsedResponse, RowError
from curation.formats._fields import choice, optional_text, rest, shared_length, text

TITLE = "HH-RLHF"
SUMMARY = "Chosen and rejected transcripts of Human and Assistant turns."
EXAMPLE = {
    "chosen": "\n\nHuman: Is the sky blue?\n\nAssistant: By day, yes.",
    "rejected": "\n\nHuman: Is the sky blue?\n\nAssistant: It is green.",
}

_TURN = re.compile(r"(?:\A\s*|\n\n)(Human|Assistant):")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One pair; the label becomes a vote of the rater "import"."""
    chosen, rejected = text(row, "chosen"), text(row, "rejected")
    shared = chosen[: shared_length(chosen, rejected)]
    answers = [turn.end() for turn in _TURN.finditer(shared) if turn[1] == "Assistant"]
    if not answers:
        raise RowError("chosen and rejected share no prompt; both should begin with the same Human turn.")
    cut = answers[-1]
    return choice(
        _messages(shared[:cut]),
        [ParsedResponse(chosen[cut:].strip())],
        [ParsedResponse(rejected[cut:].strip())],
        external_id=optional_text(row, "id"),
        metadata=rest(row, ("chosen", "rejected", "id")),
    )


def _messages(transcript: str) -> list[dict[str, str]]:
    """The turns before the last marker, which only opens the response."""
    turns = list(_TURN.finditer(transcript))
    return [
        {"role": _ROLES[turn[1]], "content": transcript[turn.end() : following.start()].strip()}
        for turn, following in pairwise(turns)
    ]
