"""Two edits of a picture: instruction, preservation, quality, each with its own tie."""

from typing import Any

from annotate.presets import REASON

TITLE = "Image edits: instruction, preservation, quality"
SUMMARY = "Two edits of one picture, compared on three dimensions."
FAMILY = "Images"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which edit is better?",
        "settings": {
            "labels": ["better"],
            "tie": True,
            "dimensions": [
                {"name": "instruction", "title": "Instruction", "help": "Does what was asked"},
                {"name": "preservation", "title": "Preservation", "help": "Leaves the rest as it was"},
                {"name": "quality", "title": "Quality", "help": "Clean, no artefacts"},
            ],
        },
    },
    REASON,
]
GUIDELINES = "Compare each edit with the source picture. Preservation is about all that the instruction does not name."
