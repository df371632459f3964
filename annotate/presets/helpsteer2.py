"""HelpSteer2: five attributes from 0 to 4 for each response, and a preference, since equal ratings hide one."""

from typing import Any

from annotate.feedback import pairwise, rating

TITLE = "HelpSteer2: five ratings and a preference"
SUMMARY = "Helpfulness, correctness, coherence, complexity and verbosity from 0 to 4, then which is better."
FAMILY = "Text"
SOURCE = "https://arxiv.org/abs/2406.08673"
QUESTIONS: list[dict[str, Any]] = [
    {"name": "ratings", "kind": "rating", "title": "Rate each response", "settings": rating.PRESETS["helpsteer2"]},
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
        "help": "One or two sentences.",
        "required": False,
        "settings": {"about": "overall"},
        "condition": {"question": "preference", "path": "overall/chosen", "not_in": ["tie"]},
    },
]
GUIDELINES = (
    "Complexity and verbosity describe, they do not praise: a long answer is not a better one. Then say which "
    "response you would send."
)
