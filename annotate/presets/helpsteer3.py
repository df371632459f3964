"""HelpSteer3-Preference: seven steps from much better to much better, with one or two sentences of reasoning."""

from typing import Any

from annotate.feedback import pairwise

TITLE = "HelpSteer3: −3 to 3, with reasons"
SUMMARY = "About the same, or slightly, better, much better on either side, and why."
FAMILY = "Text"
SOURCE = "https://arxiv.org/abs/2505.11475"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better, and by how much?",
        "settings": pairwise.PRESETS["helpsteer3"],
    },
    {
        "name": "reason",
        "kind": "critique",
        "title": "Why?",
        "help": "One or two sentences that name what decided it.",
        "settings": {"about": "overall", "min_length": 20},
    },
]
GUIDELINES = (
    "Look for what helps the person who asked: correct, complete, clear, and no longer than it needs to be. A "
    "tie means about the same; say then what they share."
)
