"""Steps of reasoning: worked problems in mathematics, most of which go wrong; the first wrong step is asked."""

from pathlib import Path
from typing import Any

TITLE = "First wrong step"
SUMMARY = "Worked problems in mathematics, and the first step that goes wrong."
GUIDELINES = (
    "Read step by step. `↓` goes to the next step; `X` marks the first step that is wrong, `0` says that none is.\n\n"
    "A step is wrong if it calculates wrongly, contradicts what was given, or does not follow from what came before. "
    "A step that only builds on an earlier error is **not** the first one."
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "first_error",
        "kind": "step",
        "title": "Which step is the first wrong one?",
        "settings": {"mode": "first_error"},
    },
]
_WORKED = (
    (
        "A shop takes 20 % off a jacket that costs 80 €, then another 10 % off the new price. What does it cost?",
        (
            "20 % of 80 € is $0.2 \\cdot 80 = 16$ €, so the price falls to 64 €.",
            "The second discount is taken off the new price: 10 % of 64 € is 6.40 €.",
            "So the jacket costs $64 - 6.40 = 57.60$ €.",
        ),
    ),
    (
        "Two trains leave towns 300 km apart at the same time, towards each other, at 70 km/h and 80 km/h. "
        "When do they meet?",
        (
            "They come closer by $70 + 80 = 150$ km every hour.",
            "They meet when they have covered the distance between them, 300 km.",
            "That takes $300 / 70 \\approx 4.3$ hours.",
            "So they meet after about 4 hours and 17 minutes.",
        ),
    ),
    (
        "What is the sum of the first 50 odd numbers?",
        (
            "The odd numbers are 1, 3, 5, …; the $n$th one is $2n - 1$.",
            "The 50th odd number is $2 \\cdot 50 + 1 = 101$.",
            "The mean of the first and the last one is $(1 + 101) / 2 = 51$.",
            "The sum is $50 \\cdot 51 = 2550$.",
        ),
    ),
    (
        "Solve $x^2 - 5x + 6 = 0$.",
        (
            "We look for two numbers with the product 6 and the sum 5: they are 2 and 3.",
            "So $x^2 - 5x + 6 = (x - 2)(x - 3)$.",
            "A product is zero where one of its factors is, so $x = 2$ or $x = 3$.",
        ),
    ),
    (
        "A bag holds 3 red and 5 blue marbles. Two are drawn without putting any back. How likely are two red ones?",
        (
            "The first marble is red with probability $\\tfrac{3}{8}$.",
            "Then 2 red marbles are left among 8, so the second is red with probability $\\tfrac{2}{8}$.",
            "Together that makes $\\tfrac{3}{8} \\cdot \\tfrac{2}{8} = \\tfrac{6}{64} = \\tfrac{3}{32}$.",
        ),
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Five problems with one worked answer each, its steps listed."""
    return [
        {
            "id": f"worked-{number}",
            "prompt": asked,
            "responses": [{"text": "\n\n".join(steps), "steps": list(steps)}],
        }
        for number, (asked, steps) in enumerate(_WORKED, 1)
    ]
