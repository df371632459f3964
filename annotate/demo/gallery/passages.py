"""Marked passages: answers with mistakes in certain words, and with something left out."""

from pathlib import Path
from typing import Any

TITLE = "Marked passages"
SUMMARY = "Words that are wrong, marked where they stand; a note where something is missing."
GUIDELINES = """\
Read both answers beside the facts given in the question, and mark every passage with a fault; mark the fewest words
that hold it.

- **Wrong**: the facts say otherwise
- **Not supported**: may be true, but nothing above says so
- **Irrelevant**: does not help to answer the question
- **Something is missing**: a note on the whole answer; say what is missing

Select with the mouse, or click into an answer and use the arrows, with `Shift` for more words. `1` to `3` say what it
is.
"""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "passages",
        "kind": "span",
        "title": "Mark what is wrong",
        "settings": {
            "categories": [
                {"name": "wrong", "title": "Wrong"},
                {"name": "unsupported", "title": "Not supported"},
                {"name": "irrelevant", "title": "Irrelevant"},
                {"name": "missing", "title": "Something is missing", "placed": False},
            ],
            "explanation": True,
        },
    },
]
_ASKED = (
    (
        "Facts: The lighthouse at Grey Point was lit in **1871**. It is 34 metres tall and has been automatic since "
        "1988.\n\nWhen was it built, how tall is it, and who keeps it?",
        "The lighthouse was lit in 1871 and stands 43 metres tall. Its keeper is a friendly man named Tom.",
        "It was lit in **1871** and is 34 metres tall. Lighthouses are popular on postcards.",
    ),
    (
        "Facts: The night train leaves at 21:40 and arrives at 07:15. Bicycles need a ticket; dogs travel free.\n\n"
        "I have a dog and a bicycle. What must I know about the night train?",
        "The train leaves at *21:40* and arrives at 07:15. Your dog travels free, your bicycle needs a ticket.",
        "The train leaves at 20:40. Both your dog and your bicycle travel free, and breakfast is included.",
    ),
    (
        "Facts: Take one tablet in the morning, with water. Do not drink alcohol. See a doctor after 5 days.\n\n"
        "How do I take these tablets?",
        "1. Take one tablet in the morning, with milk.\n2. Do not drink alcohol.\n3. Pills were invented in antiquity.",
        "Take one tablet in the morning with water, and see a doctor after 5 days.",
    ),
    (
        "Facts: 日本 has 47 prefectures; Tōkyō is the largest by people, Hokkaidō by area. Its highest mountain is "
        "3,776 m.\n\nHow many prefectures has Japan, and which is the largest?",
        "Japan (日本) has 47 prefectures. The largest by people is Ōsaka, by area Hokkaidō 🏔️.",
        "There are 74 prefectures. The largest is Tōkyō.",
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Four questions with the facts, each with two answers; of one pair, one has nothing to mark."""
    return [
        {"id": f"passages-{number}", "prompt": asked, "responses": [first, second]}
        for number, (asked, first, second) in enumerate(_ASKED, 1)
    ]
