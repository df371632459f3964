"""A bar chart of five days."""

from collections.abc import Mapping

from PIL import Image

from annotate.demo.drawing import Canvas, Colour
from annotate.demo.scenes import Edit, Flawed

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
VISITS = (42, 65, 88, 57, 73)
SORTED = (88, 73, 65, 57, 42)
BLUE = "#7f9fbf"
ORANGE = "#e8853a"


def draw(
    labels: tuple[str, ...] = DAYS,
    values: tuple[int, ...] = VISITS,
    colours: Mapping[int, Colour] = {},
) -> Image.Image:
    """``colours``: by position, for bars that are not blue."""
    canvas = Canvas("#fbfaf7")
    canvas.rect(22, 22, 490, 490, "#e7e3da", 14)
    canvas.rect(24, 24, 488, 488, "#ffffff", 13)
    canvas.text(56, 62, "Visitors", "#2f3a46", 26, "lm")
    canvas.text(56, 92, "per day, one week in May", "#7b8794", 15, "lm")
    for value in range(0, 101, 25):
        y = 426 - value * 3
        canvas.line([(84, y), (464, y)], "#8a94a0" if value == 0 else "#e6e9ed", 1.6 if value == 0 else 1.2)
        canvas.text(72, y, str(value), "#7b8794", 14, "rm")
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        x = 100 + place * 74
        canvas.rect(x, 426 - value * 3, x + 50, 426, colours.get(place, BLUE), 5)
        canvas.rect(x, 418, x + 50, 426, colours.get(place, BLUE))
        canvas.text(x + 25, 426 - value * 3 - 13, str(value), "#2f3a46", 15)
        canvas.text(x + 25, 448, label, "#4a5561", 16)
    return canvas.finish()


EDITS = (
    Edit(
        "highlight-wednesday",
        "Highlight Wednesday: make its bar orange and keep the others as they are.",
        {"colours": {2: ORANGE}},
        (
            Flawed("wrong_object", "highlights Thursday instead of Wednesday", {"colours": {3: ORANGE}}),
            Flawed(
                "collateral",
                "highlights the right bar but changes the figures of two others",
                {"colours": {2: ORANGE}, "values": (71, 65, 88, 57, 49)},
            ),
        ),
    ),
    Edit(
        "sort-bars",
        "Sort the bars from the tallest to the shortest; each keeps its label.",
        {"labels": ("Wed", "Fri", "Tue", "Thu", "Mon"), "values": SORTED},
        (
            Flawed(
                "collateral",
                "sorts the bars but leaves the labels behind, so the figures are false",
                {"values": SORTED},
            ),
            Flawed(
                "wrong_value",
                "sorts from the shortest to the tallest",
                {"labels": ("Mon", "Thu", "Tue", "Fri", "Wed"), "values": SORTED[::-1]},
            ),
        ),
    ),
)
