"""PRM800K: each step of a solution right, neutral or wrong, up to the first error."""

from typing import Any

from annotate.feedback import step

TITLE = "PRM800K: steps up to the first error"
SUMMARY = "Each step +1, 0 or −1 or unsure; what comes after the first wrong step is not asked."
FAMILY = "Reasoning"
SOURCE = "https://arxiv.org/abs/2305.20050"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "steps",
        "kind": "step",
        "title": "Judge each step",
        "help": "Neutral: right, but leads nowhere. Leave a step undecided that you cannot check in half a minute.",
        "settings": step.PRESETS["prm800k"],
    }
]
GUIDELINES = (
    "A step is right if it is correct, follows from what stands before, and makes progress. It is neutral if "
    "it is correct but helps little, and wrong if anything in it is not so."
)
