"""Good or bad, one response at a time: short answers that are right or wrong at a glance."""

from pathlib import Path
from typing import Any

TITLE = "Good or bad"
SUMMARY = "One answer at a time, one key each."
GUIDELINES = "Is the answer right, and does it answer what was asked? `1` is good, `2` is bad; `Backspace` goes back."
QUESTIONS: list[dict[str, Any]] = [
    {"name": "verdict", "kind": "binary", "title": "Is this answer good?", "settings": {"at_once": True}},
]
_ASKED = (
    ("What is the capital of Australia?", "Canberra.", "Sydney, its largest city."),
    ("How many legs has a spider?", "Eight.", "Six, like every insect."),
    ("What is 15 % of 60?", "9.", "15 % of 60 is 6."),
    ("Which planet is closest to the sun?", "Mercury.", "Venus, because it is the hottest."),
    ("At what temperature does water boil at sea level?", "At 100 °C (212 °F).", "At 90 °C."),
    ("Who wrote *Frankenstein*?", "Mary Shelley, published in 1818.", "Bram Stoker."),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Six questions, each with a right and a wrong answer, which are asked about one by one."""
    return [
        {"id": f"verdict-{number}", "prompt": asked, "responses": [right, wrong]}
        for number, (asked, right, wrong) in enumerate(_ASKED, 1)
    ]
