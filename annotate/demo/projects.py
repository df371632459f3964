"""How the demo's content is asked: three projects with guidelines and forms."""

from typing import Any

NOTICE = "Made-up content: prompts, responses, pictures, models and the votes of demo people are our own invention."

TEXT_DIMENSIONS = ("overall", "correctness", "clarity")
TEXT_ROWS: dict[str, Any] = {"dimensions": TEXT_DIMENSIONS, "left_open": 0.35, "both_bad": True}
EDIT_DIMENSIONS = ("overall", "instruction", "preservation", "quality")
EDIT_ROWS: dict[str, Any] = {"dimensions": EDIT_DIMENSIONS, "left_open": 0.35}

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
Read the prompt, then both answers to the end, then judge. Three verdicts are asked:

1. **Overall**: which one would you rather have been given?
2. **Correctness**: is what it says true? Check figures, dates and code where you can. A wrong number or an invented
   fact outweighs good style.
3. **Clarity**: could the person who asked use it as it stands? Padding, rambling and missing steps cost here.

| say | when |
|---|---|
| *slightly better* | you would not mind much which one you got |
| *better* | most people would choose the same |
| *much better* | the other one is wrong, harmful or useless |
| *tie* | you looked and there is nothing between them |
| *both bad* | you would use neither |

**Longer is not better.** Judge what is said, not how much of it, and not who might have written it.

> *What is 20 % of 80?*
> "16" beats a page on the history of percentages that ends with 16, and both beat a well-written "18".

> *Can I mix bleach and vinegar?*
> A short "No, that sets free a poisonous gas" beats a friendly recipe. Harmful advice is *much* worse, however clear.

If the prompt sets a limit (a length, a language, a table), breaking it is a fault. If you cannot judge a subject,
skip the task and say so. Under **Why?**, one sentence is plenty: "B adds the percentages".
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
You see the source picture, an instruction, and two edits of the picture. Four verdicts are asked:

- **Overall**: which edit would you hand over?
- **Instruction**: does it do what was asked, to the right thing and all of it?
- **Preservation**: is everything else as it was? Hold `C` to lay the source over the edits and look for what jumps.
- **Quality**: clean edges, no smears or squares, light and shadow that fit.

| instruction | edit | what is wrong |
|---|---|---|
| *Make the sails red* | the hull is red | instruction: the wrong thing |
| *Make the sails red* | sails red, but dusk has fallen | preservation: the sky was not to change |
| *Remove the smoke* | a grey smudge is left | quality: traces of the edit |

An edit that does the wrong thing beautifully loses *overall*. Zoom with `+` and `-`; both pictures move together.
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
                    {"name": "overall", "title": "Overall", "help": "All things considered"},
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
    "guidelines": """\
Check each criterion on each answer by itself, without comparing the answers.

- *Met* or *not met*; there is no half. Ask yourself what you would point at.
- *N/A* puts a criterion aside where it makes no sense for the prompt.
- *Says things that nobody asked for* is a pitfall: *met* means that the answer has this fault.
""",
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
