"""Critiques: the failure named in words, its kinds ticked, and a score from 0 to 5; strengths and failures apart."""

from pathlib import Path
from typing import Any

TITLE = "Critiques"
SUMMARY = "What is good, what fails, which kind of error it is, and a score from 0 to 5."
GUIDELINES = """\
Write for whoever has to make the answer better: **name the fault and where it is**, not only that there is one.

- **Strengths** may stay empty.
- **What fails** is needed for every score below 5.
- Tick every kind of error that you find, or *None of these*.

`W` goes to the next empty box, `Esc` leaves it, `0` to `5` score, `Ctrl+Enter` submits while you type."""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "critique",
        "kind": "critique",
        "title": "What is good, what fails?",
        "settings": {
            "aspects": [
                {"name": "strengths", "title": "Strengths", "help": "What is good about it"},
                {"name": "failures", "title": "What fails", "help": "Each fault, and where it is"},
            ],
            "errors": [
                {"name": "arithmetic", "title": "Arithmetic", "help": "A figure is worked out wrongly"},
                {"name": "deduction", "title": "Deduction", "help": "A step does not follow"},
                {"name": "veracity", "title": "Veracity", "help": "States as a fact what is none"},
                {"name": "redundancy", "title": "Redundancy", "help": "Says what nobody needs"},
            ],
            "score": True,
        },
    },
]
_ASKED = (
    (
        "A train leaves at 9:40 and takes 2 h 35 min. When does it arrive?",
        "9:40 plus 2 hours is 11:40. Plus 35 minutes is 12:15. It arrives at **12:15**.",
        "Trains are a comfortable and green way to travel. 9:40 plus 2:35 is 11:75, so it arrives at **11:75**.",
    ),
    (
        "All roses are flowers. Some flowers fade quickly. Do some roses fade quickly?",
        "Yes: roses are flowers and some flowers fade quickly, so some roses do.",
        "That does not follow: the flowers that fade quickly may all be others.",
    ),
    (
        "Who was first to reach the South Pole, and when?",
        "Roald Amundsen and four companions, on 14 December 1911.",
        "Robert Falcon Scott in January 1912, a few weeks after Amundsen had given up.",
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Three questions with two answers each."""
    return [
        {"id": f"critique-{number}", "prompt": asked, "responses": [one, other]}
        for number, (asked, one, other) in enumerate(_ASKED, 1)
    ]
