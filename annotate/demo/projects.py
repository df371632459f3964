"""How the demo's content is asked: three projects with guidelines and forms."""

from typing import Any

NOTICE = "Made-up content: prompts, responses, pictures and the votes of demo people are our own invention."

TEXT_DIMENSIONS = ("overall", "correctness", "clarity")
TEXT_ROWS: dict[str, Any] = {"dimensions": TEXT_DIMENSIONS, "left_open": 0.35}
EDIT_DIMENSIONS = ("instruction", "preservation", "quality")
EDIT_ROWS: dict[str, Any] = {"dimensions": EDIT_DIMENSIONS, "left_open": 0.5}

_REASON = {
    "name": "reason",
    "kind": "critique",
    "title": "Why?",
    "help": "One sentence on what decided it.",
    "required": False,
    "settings": {"about": "overall"},
}

TEXT: dict[str, Any] = {
    "name": "Helpful answers",
    "description": "Which of two answers helps more, and how sure are we?",
    "notice": NOTICE,
    "overlap": 3,
    "guidelines": """\
Read the prompt, then both answers to the end, then judge.

1. **Correctness** first: a wrong number, a made-up fact or broken code outweighs good style.
2. **Clarity**: could the person who asked use the answer as it stands?
3. **Overall** weighs both. Longer is not better: padding costs the reader time.

- Say *tie* when you would not mind which one you got, *both bad* when you would use neither.
- Judge the answer, not who might have written it.

> *What is 20 % of 80?* “16” beats a page on the history of percentages, and both beat “18”.
""",
    "questions": [
        {
            "name": "preference",
            "kind": "pairwise",
            "title": "Which answer is better?",
            "settings": {
                "labels": ["slightly better", "better", "much better"],
                "tie": True,
                "both_bad": True,
                "dimensions": [
                    {"name": "overall", "title": "Overall", "help": "All things considered"},
                    {"name": "correctness", "title": "Correctness", "help": "Is what it says true?"},
                    {"name": "clarity", "title": "Clarity", "help": "Easy to follow and to use"},
                ],
            },
        },
        _REASON,
    ],
}

EDITS: dict[str, Any] = {
    "name": "Image edits",
    "description": "Which edit does what was asked, and nothing else?",
    "notice": NOTICE,
    "overlap": 3,
    "guidelines": """\
You see the source picture, an instruction, and two edits.

- **Instruction**: does the edit do what was asked, on the right thing and all of it?
- **Preservation**: is everything else as it was? Hold `C` to lay the source over the edits.
- **Quality**: clean edges, no smears, light and shadow that fit.

Zoom with `+` and `−`; both pictures move together.
""",
    "questions": [
        {
            "name": "preference",
            "kind": "pairwise",
            "title": "Which edit is better?",
            "settings": {
                "labels": ["slightly better", "better", "much better"],
                "tie": True,
                "dimensions": [
                    {"name": "instruction", "title": "Instruction", "help": "Does what was asked"},
                    {"name": "preservation", "title": "Preservation", "help": "Leaves the rest as it was"},
                    {"name": "quality", "title": "Quality", "help": "Clean, no artefacts"},
                ],
            },
        },
        _REASON,
    ],
}

RUBRIC: dict[str, Any] = {
    "name": "Rubric",
    "description": "Every answer against the same weighted criteria.",
    "notice": NOTICE,
    "overlap": 2,
    "guidelines": "Check each criterion on each answer by itself. *N/A* puts one aside where it makes no sense.",
    "questions": [
        {
            "name": "rubric",
            "kind": "rubric",
            "title": "Which criteria does each answer meet?",
            "settings": {
                "criteria": [
                    {"name": "correct", "text": "Everything it says is right", "points": 5},
                    {"name": "complete", "text": "Answers all that was asked", "points": 3},
                    {"name": "usable", "text": "Can be used as it stands", "points": 2},
                    {"name": "padded", "text": "Says things that nobody asked for", "points": -2},
                ]
            },
        },
        {
            "name": "critique",
            "kind": "critique",
            "title": "What would make it better?",
            "required": False,
            "settings": {"about": "each"},
        },
    ],
}
