"""Image edits rated 0 to 5 from three perspectives, with the failure named in words."""

from typing import Any

TITLE = "RewardEdit: 0 to 5, the failure named"
SUMMARY = "Three perspectives from 0 to 5; where one is below 4, the failure is said in words."
FAMILY = "Images"
SOURCE = ""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "ratings",
        "kind": "rating",
        "title": "Rate each edit",
        "settings": {
            "low": 0,
            "high": 5,
            "dimensions": [
                {"name": "instruction", "title": "Instruction", "help": "Does what was asked"},
                {"name": "preservation", "title": "Preservation", "help": "Leaves the rest as it was"},
                {"name": "quality", "title": "Quality", "help": "Plausible, without artefacts"},
            ],
        },
    },
    {
        "name": "failure",
        "kind": "critique",
        "title": "What fails?",
        "help": "Name the failure and where it is.",
        "settings": {"about": "each"},
        "condition": {"question": "ratings", "path": "*/*", "at_most": 3},
    },
]
GUIDELINES = "5: nothing to improve. 0: not an edit of this picture. Name a failure so that somebody could find it."
