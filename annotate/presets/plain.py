"""A or B, with ties, and why."""

from typing import Any

from annotate.presets import REASON

TITLE = "A or B, with ties"
SUMMARY = "Which of two responses is better, or neither, and why."
FAMILY = "Any content"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better?",
        "settings": {"labels": ["better"], "tie": True},
    },
    REASON,
]
GUIDELINES = (
    "Read both responses to the end before you choose. Judge what the prompt asks for, not how long or how "
    "polished an answer is. Choose a tie only where you cannot find a difference that matters."
)
