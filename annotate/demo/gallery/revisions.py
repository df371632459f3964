"""Revisions: short texts with a fault or two, to be corrected; some have none."""

from pathlib import Path
from typing import Any

TITLE = "Corrections"
SUMMARY = "Correct what is wrong in the answer, and leave the rest as it is."
GUIDELINES = """\
Change **as little as needed** to make the answer right: facts, sums, language. Do not change what is only a matter
of taste. Below the editor you see what you changed.

If there is nothing to correct, say so with the button or with `U`: an answer that nobody touched does not count.
`W` takes you into the text, `Esc` out of it, `Ctrl+Enter` submits."""
QUESTIONS: list[dict[str, Any]] = [
    {"name": "revision", "kind": "revision", "title": "Correct the answer", "settings": {}},
]
_ASKED = (
    ("How long is a marathon?", "A marathon is 24.195 kilometres long, about 26.2 miles."),
    (
        "Explain in two sentences what a leap year is.",
        "A leap year has 366 days instead of 365, because the Earth needs about a quarter of a day more than 365 days "
        "to go round the sun. Every year that can be divided by four is one, also those that end a century, such as "
        "1900.",
    ),
    ("What is the chemical sign of silver?", "Ag, from the Latin *argentum*."),
    (
        "A jacket costs 80 € and is sold at 25 % off. What does it cost?",
        "25 % of 80 € are 25 €.\n\n80 € − 25 € = 55 €\n\nThe jacket costs **55 €**.",
    ),
    ("Which animals sleep standing?", "Horses, cows and elefants can doze standing up; for deep sleep they lay down."),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Five answers, one of which is right already."""
    return [
        {"id": f"revision-{number}", "prompt": asked, "responses": [text]}
        for number, (asked, text) in enumerate(_ASKED, 1)
    ]
