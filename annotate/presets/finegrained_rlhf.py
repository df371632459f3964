"""Fine-Grained RLHF: passages with category, explanation and correction, then a corrected answer."""

from typing import Any

from annotate.feedback import span

TITLE = "Fine-Grained RLHF: passages and a corrected answer"
SUMMARY = "Passages that are irrelevant, wrong or incomplete, explained and corrected; then the answer as it should be."
FAMILY = "Text"
SOURCE = "https://arxiv.org/abs/2306.01693"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "passages",
        "kind": "span",
        "title": "Mark the passages that are wrong",
        "settings": span.PRESETS["finegrained_rlhf"],
    },
    {
        "name": "corrected",
        "kind": "revision",
        "title": "Write the answer as it should be",
        "required": False,
        "settings": {},
        "condition": {"question": "passages", "path": "*/*/category", "in": ["irrelevant", "wrong", "incomplete"]},
    },
]
GUIDELINES = (
    "Mark the shortest passage that holds the fault, and say what is wrong with it. Then correct the answer; "
    "change only what you marked."
)
