"""Ranking: five explanations in order, with ties; one that answers something else can be put aside."""

from pathlib import Path
from typing import Any

TITLE = "Best to worst"
SUMMARY = "Explanations to a child of eight, put in order by drag or by keys, with ties."
GUIDELINES = (
    "Press the letters from the best to the worst, or drag them. `T` ties an answer with the one above, `↑` and `↓` "
    "move it, `X` puts aside what does not answer the question at all."
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "order",
        "kind": "ranking",
        "title": "Best to worst",
        "settings": {"ties": True, "not_rankable": True},
    },
]
_ASKED = (
    (
        "Explain to an eight-year-old why the moon changes its shape.",
        (
            "It does not change, we only see another part of it. The sun lights one half of the moon, like a lamp that "
            "shines on a ball. When the moon goes around us we look at the bright half from different sides.",
            "The moon is a ball. The sun lights one side. Sometimes we see the bright side, sometimes the dark one.",
            "The shadow of the Earth covers a part of the moon, and every night it is another part.",
            "The phases result from the changing elongation between the illuminated hemisphere and the observer.",
            "Did you know that people have walked on the moon? The first were Neil Armstrong and Buzz Aldrin, in 1969.",
        ),
    ),
    (
        "Explain to an eight-year-old what a password is for.",
        (
            "It is like the key to your diary. Only who knows the word can open it, so you tell it to nobody.",
            "It is a secret word. The computer asks for it to be sure that it is you.",
            "A password authenticates a principal against a stored verifier.",
            "Your password should be 123456, so that you do not forget it.",
        ),
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Two questions with five and four explanations."""
    return [
        {"id": f"ranking-{number}", "prompt": asked, "responses": list(answers)}
        for number, (asked, answers) in enumerate(_ASKED, 1)
    ]
