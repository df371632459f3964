"""Weighted criteria, met or not, for each response."""

from typing import Any

from annotate.presets import REASON

TITLE = "Rubric: weighted yes or no"
SUMMARY = "Criteria with points, good ones and pitfalls, checked on each response."
FAMILY = "Text"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "rubric",
        "kind": "rubric",
        "title": "Which criteria does each response meet?",
        "settings": {
            "criteria": [
                {"name": "correct", "text": "Everything it says is right", "points": 5},
                {"name": "complete", "text": "Answers all that was asked", "points": 3},
                {"name": "padded", "text": "Says things that nobody asked for", "points": -2},
            ]
        },
    },
    REASON,
]
GUIDELINES = (
    "A criterion is met or it is not; judge each by itself. A pitfall (negative points) is met where the "
    "response does it."
)
