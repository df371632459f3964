"""A lake among mountains and firs."""

import random
from collections.abc import Callable

from PIL import Image, ImageOps

from annotate.demo.drawing import SCALE, SIZE, Canvas, Colour, mix
from annotate.demo.scenes import Edit, Flawed

GREENS: tuple[Colour, ...] = ("#2f6b4a", "#3b7a50", "#2a5f45")
AUTUMN: tuple[Colour, ...] = ("#d9822b", "#c9602a", "#e0a033")
YELLOW = "#f2c230"
ROCK: tuple[Colour, Colour] = ("#6d7f9a", "#56688a")


def _all_green(x: float) -> tuple[Colour, ...]:
    return GREENS


def draw(
    leaves: Callable[[float], tuple[Colour, ...]] = _all_green,
    rock: tuple[Colour, Colour] = ROCK,
    tent: tuple[float, float, Colour] | None = None,
) -> Image.Image:
    """``leaves``: the colours of a tree by its place from the left; ``tent``: its place and colour."""
    canvas = Canvas("#9fcbe8", "#f5ecdc")
    canvas.glow(110, 96, 120, "#fff4cf", 0.8)
    canvas.polygon([(-40, 300), (96, 120), (210, 270), (260, 300)], mix(rock[0], "#ffffff", 0.25))
    canvas.polygon([(60, 300), (250, 62), (430, 300)], rock[0])
    canvas.polygon([(250, 62), (430, 300), (300, 300), (272, 170)], rock[1])
    canvas.polygon([(290, 300), (420, 130), (560, 300)], mix(rock[0], "#ffffff", 0.12))
    canvas.polygon([(420, 130), (560, 300), (452, 300), (432, 200)], mix(rock[1], "#ffffff", 0.12))
    snow = ((250, 62), (284, 107), (268, 118), (256, 104), (240, 122), (228, 108), (214, 108))
    canvas.polygon(snow, "#ffffff")
    canvas.polygon([(420, 130), (445, 160), (430, 170), (418, 158), (404, 168), (396, 162)], "#ffffff")
    canvas.polygon([(96, 120), (118, 149), (100, 158), (92, 146), (74, 150)], "#ffffff")
    rng = random.Random(5)
    for x in sorted((rng.uniform(-6, SIZE) for _ in range(34)), key=lambda x: (x * 7.3) % 11):
        _fir(canvas, x, 302 + rng.uniform(-4, 4), rng.uniform(44, 78), rng.choice(leaves(x)))
    _mirror(canvas)
    canvas.polygon([(0, 512), (0, 436), (90, 424), (190, 446), (250, 486), (268, 512)], "#7d9a5c")
    canvas.polygon([(0, 512), (0, 452), (80, 442), (170, 462), (216, 512)], "#8fae68")
    for x, y, r in ((236, 492, 12), (262, 500, 8), (214, 482, 7)):
        canvas.ellipse(x, y, r, r * 0.6, fill="#8b8f94")
        canvas.ellipse(x - 2, y - 2, r * 0.6, r * 0.3, fill="#a9adb2")
    if tent:
        _tent(canvas, *tent)
    return canvas.finish()


def _fir(canvas: Canvas, x: float, y: float, height: float, colour: Colour) -> None:
    canvas.rect(x - 2.5, y - 8, x + 2.5, y, "#5b4230")
    for share, width in ((0.1, 0.5), (0.36, 0.4), (0.62, 0.28)):
        foot = y - height * share
        top = foot - height * 0.44
        canvas.polygon([(x - height * width / 2, foot), (x + height * width / 2, foot), (x, top)], colour)
        canvas.polygon([(x, foot), (x + height * width / 2, foot), (x, top)], (0, 0, 0, 30))


def _mirror(canvas: Canvas) -> None:
    """The water: the upper part of the picture upside down, bluer and dimmer."""
    above = canvas.image.crop((0, 92 * SCALE, SIZE * SCALE, 302 * SCALE))
    water = Image.new("RGB", above.size, "#3d6f96")
    canvas.image.paste(Image.blend(ImageOps.flip(above), water, 0.45), (0, 302 * SCALE))
    for row in range(15):
        y = 306 + row * 13
        for column in range(5):
            x = (column * 131 + row * 57) % 560 - 30
            canvas.line([(x, y), (x + 46 + row * 3, y)], (255, 255, 255, 42), 1.3)
    canvas.line([(0, 302), (SIZE, 302)], (255, 255, 255, 70), 1.5)


def _tent(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    canvas.shadow(x + 4, y + 2, 66, 8)
    canvas.polygon([(x - 58, y), (x - 8, y - 66), (x + 62, y - 8), (x + 14, y + 4)], mix(colour, "#000000", 0.22))
    canvas.polygon([(x - 58, y), (x - 8, y - 66), (x + 14, y + 4)], colour)
    canvas.polygon([(x - 30, y + 1.5), (x - 8, y - 50), (x - 4, y + 3)], "#4a3b2a")
    canvas.line([(x - 8, y - 66), (x - 8, y - 72)], "#4a3b2a", 2)


def _all_orange(x: float) -> tuple[Colour, ...]:
    return AUTUMN


def _half_orange(x: float) -> tuple[Colour, ...]:
    return AUTUMN if x < SIZE / 2 else GREENS


EDITS = (
    Edit(
        "autumn",
        "Make it autumn: turn all the trees orange and leave the mountains as they are.",
        {"leaves": _all_orange},
        (
            Flawed("partial", "turns only the left half of the trees", {"leaves": _half_orange}),
            Flawed(
                "collateral",
                "turns the mountains orange as well",
                {"leaves": _all_orange, "rock": ("#c98a5a", "#b0714a")},
            ),
        ),
    ),
    Edit(
        "tent",
        "Add a yellow tent on the grass in the lower left corner.",
        {"tent": (96, 484, YELLOW)},
        (
            Flawed("implausible", "pitches the tent on the water", {"tent": (400, 404, YELLOW)}),
            Flawed("wrong_value", "adds a red tent instead of a yellow one", {"tent": (96, 484, "#cf3f36")}),
        ),
    ),
)
