"""Which 3D model fits the description: coloured solids that turn together; models that we built."""

from pathlib import Path
from typing import Any

from annotate.demo.gallery._making import Solid, ball, box, cone, glb

TITLE = "Two 3D models"
SUMMARY = "Two models under one camera: turn one, and the other turns with it."
GUIDELINES = """Turn the models and look at them from below and behind as well; faults hide there.

Which one fits the description better? Then: which one is better built, with no part floating or missing?"""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "better",
        "kind": "pairwise",
        "title": "Which model is better?",
        "settings": {
            "labels": ["better", "much better"],
            "tie": True,
            "dimensions": [
                {"name": "fit", "title": "Fits the description", "help": "Shapes, colours and places as described"},
                {"name": "build", "title": "Well built", "help": "No part floats, sticks out or is missing"},
            ],
        },
    },
]

RED, GREEN, BLUE, YELLOW = (0.75, 0.1, 0.1), (0.12, 0.5, 0.2), (0.12, 0.3, 0.7), (0.85, 0.6, 0.08)
WOOD, WHITE, BLACK = (0.35, 0.18, 0.07), (0.85, 0.85, 0.85), (0.03, 0.03, 0.03)


def rows(folder: Path) -> list[dict[str, Any]]:
    """Four descriptions with two models each."""
    made = {
        "house": _house(),
        "house_floating": _house(gap=0.35),
        "tree": [
            cone(0.12, 0.6, WOOD, top=0.1),
            *(cone(0.55 - 0.13 * n, 0.6, GREEN).at(0, 0.5 + 0.35 * n, 0) for n in range(3)),
        ],
        "tree_brown": [
            cone(0.12, 0.6, GREEN, top=0.1),
            *(cone(0.55 - 0.13 * n, 0.6, WOOD).at(0, 0.5 + 0.35 * n, 0) for n in range(3)),
        ],
        "table": _table(4),
        "table_three": _table(3),
        "snowman": _snowman(hat=True),
        "snowman_bare": _snowman(hat=False),
    }
    asked = (
        ("A white house with a red roof and a chimney.", "house_floating", "house"),
        ("A fir tree with a brown trunk and green branches.", "tree", "tree_brown"),
        ("A wooden table with four legs and a blue ball on it.", "table", "table_three"),
        ("A snowman with a black hat.", "snowman_bare", "snowman"),
    )
    files = {name: glb(folder, f"{name}.glb", solids) for name, solids in made.items()}
    return [
        {
            "id": f"solids-{number}",
            "prompt": prompt,
            "responses": [{"text": "", "media": [files[a]]}, {"text": "", "media": [files[b]]}],
        }
        for number, (prompt, a, b) in enumerate(asked, 1)
    ]


def _house(gap: float = 0.0) -> list[Solid]:
    roof = cone(1.0, 0.7, RED, sides=4)
    return [
        box(1.2, 0.8, 1.2, WHITE),
        roof.at(0, 0.8 + gap, 0),
        box(0.16, 0.5, 0.16, YELLOW).at(0.25, 1.0 + gap, 0.1),
        box(0.25, 0.45, 0.04, WOOD).at(0, 0, 0.6),
    ]


def _table(legs: int) -> list[Solid]:
    corners = [(-0.5, -0.3), (0.5, -0.3), (0.5, 0.3), (-0.5, 0.3)][:legs]
    feet = [box(0.09, 0.7, 0.09, WOOD).at(x, 0, z) for x, z in corners]
    return [*feet, box(1.2, 0.08, 0.8, WOOD).at(0, 0.7, 0), ball(0.16, BLUE).at(0.2, 0.94, 0)]


def _snowman(hat: bool) -> list[Solid]:
    built = [ball(0.5, WHITE).at(0, 0.48, 0), ball(0.36, WHITE).at(0, 1.2, 0), ball(0.25, WHITE).at(0, 1.7, 0)]
    built += [ball(0.03, BLACK, rings=6).at(x, 1.75, 0.235) for x in (-0.09, 0.09)]
    built.append(ball(0.05, YELLOW, rings=6).at(0, 1.67, 0.26))
    if hat:
        built += [cone(0.3, 0.04, BLACK, top=0.3).at(0, 1.88, 0), cone(0.19, 0.3, BLACK, top=0.19).at(0, 1.9, 0)]
    return built
