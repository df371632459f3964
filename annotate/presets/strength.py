"""A or B on a scale of three steps, with a tie and both bad, and why."""

from typing import Any

from annotate.presets import REASON

TITLE = "A or B, how much better, and why"
SUMMARY = "Three steps of strength, a tie, and both bad."
FAMILY = "Any content"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better, and by how much?",
        "settings": {"labels": ["slightly better", "better", "much better"], "tie": True, "both_bad": True},
    },
    REASON,
]
GUIDELINES = (
    "Slightly better: you would accept either. Better: one is clearly what you would send. Much better: the "
    "other should not be sent at all. Both bad: neither should."
)
