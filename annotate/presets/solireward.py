"""SoliReward: one video at a time, pass or fail; pairs are built across prompts later."""

from typing import Any

TITLE = "SoliReward: one video, pass or fail"
SUMMARY = "Single videos instead of pairs; pairs are built from passes and fails of different prompts."
FAMILY = "Video"
SOURCE = "https://arxiv.org/abs/2512.22170"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "verdict",
        "kind": "binary",
        "title": "Does this video pass?",
        "settings": {"good_label": "Pass", "bad_label": "Fail"},
    },
    {
        "name": "failure",
        "kind": "critique",
        "title": "What fails?",
        "help": "The object, and when it is seen.",
        "required": False,
        "settings": {"about": "overall"},
        "condition": {"question": "verdict", "path": "*", "in": ["bad"]},
    },
]
GUIDELINES = (
    "Fail a video for a subject that is deformed, for movement that physics does not allow, or where it does "
    "not show what the prompt asks for. Everything else passes."
)
