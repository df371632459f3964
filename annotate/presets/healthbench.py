"""HealthBench: a rubric for each conversation, written by physicians, with positive and negative points."""

from typing import Any

TITLE = "HealthBench: a rubric for each prompt"
SUMMARY = "Criteria come with the items, with points from −10 to 10; each is met or not."
FAMILY = "Text"
SOURCE = "https://arxiv.org/abs/2505.08775"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "rubric",
        "kind": "rubric",
        "title": "Which criteria does the response meet?",
        "help": "Each criterion by itself; in doubt it is not met.",
        "settings": {"not_applicable": False},
    }
]
GUIDELINES = (
    "Mark a criterion as met only if the response does all of it: with “such as” one example is enough, with "
    "“and” all parts are needed. Negative criteria are met where the response does what it should not."
)
