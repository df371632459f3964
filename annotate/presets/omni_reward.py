"""A preference under a criterion in words that comes with each item."""

from typing import Any

from annotate.presets import REASON

TITLE = "Omni-Reward: a preference under a stated criterion"
SUMMARY = "The criterion stands with the item; the same pair may have opposite answers under two."
FAMILY = "Any content"
SOURCE = "https://arxiv.org/abs/2510.23451"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better by the criterion above?",
        "help": "By this criterion alone, whatever else you think of them.",
        "settings": {"labels": ["better"], "tie": True},
    },
    REASON,
]
GUIDELINES = (
    "Each task states a criterion. Judge by it alone: a response that is worse in all else can be the better "
    "one here. The same pair may come again under another criterion."
)
