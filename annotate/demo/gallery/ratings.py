"""Ratings: short explanations rated on an even scale, dimension by dimension, and by a slider as a whole."""

from pathlib import Path
from typing import Any

TITLE = "Ratings on a scale"
SUMMARY = "Two explanations, each rated from 1 to 4 for what it gets right, and by a slider as a whole."
GUIDELINES = """\
Rate each explanation **by itself**: A may be as good as B. The scale has no middle; decide which side it is on.

- **Correct**: what it says is true.
- **Clear**: somebody who does not know it yet understands it.
- **Complete**: nothing is missing that the question asks for. `X` where nothing was asked that could be missing.

A digit rates and goes on to the next row. The slider counts only once you have moved it."""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "ratings",
        "kind": "rating",
        "title": "How good is each explanation?",
        "settings": {
            "low": 1,
            "high": 4,
            "anchors": [
                {"value": 1, "label": "very poor"},
                {"value": 2, "label": "rather poor"},
                {"value": 3, "label": "rather good"},
                {"value": 4, "label": "very good"},
            ],
            "dimensions": [
                {"name": "correct", "title": "Correct", "help": "What it says is true"},
                {"name": "clear", "title": "Clear", "help": "A newcomer understands it"},
                {"name": "complete", "title": "Complete", "help": "Nothing is missing"},
            ],
            "not_applicable": True,
        },
    },
    {
        "name": "useful",
        "kind": "rating",
        "title": "How useful would it be to you?",
        "help": "0: not at all. 100: exactly what I need.",
        "settings": {"low": 0, "high": 100, "widget": "slider"},
    },
]
_ASKED = (
    (
        "Why do leaves turn yellow in autumn?",
        "Trees stop making chlorophyll, the green pigment, when days get short. The yellow carotenoids, which were "
        "there all summer, then show.",
        "Because of the cold the leaves freeze and the green colour falls out of them.",
    ),
    (
        "What does a fuse do?",
        "It breaks the circuit.",
        "It is a thin wire that melts when more current flows than the cable can bear, and so opens the circuit before "
        "the cable gets hot enough to burn.",
    ),
    (
        "Why is the sea salty, and rivers are not?",
        "Rivers are a little salty, too: they wash salts out of the rocks and carry them to the sea. There the water "
        "evaporates and the salt stays, for millions of years.",
        "The sea is salty because fish and algae produce salt, while rivers flow and therefore stay fresh.",
    ),
    (
        "Say good night in Italian.",
        "Buonanotte.",
        "*Buonanotte*, said when somebody goes to bed. In the evening one says *buonasera*.",
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Four questions with two explanations each."""
    return [
        {"id": f"rating-{number}", "prompt": asked, "responses": [one, other]}
        for number, (asked, one, other) in enumerate(_ASKED, 1)
    ]
