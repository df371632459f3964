"""One pair under several criteria: the better answer under one is often the worse under the next."""

from pathlib import Path
from typing import Any

TITLE = "One pair, several criteria"
SUMMARY = "Two answers judged under criteria of their own, which often point in opposite directions."
GUIDELINES = (
    "Judge the two answers **under each criterion on its own**. That A is better under one says nothing about the "
    "next; do not balance them against each other.\n\nEach criterion has its own tie."
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "under_criteria",
        "kind": "pairwise",
        "title": "Which answer is better under each criterion?",
        "settings": {"labels": ["better"], "tie": True, "criteria": "item"},
    },
]
_SHORT = {"name": "short", "text": "Can be read in ten seconds."}
_ASKED = (
    (
        "My plant has yellow leaves. What should I do?",
        "Most likely it gets too much water: let the soil dry, then water once a week.",
        "Yellow leaves have several causes. Too much water is the most frequent one: the soil smells musty and stays "
        "wet, so let it dry and water less. If only old leaves turn yellow, it lacks nitrogen: give it fertiliser. "
        "If the veins stay green, it lacks iron. Look at the underside of the leaves, too: mites leave fine webs.",
        (_SHORT, {"name": "causes", "text": "Helps to find out which of several causes it is."}),
    ),
    (
        "Write an invitation to the summer party of a kindergarten.",
        "Hurray, summer is here! Come on Friday at 3 and bring your best hat: there will be lemonade, a water slide "
        "and a cake that is bigger than you.",
        "The kindergarten invites parents and children to its summer party on Friday, 12 June, from 15:00 to 18:00, in "
        "the garden. Please bring a change of clothes for each child. Please answer by Tuesday.",
        (
            {"name": "children", "text": "Makes children look forward to it."},
            {"name": "facts", "text": "Parents know when, where and what to bring."},
            _SHORT,
        ),
    ),
    (
        "Is it safe to charge a phone overnight?",
        "Yes. The phone stops charging by itself when the battery is full.",
        "Yes, with a charger that is not damaged and not under a pillow. The phone stops by itself; a battery that is "
        "kept at 100 % ages a little faster, so many phones wait with the last 20 % until the morning.",
        (_SHORT, {"name": "risks", "text": "Says what can go wrong."}),
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Three pairs, each with two or three criteria of its own."""
    return [
        {"id": f"criteria-{number}", "prompt": asked, "responses": [one, other], "criteria": list(criteria)}
        for number, (asked, one, other, criteria) in enumerate(_ASKED, 1)
    ]
