"""All responses of a prompt in order, with ties."""

from typing import Any

from annotate.presets import REASON

TITLE = "Rank all responses, with ties"
SUMMARY = "All responses of a prompt in one order; some may be put aside."
FAMILY = "Any content"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "ranking",
        "kind": "ranking",
        "title": "Put the responses in order, the best first",
        "settings": {"ties": True, "not_rankable": True},
    },
    REASON,
]
GUIDELINES = "Put aside what cannot be compared, such as a response that is empty or in another language."
