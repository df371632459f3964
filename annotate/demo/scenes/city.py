"""A skyline at night."""

import math
import random

from PIL import Image

from annotate.demo.drawing import SIZE, Canvas, Colour, bezier
from annotate.demo.scenes import Edit, Flawed

TALLEST = 3
HOUSES = ((8, 74, 300), (78, 66, 236), (150, 78, 318), (220, 84, 150), (312, 70, 264), (386, 58, 220), (448, 60, 330))
SKY = ("#141c3f", "#5a4a86")


def draw(
    dark: tuple[int, ...] = (),
    half_dark: int | None = None,
    moons: tuple[str, ...] = ("full",),
    stars: bool = True,
    sky: tuple[Colour, Colour] = SKY,
) -> Image.Image:
    """``dark``: houses with no light, counted from the left; ``half_dark``: one with light in its lower half only."""
    canvas = Canvas(sky[0], sky[1])
    rng = random.Random(11)
    for _ in range(110):
        x, y, r = rng.uniform(0, SIZE), rng.uniform(0, 300), rng.choice([0.7, 0.9, 1.4])
        if stars:
            canvas.ellipse(x, y, r, fill=(255, 255, 255, 200))
    for place, moon in enumerate(moons):
        _moon(canvas, 414 - place * 330, 88, moon)
    for x in range(-10, SIZE, 46):
        height = 60 + (x * 37) % 70
        canvas.rect(x, 420 - height, x + 40, 430, "#2d2a55")
    for place, (x, width, top) in enumerate(HOUSES):
        _house(canvas, place, x, width, top, dark, half_dark)
    canvas.gradient((0, 432, SIZE, SIZE), "#2a3566", "#10173a")
    for place, (x, width, top) in enumerate(HOUSES):
        canvas.rect(x, 432, x + width, 432 + (432 - top) * 0.28, (12, 16, 38, 80))
        if place not in dark:
            for step in range(8):
                half = width * (0.12 + 0.05 * ((step * 5 + place) % 4))
                y = 440 + step * 8
                canvas.line([(x + width / 2 - half, y), (x + width / 2 + half, y)], (255, 205, 120, 110 - step * 12), 2)
    for y in range(444, SIZE, 13):
        for x in range((y * 7) % 60 - 40, SIZE, 92):
            canvas.line([(x, y), (x + 34, y)], (255, 255, 255, 24), 1.4)
    canvas.rect(0, 428, SIZE, 434, "#0d1230")
    return canvas.finish()


def _moon(canvas: Canvas, x: float, y: float, shape: str) -> None:
    canvas.glow(x, y, 105, "#fff3cf", 0.55)
    if shape == "crescent":
        outer = [(x + 36 * math.sin(t), y - 36 * math.cos(t)) for t in (-0.35 + 0.05 * step for step in range(77))]
        canvas.polygon([*outer, *bezier(outer[-1], (x + 34, y - 2), outer[0])], "#fdf3d3")
    else:
        canvas.ellipse(x, y, 36, fill="#fdf3d3")
        for dx, dy, r in ((-12, -8, 8), (10, 12, 6), (12, -14, 4), (-6, 16, 4)):
            canvas.ellipse(x + dx, y + dy, r, fill="#ecdfb4")


def _house(
    canvas: Canvas, place: int, x: float, width: float, top: float, dark: tuple[int, ...], half: int | None
) -> None:
    tone = ("#1b1f45", "#20244e", "#181b3d")[place % 3]
    canvas.rect(x, top, x + width, 430, tone)
    canvas.rect(x + width - 8, top, x + width, 430, (0, 0, 0, 50))
    if place == TALLEST:
        canvas.rect(x + 14, top - 22, x + width - 14, top, tone)
        canvas.line([(x + width / 2, top - 22), (x + width / 2, top - 70)], tone, 4)
        canvas.ellipse(x + width / 2, top - 72, 3.4, fill="#ff6b5e")
    rng = random.Random(place)
    columns = int((width - 12) // 15)
    gap = (width - columns * 15) / 2 + 3
    y = top + 12
    while y < 418:
        for column in range(columns):
            lit = rng.random() < 0.62
            off = place in dark or (place == half and y < (top + 430) / 2)
            colour = "#ffd987" if lit and not off else "#2b3060"
            canvas.rect(x + gap + column * 15, y, x + gap + column * 15 + 9, y + 11, colour, 1)
        y += 19


EDITS = (
    Edit(
        "lights-out",
        "Switch off all the lights in the tallest building only.",
        {"dark": (TALLEST,)},
        (
            Flawed("collateral", "darkens every building and not only the tallest", {"dark": tuple(range(7))}),
            Flawed("partial", "leaves the lower half of the building lit", {"half_dark": TALLEST}),
        ),
    ),
    Edit(
        "crescent",
        "Turn the full moon into a crescent.",
        {"moons": ("crescent",)},
        (
            Flawed("partial", "adds a crescent but keeps the full moon beside it", {"moons": ("full", "crescent")}),
            Flawed("collateral", "makes a crescent but loses all the stars", {"moons": ("crescent",), "stars": False}),
        ),
    ),
)
