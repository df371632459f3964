"""A tournament: eight short answers, two at a time, until one is left; seven comparisons instead of a full order."""

from pathlib import Path
from typing import Any

TITLE = "Tournament of eight"
SUMMARY = "Eight short answers, two at a time: the better goes on until one is left."
GUIDELINES = (
    "Two answers meet; `1` and `2` say which one is better, `3` that there is nothing between them. The better one "
    "meets the next. `U` takes back the match before.\n\nWhat is asked for is a **name that people remember** and "
    "that says what the place sells."
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "best",
        "kind": "ranking",
        "title": "Which one is better?",
        "settings": {"schedule": "tournament", "ties": True},
    },
]
_ASKED = (
    (
        "Suggest a name for a small bakery beside a railway station.",
        (
            "The Early Loaf", "Crumb & Carriage", "Platform Bread", "Bread Shop", "Rolling Dough",
            "Station Pastry Experience", "The 6:14", "Butter Signal",
        ),
    ),
    (
        "Suggest a name for a shop that repairs bicycles while you wait.",
        (
            "Spoke Too Soon", "Wait & Wheel", "The Second Gear", "Bike Repair", "Chain Reaction", "Tyred No More",
            "Velocity Solutions", "Ten-Minute Tube",
        ),
    ),
)  # fmt: skip


def rows(folder: Path) -> list[dict[str, Any]]:
    """Two prompts with eight answers each."""
    return [
        {"id": f"tournament-{number}", "prompt": asked, "responses": list(answers)}
        for number, (asked, answers) in enumerate(_ASKED, 1)
    ]
