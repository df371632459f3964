"""Levels: every prompt brings a description of each of its five levels, as the rubrics of BiGGen Bench do."""

from pathlib import Path
from typing import Any

TITLE = "Levels with descriptions"
SUMMARY = "Which of five levels does the answer reach? They are described anew for every prompt."
GUIDELINES = """\
Read the question above the levels, then the answer, then choose **the level whose description fits best**. If it
lies between two, take the lower one: a level is reached only when all that its description asks for is there.

`1` to `5` choose a level, or click on it."""
QUESTIONS: list[dict[str, Any]] = [
    {"name": "level", "kind": "rating", "title": "Which level does it reach?", "settings": {"item_levels": True}},
]
_REFUND = (
    "Does the reply tell the customer, politely and without inventing rules, what happens next?",
    (
        "Rude, or says something that is not so.",
        "Polite, but does not say what happens next.",
        "Says what happens next, but leaves open when, or what the customer has to do.",
        "Says what happens next, when, and what the customer has to do.",
        "All of that, in a few warm sentences without empty phrases.",
    ),
)
_PLAN = (
    "Is the plan for the afternoon possible, and does it hold what was asked for?",
    (
        "Misses two or more of the three wishes.",
        "Misses one wish, or is impossible because of time or distance.",
        "Holds all wishes, but the order costs needless ways or leaves no time to eat.",
        "Holds all wishes in a sensible order with times.",
        "As level 4, and says what to do if it rains.",
    ),
)
_ASKED = (
    (
        "Write a short reply: *“My lamp arrived broken. I want my money back.”*",
        _REFUND,
        ["I am sorry about the lamp. Send us a photo of it, and you have your money back within three days."],
    ),
    (
        "Write a short reply: *“I ordered two weeks ago and nothing came.”*",
        _REFUND,
        ["Thank you for your message. We value your patience and are always happy to hear from you!"],
    ),
    (
        "Plan an afternoon from 14 to 19 h on foot: the harbour, the museum of clocks, cake.",
        _PLAN,
        [
            "14:00 museum of clocks; 16:00 cake in the café next door; 17:00 along the canal to the harbour, until "
            "sunset. If it rains, the harbour has a covered gallery.",
            "14:00 harbour. 14:10 museum of clocks. 14:20 harbour again. Then home.",
        ],
    ),
    (
        "Plan an afternoon from 13 to 18 h by tram: the botanic garden, a bookshop, soup.",
        _PLAN,
        [
            "13:00 soup at the market; 14:00 tram 3 to the botanic garden; 16:30 tram 3 back and to the bookshop.",
            "Start at the bookshop, then the botanic garden, then think about dinner at a steak house.",
        ],
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Two prompts with one answer and two with two, each with its own five levels, the lowest first."""
    return [
        {
            "id": f"level-{number}",
            "prompt": asked,
            "responses": responses,
            "criteria": [
                {"name": "question", "text": question, "points": 0, "category": "question"},
                *(
                    {"name": f"level_{place}", "text": text, "points": 0, "category": "level"}
                    for place, text in enumerate(levels, 1)
                ),
            ],
        }
        for number, (asked, (question, levels), responses) in enumerate(_ASKED, 1)
    ]
