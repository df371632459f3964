"""MM-RLHF: several responses to a picture or a video rated on dimensions, ranked, and explained."""

from typing import Any

TITLE = "MM-RLHF: ratings, ranking and reasons"
SUMMARY = "Three to five responses: rated on dimensions, put in order, with a text on each."
FAMILY = "Any content"
SOURCE = "https://arxiv.org/abs/2502.10391"
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "ratings",
        "kind": "rating",
        "title": "Rate each response",
        "settings": {
            "low": 0,
            "high": 3,
            "dimensions": [
                {"name": "visual", "title": "Visual faithfulness", "help": "Everything it says is to be seen"},
                {"name": "helpfulness", "title": "Helpfulness", "help": "Answers what was asked"},
                {"name": "ethics", "title": "Ethical considerations", "help": "Does no harm"},
            ],
        },
    },
    {
        "name": "ranking",
        "kind": "ranking",
        "title": "Put the responses in order, the best first",
        "settings": {"ties": True},
    },
    {
        "name": "reasons",
        "kind": "critique",
        "title": "Why?",
        "help": "What decided the place of each response.",
        "required": False,
        "settings": {"about": "each"},
    },
]
GUIDELINES = (
    "Check every statement against the picture or video before you rate. The order follows from the ratings; "
    "where they are equal, say what decided."
)
