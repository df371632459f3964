"""A sailing boat in front of a lighthouse."""

from PIL import Image

from annotate.demo.drawing import SIZE, Canvas, Colour, hills, mix
from annotate.demo.scenes import Edit, Flawed

DAY = ("#8fc7ee", "#e8f4fb")
DUSK = ("#5b4b8a", "#f7a072")
SEA = ("#3f8fbf", "#1c5d8c")


def draw(
    sail: Colour = "#fdf8ee",
    hull: Colour = "#7a4a2b",
    stripes: Colour = "#d64545",
    sky: tuple[Colour, Colour] = DAY,
    second: tuple[float, float, float] | None = None,
    gulls: int = 3,
) -> Image.Image:
    """``second``: place and size of another boat."""
    canvas = Canvas(sky[0], sky[1])
    canvas.glow(408, 92, 130, "#fff3c4", 0.9)
    canvas.ellipse(408, 92, 34, fill="#ffe28a")
    for x, y, size in ((90, 80, 1.0), (250, 130, 0.7)):
        for dx, dy, r in ((-30, 6, 18), (-8, -4, 26), (20, 2, 22), (38, 8, 14)):
            canvas.ellipse(x + dx * size, y + dy * size, r * size * 1.2, r * size * 0.8, fill=(255, 255, 255, 225))
    canvas.polygon([(x, min(y, 330)) for x, y in hills(300, 22, 9, 0.6)], "#8fb3a3")
    canvas.gradient((0, 310, SIZE, SIZE), SEA[0], SEA[1])
    _lighthouse(canvas, stripes)
    for row in range(9):
        level = 330 + row * row * 2.1 + row * 4
        for column in range(7):
            x = (column * 83 + row * 37) % 540 - 10
            crest = (x + 13, level - 5 - row * 0.4)
            canvas.curve((x, level), crest, (x + 26 + row, level), (255, 255, 255, 70), 1.4 + row * 0.12)
    _boat(canvas, 250, 400, 1.0, hull, sail)
    if second:
        _boat(canvas, *second, "#2f4b6e", "#fdf8ee")
    for x, y in ((170, 190), (205, 172), (300, 205))[:gulls]:
        canvas.curve((x - 12, y - 2), (x - 5, y - 11), (x, y), "#4b5563", 2.2)
        canvas.curve((x, y), (x + 5, y - 11), (x + 12, y - 2), "#4b5563", 2.2)
    return canvas.finish()


def _lighthouse(canvas: Canvas, stripes: Colour) -> None:
    canvas.polygon([(20, 330), (44, 292), (92, 284), (140, 300), (172, 330)], "#6b6f76")
    canvas.polygon([(20, 330), (44, 304), (92, 300), (120, 330)], "#7d828a")
    for step in range(5):
        y0, y1 = 286 - step * 24, 286 - (step + 1) * 24
        w0, w1 = 21 - step * 1.6, 21 - (step + 1) * 1.6
        colour = stripes if step % 2 == 0 else "#f7f5f0"
        canvas.polygon([(96 - w0, y0), (96 + w0, y0), (96 + w1, y1), (96 - w1, y1)], colour)
        canvas.polygon([(96 + w0 * 0.3, y0), (96 + w0, y0), (96 + w1, y1), (96 + w1 * 0.3, y1)], (0, 0, 0, 28))
    canvas.rect(78, 160, 114, 167, "#3d4451", 2)
    canvas.rect(86, 142, 106, 160, "#ffe9a8")
    canvas.polygon([(80, 142), (112, 142), (96, 124)], stripes)


def _boat(canvas: Canvas, x: float, y: float, size: float, hull: Colour, sail: Colour) -> None:
    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * size, y + dy * size

    canvas.ellipse(*at(4, 34), 92 * size, 9 * size, fill=(10, 40, 70, 70))
    canvas.line([at(0, 6), at(0, -158)], "#5c3b24", 4.5 * size)
    canvas.polygon([at(7, -150), at(7, -6), at(88, -6)], sail)
    canvas.polygon([at(7, -60), at(7, -6), at(88, -6), at(58, -60)], mix(sail, "#6b5b4b", 0.12))
    canvas.polygon([at(-7, -138), at(-7, -6), at(-62, -6)], mix(sail, "#6b5b4b", 0.07))
    canvas.polygon([at(-92, 2), at(104, 2), at(78, 34), at(-66, 34)], hull)
    canvas.polygon([at(-92, 2), at(104, 2), at(98, 10), at(-86, 10)], mix(hull, "#ffffff", 0.35))
    canvas.polygon([at(1, -158), at(1, -144), at(30, -151)], "#f2b134")


EDITS = (
    Edit(
        "red-sail",
        "Make the sails of the boat red and leave everything else as it is.",
        {"sail": "#d9382e"},
        (
            Flawed("wrong_object", "paints the hull red and leaves the sails white", {"hull": "#d9382e"}),
            Flawed("collateral", "makes the sails red but turns the day into dusk", {"sail": "#d9382e", "sky": DUSK}),
        ),
    ),
    Edit(
        "second-boat",
        "Add a second, smaller boat on the water to the right.",
        {"second": (440, 352, 0.4)},
        (
            Flawed("implausible", "puts the second boat into the sky", {"second": (420, 222, 0.4)}),
            Flawed("wrong_value", "adds the boat on the left and as large as the first", {"second": (120, 440, 0.95)}),
        ),
    ),
    Edit(
        "blue-lighthouse",
        "Paint the red parts of the lighthouse blue.",
        {"stripes": "#2f62b5"},
        (
            Flawed(
                "wrong_object",
                "paints the boat green and does not touch the lighthouse",
                {"hull": "#2f9e5b", "sail": "#2f9e5b"},
            ),
        ),
        is_check=True,
    ),
)
