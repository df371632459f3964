"""Rubrics: weighted criteria of each prompt's own, merits and pitfalls, with partial credit."""

from pathlib import Path
from typing import Any

TITLE = "A rubric for each prompt"
SUMMARY = "Criteria that every prompt brings along, weighted, with pitfalls and with credit for half."
GUIDELINES = (
    "Check every answer on every criterion: `Y` met, `P` met in part, `N` not met, `X` does not apply.\n\nA criterion "
    "with negative points is a pitfall: `Y` says that the answer fell into it. Partly met is for a criterion of which "
    "a reader gets about half; a matter of taste is not partly met."
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "rubric",
        "kind": "rubric",
        "title": "Which criteria does each answer meet?",
        "settings": {"partial": [50], "not_applicable": True},
    },
]


def _criterion(name: str, points: float, text: str, category: str) -> dict[str, Any]:
    return {"name": name, "text": text, "points": points, "category": category}


_ASKED = (
    (
        "My child has a fever of 38.6 °C since this morning, drinks and plays. Do I have to see a doctor?",
        (
            "No, not yet. As long as your child drinks, plays and is older than three months, you can wait. See a "
            "doctor if the fever lasts more than three days, rises above 40 °C, or if your child becomes listless.",
            "Give ibuprofen every four hours and put cold wraps around the calves. Fever above 38.5 °C is dangerous.",
        ),
        (
            _criterion(
                "age", 4, "Says that a fever in the first three months is a matter for a doctor at once.", "safety"
            ),
            _criterion("signs", 5, "Names at least two signs that mean that a doctor is needed.", "safety"),
            _criterion("drinking", 2, "Mentions that the child should keep drinking.", "completeness"),
            _criterion("alarm", -4, "Frightens without need.", "tone"),
            _criterion("dose", -5, "Gives a dose without the child's weight or age.", "safety"),
        ),
    ),
    (
        "Write an SQL query for the ten customers with the highest turnover in 2025.",
        (
            "```sql\nSELECT customer_id, SUM(amount) AS turnover\nFROM orders\nWHERE ordered_at >= '2025-01-01'\n"
            "  AND ordered_at < '2026-01-01'\nGROUP BY customer_id\nORDER BY turnover DESC\nLIMIT 10;\n```",
            "```sql\nSELECT TOP 10 * FROM orders WHERE ordered_at LIKE '2025%' ORDER BY amount DESC;\n```\n"
            "I assumed a table `orders`.",
        ),
        (
            _criterion("sums", 5, "Adds up the orders of each customer.", "correctness"),
            _criterion("year", 3, "Takes all of 2025 and nothing else.", "correctness"),
            _criterion("assumptions", 2, "Says which tables and columns it assumes.", "clarity"),
            _criterion("star", -2, "Selects columns that nobody asked for.", "style"),
        ),
    ),
)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Two prompts with two answers each and a rubric of their own."""
    return [
        {"id": f"rubric-{number}", "prompt": asked, "responses": list(answers), "criteria": list(criteria)}
        for number, (asked, answers, criteria) in enumerate(_ASKED, 1)
    ]
