"""Llama 2's forced choice between two responses in four strengths."""

from typing import Any

from annotate.feedback import pairwise

TITLE = "Llama 2: forced choice in four strengths"
SUMMARY = "No tie: from significantly better to negligibly better or unsure."
FAMILY = "Text"
SOURCE = "https://arxiv.org/abs/2307.09288"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which response is better, and by how much?",
        "settings": pairwise.PRESETS["llama2"],
    }
]
GUIDELINES = (
    "Choose one, always. If you cannot tell them apart, take “negligibly better or unsure” for the one you "
    "would rather send."
)
