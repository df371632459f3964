"""Llama 3: a preference in four strengths, then an edit of the chosen response (edited > chosen > rejected)."""

from typing import Any

from annotate.feedback import revision

TITLE = "Llama 3: choose, then edit"
SUMMARY = "Four strengths, and the better response improved by hand: edited > chosen > rejected."
FAMILY = "Text"
SOURCE = "https://arxiv.org/abs/2407.21783"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better, and by how much?",
        "settings": {
            "labels": ["marginally better", "slightly better", "better", "significantly better"],
            "tie": False,
        },
    },
    {
        "name": "edit",
        "kind": "revision",
        "title": "Improve the better response",
        "help": "Change what can be better; leave it where nothing can.",
        "required": False,
        "settings": revision.PRESETS["correct"],
    },
]
GUIDELINES = (
    "Choose first. Then edit the response that you chose, directly or with a prompt of your own, until you "
    "would send it."
)
