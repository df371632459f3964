"""A, B, a tie or both bad, at first sight."""

from typing import Any

TITLE = "Arena: A, B, tie, both bad"
SUMMARY = "A vote between two anonymous responses, without strengths or reasons."
FAMILY = "Any content"
SOURCE = "https://arxiv.org/abs/2403.04132"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which is better?",
        "settings": {"labels": ["better"], "tie": True, "both_bad": True},
    }
]
GUIDELINES = "Vote as somebody who had asked this. A tie: both would serve you equally. Both bad: neither would."
