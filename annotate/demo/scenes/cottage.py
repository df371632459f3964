"""A cottage in a garden, with smoke above its chimney."""

import random

from PIL import Image

from annotate.demo.drawing import SIZE, Canvas, Colour, hills, mix, smear
from annotate.demo.scenes import Edit, Flawed


def draw(
    door: Colour = "#8c4a2f",
    roof: Colour = "#b5483a",
    walls: Colour = "#f6ead2",
    smoke: bool = True,
    chimney: bool = True,
    tree: bool = True,
    shutters: Colour = "#5b7f95",
) -> Image.Image:
    canvas = Canvas("#a8d8f0", "#f3f8e8")
    canvas.glow(80, 84, 120, "#fff2b8", 0.9)
    canvas.ellipse(80, 84, 32, fill="#ffdf7a")
    canvas.polygon(hills(300, 26, 7, 1.2), "#a9c98a")
    canvas.polygon(hills(352, 16, 5, 2.6), "#8dba6c")
    canvas.gradient((0, 392, SIZE, SIZE), "#7fb25f", "#5f9547")
    if chimney:
        canvas.rect(322, 132, 352, 210, "#9c5a4a")
        canvas.rect(317, 126, 357, 138, "#7f4437", 2)
    if smoke:
        for x, y, r, alpha in ((340, 108, 13, 230), (352, 84, 18, 200), (343, 54, 23, 165), (366, 26, 27, 120)):
            canvas.ellipse(x, y, r * 1.15, r, fill=(236, 238, 242, alpha))
    if tree:
        _tree(canvas)
    canvas.shadow(258, 404, 150, 14)
    canvas.rect(140, 238, 376, 402, walls)
    canvas.rect(140, 238, 376, 250, (90, 60, 40, 40))
    canvas.rect(140, 384, 376, 402, mix(walls, "#8a7355", 0.45))
    canvas.polygon([(112, 244), (404, 244), (346, 152), (170, 152)], roof)
    for row in range(1, 5):
        level = 152 + row * 18.4
        inset = (5 - row) / 5 * 58
        canvas.line([(112 + inset, level), (404 - inset, level)], mix(roof, "#000000", 0.18), 1.6)
    canvas.polygon([(112, 244), (404, 244), (400, 237), (116, 237)], mix(roof, "#000000", 0.3))
    for x in (162, 306):
        canvas.rect(x - 8, 276, x + 52, 332, mix(walls, "#8a7355", 0.3), 2)
        canvas.rect(x, 280, x + 44, 328, "#cfe8f5")
        canvas.polygon([(x, 328), (x, 300), (x + 28, 280), (x + 44, 280)], (255, 255, 255, 90))
        canvas.line([(x + 22, 280), (x + 22, 328)], "#ffffff", 3)
        canvas.line([(x, 304), (x + 44, 304)], "#ffffff", 3)
        canvas.rect(x - 18, 278, x - 4, 330, shutters, 2)
        canvas.rect(x + 48, 278, x + 62, 330, shutters, 2)
    canvas.rect(230, 298, 286, 402, mix(door, "#000000", 0.35), 4)
    canvas.rect(235, 303, 281, 402, door, 3)
    for y in (312, 356):
        canvas.rect(242, y, 274, y + 36, mix(door, "#ffffff", 0.18), 2)
    canvas.ellipse(273, 352, 3.2, fill="#f0c860")
    canvas.polygon([(236, 402), (280, 402), (318, 512), (186, 512)], "#d9c6a0")
    _flowers(canvas)
    return canvas.finish()


def _tree(canvas: Canvas) -> None:
    canvas.shadow(446, 398, 52, 9)
    canvas.rect(438, 318, 454, 398, "#7b5636", 4)
    for x, y, r, colour in (
        (446, 250, 50, "#4f8a45"), (418, 286, 38, "#569350"), (474, 284, 40, "#47803f"), (440, 226, 34, "#62a057"),
    ):  # fmt: skip
        canvas.ellipse(x, y, r, fill=colour)


def _flowers(canvas: Canvas) -> None:
    rng = random.Random(4)
    for _ in range(46):
        x, y = rng.uniform(6, 506), rng.uniform(420, 504)
        if abs(x - 252) < 42 + (y - 402) * 0.45:
            continue
        canvas.line([(x, y), (x, y + 8)], "#4c7d3a", 1.6)
        canvas.ellipse(x, y, 3.6, fill=rng.choice(["#f4f1de", "#f2b134", "#e5738a", "#b48fd6"]))
        canvas.ellipse(x, y, 1.3, fill="#fff7c9")


EDITS = (
    Edit(
        "blue-door",
        "Paint the front door blue. Nothing else should change.",
        {"door": "#2f62b5"},
        (
            Flawed("wrong_object", "paints the roof blue and leaves the door brown", {"roof": "#2f62b5"}),
            Flawed("collateral", "paints the door blue but fells the tree", {"door": "#2f62b5", "tree": False}),
        ),
    ),
    Edit(
        "no-smoke",
        "Remove the smoke above the chimney.",
        {"smoke": False},
        (
            Flawed("collateral", "removes the chimney together with the smoke", {"smoke": False, "chimney": False}),
            Flawed(
                "artefact",
                "wipes the smoke into a grey smudge over roof and sky",
                {},
                lambda image, _: smear(smear(image, (290, 2, 420, 150)), (280, 2, 430, 170)),
            ),
        ),
    ),
    Edit(
        "green-roof",
        "Make the roof green.",
        {"roof": "#4c8f57"},
        (Flawed("wrong_object", "paints the walls purple and leaves the roof red", {"walls": "#8d63b8"}),),
        is_check=True,
    ),
)
