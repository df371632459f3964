"""Passages that are wrong, each with a category and an explanation."""

from typing import Any

TITLE = "Mark what is wrong, and say why"
SUMMARY = "Passages of a response, each with a category and an explanation."
FAMILY = "Text"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "passages",
        "kind": "span",
        "title": "Mark the passages that are wrong",
        "settings": {
            "categories": [
                {"name": "wrong", "title": "Wrong or unfounded"},
                {"name": "irrelevant", "title": "Irrelevant or repeated"},
                {"name": "incomplete", "title": "Leaves something out"},
            ],
            "explanation": True,
        },
    }
]
GUIDELINES = "Mark the shortest passage that holds the fault. One mark for one fault."
