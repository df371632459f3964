"""Forms to start a project from: the questions of common protocols."""

from typing import Any

REASON = {
    "name": "reason",
    "kind": "critique",
    "title": "Why?",
    "help": "One or two sentences on what decided it.",
    "required": False,
    "settings": {"about": "overall"},
}

PRESETS: dict[str, dict[str, Any]] = {
    "plain": {
        "title": "A or B, with ties",
        "questions": [
            {
                "name": "preference",
                "kind": "pairwise",
                "title": "Which response is better?",
                "settings": {"labels": ["better"], "tie": True},
            },
            REASON,
        ],
    },
    "strength": {
        "title": "A or B, how much better, and why",
        "questions": [
            {
                "name": "preference",
                "kind": "pairwise",
                "title": "Which response is better, and by how much?",
                "settings": {"labels": ["slightly better", "better", "much better"], "tie": True, "both_bad": True},
            },
            REASON,
        ],
    },
    "edits": {
        "title": "Image edits: instruction, preservation, quality",
        "questions": [
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
        ],
    },
    "rubric": {
        "title": "Rubric: weighted yes or no",
        "questions": [
            {
                "name": "rubric",
                "kind": "rubric",
                "title": "Which criteria does each response meet?",
                "settings": {
                    "criteria": [
                        {"name": "correct", "text": "Everything it says is right", "points": 5},
                        {"name": "complete", "text": "Answers all that was asked", "points": 3},
                        {"name": "padded", "text": "Says things that nobody asked for", "points": -2},
                    ]
                },
            },
            REASON,
        ],
    },
    "ranking": {
        "title": "Rank all responses, with ties",
        "questions": [
            {
                "name": "ranking",
                "kind": "ranking",
                "title": "Put the responses in order, the best first",
                "settings": {"ties": True, "not_rankable": True},
            },
            REASON,
        ],
    },
    "verdict": {
        "title": "Good or bad, one response at a time",
        "questions": [
            {"name": "verdict", "kind": "binary", "title": "Is this response good?", "settings": {}},
            REASON,
        ],
    },
    "passages": {
        "title": "Mark what is wrong, and say why",
        "questions": [
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
            },
        ],
    },
}
