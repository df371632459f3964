"""Fruit on a table with a cloth."""

from PIL import Image

from annotate.demo.drawing import Canvas, Colour, bezier, mix, smear
from annotate.demo.scenes import Edit, Flawed

CREAM = "#f4e7cf"


def draw(
    cloth: Colour = CREAM,
    right_cloth: Colour | None = None,
    lemon: bool = True,
    apple: bool = True,
    pear: Colour = "#a9bf4a",
    bowl: Colour = "#3f6f8f",
) -> Image.Image:
    """``right_cloth``: another colour for the right half of the cloth."""
    canvas = Canvas("#8fa39b", "#c9cdbb")
    canvas.glow(90, 60, 330, "#fff3d6", 0.85)
    canvas.rect(0, 318, 512, 512, "#8a5a36")
    for y in (350, 420, 486):
        canvas.line([(0, y), (512, y)], (60, 35, 18, 70), 1.5)
    _cloth(canvas, cloth, right_cloth or cloth)
    canvas.shadow(256, 424, 176, 26, 90)
    _back_of_bowl(canvas, bowl)
    _apple(canvas, 186, 282, 54, "#c63a32")
    _pear(canvas, 268, 256, pear)
    _orange(canvas, 344, 290, 50)
    _front_of_bowl(canvas, bowl)
    if apple:
        canvas.shadow(96, 428, 46, 9, 90)
        _apple(canvas, 94, 392, 40, "#7da83f")
    if lemon:
        canvas.shadow(424, 436, 50, 9, 90)
        _lemon(canvas, 422, 406)
    return canvas.finish()


def _cloth(canvas: Canvas, left: Colour, right: Colour) -> None:
    outline = [(28, 336), (484, 336), (512, 470), (512, 512), (0, 512), (0, 470)]
    canvas.polygon(outline, left)
    canvas.polygon([(256, 336), (484, 336), (512, 470), (512, 512), (256, 512)], right)
    for column in range(-6, 7):
        for row in range(5):
            y = 352 + row * 34
            x = 256 + column * (36 + row * 4)
            if 22 - row * 8 < x < 490 + row * 8:
                tone = right if x > 256 else left
                canvas.ellipse(x, y, 5 + row * 0.5, 3 + row * 0.4, fill=mix(tone, "#ffffff", 0.55))


def _back_of_bowl(canvas: Canvas, colour: Colour) -> None:
    canvas.ellipse(258, 322, 150, 28, fill=mix(colour, "#000000", 0.45))


def _front_of_bowl(canvas: Canvas, colour: Colour) -> None:
    rim = [(x, y + 322) for x, y in bezier((108, 0), (258, 58), (408, 0))]
    side = bezier((408, 322), (386, 410), (306, 424)) + bezier((210, 424), (130, 410), (108, 322))
    canvas.polygon([*rim, *side], colour)
    canvas.polygon([(316, 347), (386, 332), (408, 322), *bezier((406, 330), (384, 408), (306, 424))], (0, 0, 0, 45))
    canvas.line([(x, y + 321) for x, y in bezier((108, 0), (258, 58), (408, 0))], mix(colour, "#ffffff", 0.5), 5)
    canvas.line([(x, y + 360) for x, y in bezier((126, 0), (258, 52), (392, 0))], mix(colour, "#ffffff", 0.22), 3)
    canvas.rect(206, 420, 310, 432, mix(colour, "#000000", 0.25), 6)


def _apple(canvas: Canvas, x: float, y: float, r: float, colour: Colour) -> None:
    canvas.ellipse(x - r * 0.3, y, r * 0.78, r * 0.9, fill=colour)
    canvas.ellipse(x + r * 0.3, y, r * 0.78, r * 0.9, fill=colour)
    canvas.ellipse(x + r * 0.36, y + r * 0.1, r * 0.6, r * 0.72, fill=(0, 0, 0, 26))
    canvas.ellipse(x, y - r * 0.74, r * 0.36, r * 0.13, fill=mix(colour, "#3a1f10", 0.5))
    canvas.curve((x, y - r * 0.7), (x + 2, y - r), (x + r * 0.2, y - r * 1.22), "#5a3a22", r * 0.09)
    leaf = bezier((x + 4, y - r * 0.92), (x + r * 0.4, y - r * 1.45), (x + r * 0.75, y - r * 1.1))
    canvas.polygon([*leaf, *bezier(leaf[-1], (x + r * 0.5, y - r * 0.82), leaf[0])], "#5c8f3c")
    canvas.ellipse(x - r * 0.48, y - r * 0.36, r * 0.17, r * 0.26, fill=(255, 255, 255, 120))


def _pear(canvas: Canvas, x: float, y: float, colour: Colour) -> None:
    canvas.ellipse(x, y + 32, 50, 48, fill=colour)
    canvas.ellipse(x, y - 32, 28, 34, fill=colour)
    canvas.polygon([(x - 27, y - 30), (x + 27, y - 30), (x + 48, y + 24), (x - 48, y + 24)], colour)
    canvas.ellipse(x + 18, y + 34, 30, 40, fill=(0, 0, 0, 22))
    canvas.curve((x, y - 62), (x + 1, y - 78), (x + 9, y - 88), "#5a3a22", 4.5)
    canvas.ellipse(x - 15, y - 28, 6, 15, fill=(255, 255, 255, 110))


def _orange(canvas: Canvas, x: float, y: float, r: float) -> None:
    canvas.ellipse(x, y, r, fill="#ee8a2a")
    canvas.ellipse(x + r * 0.25, y + r * 0.2, r * 0.68, fill=(190, 80, 0, 40))
    canvas.ellipse(x - r * 0.34, y - r * 0.4, r * 0.2, r * 0.15, fill=(255, 255, 255, 115))
    canvas.ellipse(x + 4, y - r * 0.82, 5, 3, fill="#5c7a2e")


def _lemon(canvas: Canvas, x: float, y: float) -> None:
    canvas.ellipse(x, y, 46, 32, fill="#f3cf3a")
    canvas.ellipse(x - 46, y + 1, 9, 7, fill="#e6bd2a")
    canvas.ellipse(x + 46, y - 1, 9, 7, fill="#e6bd2a")
    canvas.ellipse(x + 8, y + 8, 34, 21, fill=(190, 140, 0, 45))
    canvas.ellipse(x - 15, y - 12, 13, 7, fill=(255, 255, 255, 140))


EDITS = (
    Edit(
        "no-lemon",
        "Take the lemon off the table.",
        {"lemon": False},
        (
            Flawed("wrong_object", "takes the green apple away and leaves the lemon", {"apple": False}),
            Flawed(
                "artefact",
                "leaves a yellow smudge where the lemon was",
                {},
                lambda image, _: smear(smear(image, (352, 350, 500, 460)), (352, 350, 500, 460)),
            ),
        ),
    ),
    Edit(
        "blue-cloth",
        "Make the whole tablecloth light blue.",
        {"cloth": "#8fb9da"},
        (
            Flawed("partial", "colours only the left half of the cloth", {"cloth": "#8fb9da", "right_cloth": CREAM}),
            Flawed("wrong_value", "makes the cloth pink instead of light blue", {"cloth": "#e3a1b5"}),
        ),
    ),
)
