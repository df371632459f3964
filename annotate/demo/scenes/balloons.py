"""Three hot-air balloons above the hills."""

import math
from collections.abc import Mapping

from PIL import Image

from annotate.demo.drawing import Canvas, Colour, bezier, blocks, hills, mix
from annotate.demo.scenes import Edit, Flawed

COLOURS: dict[str, tuple[Colour, Colour]] = {
    "large": ("#d9483b", "#f7e3c0"),
    "middle": ("#3b7fb8", "#f4c95d"),
    "small": ("#7d5ba6", "#e8d5f0"),
}
PLACES = {"large": (190, 190, 1.0), "middle": (378, 250, 0.62), "small": (300, 92, 0.36)}


def draw(
    colours: Mapping[str, tuple[Colour, Colour]] = {},
    places: Mapping[str, tuple[float, float, float]] = {},
    fourth: tuple[float, float, float] | None = None,
) -> Image.Image:
    """``colours`` and ``places`` (x, y, size) by balloon, for what changes; ``fourth``: another one like the small."""
    canvas = Canvas("#7cc0ea", "#fde9cf")
    canvas.glow(470, 330, 210, "#ffe3a3", 0.9)
    for x, y, size in ((84, 66, 0.9), (430, 120, 1.0), (60, 300, 0.6)):
        for dx, dy, r in ((-34, 6, 16), (-10, -4, 24), (18, 1, 20), (40, 8, 12)):
            canvas.ellipse(x + dx * size, y + dy * size, r * size * 1.3, r * size * 0.75, fill=(255, 255, 255, 205))
    canvas.polygon(hills(390, 30, 6.5, 0.2), "#9db8a8")
    canvas.polygon(hills(424, 24, 8, 2.2), "#7da382")
    canvas.polygon(hills(462, 18, 5, 4.0), "#5d8a5c")
    for step in range(30):
        x, y = (step * 89) % 520, 478 + (step * 37) % 32
        height = 20 + (step * 11) % 14
        canvas.polygon([(x - height * 0.3, y), (x + height * 0.3, y), (x, y - height)], "#3f6b47")
    tones = {**COLOURS, **colours}
    for name, place in {**PLACES, **places}.items():
        _balloon(canvas, *place, *tones[name])
    if fourth:
        _balloon(canvas, *fourth, *tones["small"])
    return canvas.finish()


def _balloon(canvas: Canvas, x: float, y: float, size: float, one: Colour, two: Colour) -> None:
    r = 96 * size
    for share, colour in ((1.0, one), (0.72, two), (0.42, one), (0.14, two)):
        side = [
            (x + r * share * math.cos(math.radians(a)), y + r * math.sin(math.radians(a))) for a in range(-180, 1, 6)
        ]
        right = bezier((x + r * share, y), (x + r * share * 0.95, y + r * 0.72), (x + r * 0.2 * share, y + r * 1.25))
        left = bezier((x - r * 0.2 * share, y + r * 1.25), (x - r * share * 0.95, y + r * 0.72), (x - r * share, y))
        canvas.polygon([*side, *right, *left], colour)
    shade = [(x + r * math.cos(math.radians(a)), y + r * math.sin(math.radians(a))) for a in range(-62, 1, 4)]
    canvas.polygon(
        [*shade, *bezier((x + r, y), (x + r * 0.95, y + r * 0.72), (x + r * 0.2, y + r * 1.25)), (x + r * 0.42, y)],
        (30, 20, 60, 34),
    )
    canvas.ellipse(x - r * 0.5, y - r * 0.38, r * 0.14, r * 0.28, fill=(255, 255, 255, 70))
    for dx in (-0.17, 0.17):
        canvas.line([(x + dx * r, y + r * 1.24), (x + dx * r * 0.8, y + r * 1.52)], "#5a4632", 1.4 + size)
    canvas.rect(x - r * 0.16, y + r * 1.5, x + r * 0.16, y + r * 1.74, "#8a5f3a", 3 * size)
    canvas.rect(x - r * 0.17, y + r * 1.5, x + r * 0.17, y + r * 1.55, mix("#8a5f3a", "#000000", 0.3), 2 * size)


EDITS = (
    Edit(
        "green-balloon",
        "Make the largest balloon green and white.",
        {"colours": {"large": ("#2f9a5f", "#ffffff")}},
        (
            Flawed(
                "wrong_object", "recolours the middle balloon instead", {"colours": {"middle": ("#2f9a5f", "#ffffff")}}
            ),
            Flawed(
                "artefact",
                "breaks the edge of the balloon into coarse squares",
                {"colours": {"large": ("#2f9a5f", "#ffffff")}},
                lambda image, _: blocks(image, (80, 192, 304, 368)),
            ),
        ),
    ),
    Edit(
        "move-balloon",
        "Move the smallest balloon to the lower left, above the hills.",
        {"places": {"small": (72, 330, 0.36)}},
        (
            Flawed("partial", "makes a copy at the lower left and leaves the old one", {"fourth": (72, 330, 0.36)}),
            Flawed("wrong_value", "moves it to the upper left", {"places": {"small": (52, 66, 0.36)}}),
        ),
    ),
)
