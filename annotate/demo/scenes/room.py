"""A room with a lamp, an armchair and a cat on the rug."""

from PIL import Image

from annotate.demo.drawing import Canvas, Colour, mix, rgb
from annotate.demo.scenes import Edit, Flawed

WARM = "#ffd98a"
COLD = "#a9d8ff"


def draw(
    light: Colour | None = None,
    window: str = "day",
    cat: str = "whole",
    rug: bool = True,
    chair: Colour = "#5f8a8b",
) -> Image.Image:
    """``light``: colour of the lamp's light, None when it is off; ``cat``: whole, tail or none."""
    canvas = Canvas("#d9c9b4", "#cdb99f")
    canvas.rect(0, 366, 512, 512, "#9a6b45")
    for y in (392, 424, 462):
        canvas.line([(0, y), (512, y)], (60, 35, 20, 60), 1.4)
    canvas.rect(0, 356, 512, 368, "#f1e8da")
    _window(canvas, window)
    canvas.rect(322, 96, 420, 170, "#7b5a3c", 2)
    canvas.rect(330, 104, 412, 162, "#eef2ea")
    canvas.polygon([(330, 162), (330, 140), (362, 118), (388, 142), (400, 132), (412, 146), (412, 162)], "#8fb39a")
    canvas.ellipse(392, 118, 7, fill="#f0b94a")
    if rug:
        canvas.ellipse(256, 446, 196, 46, fill="#b3574b")
        canvas.ellipse(256, 446, 178, 39, fill="#d98a6c")
        canvas.ellipse(256, 446, 160, 33, fill="#b3574b")
    _chair(canvas, chair)
    _lamp(canvas, light)
    _cat(canvas, cat)
    return canvas.finish()


def _window(canvas: Canvas, kind: str) -> None:
    canvas.rect(56, 62, 216, 252, "#f7f1e6", 4)
    top, bottom = ("#9fd0f0", "#e9f5fb") if kind == "day" else ("#141b40", "#3c3f78")
    canvas.gradient((68, 74, 204, 240), top, bottom)
    if kind == "day":
        canvas.ellipse(112, 128, 30, 15, fill="#ffffff")
        canvas.ellipse(138, 120, 26, 17, fill="#ffffff")
        canvas.polygon([(68, 240), (68, 214), (120, 196), (170, 212), (204, 200), (204, 240)], "#94bf7f")
    else:
        canvas.ellipse(172, 108, 14, fill="#fdf3d3")
        for x, y in ((88, 96), (118, 130), (146, 88), (98, 170), (184, 160)):
            canvas.ellipse(x, y, 1.6, fill="#ffffff")
    canvas.line([(136, 74), (136, 240)], "#f7f1e6", 6)
    canvas.line([(68, 156), (204, 156)], "#f7f1e6", 6)
    canvas.rect(44, 250, 228, 264, "#efe5d5", 3)
    for side in (0, 1):
        x = 40 if side == 0 else 232
        inner = 74 if side == 0 else 198
        canvas.polygon([(x, 50), (inner, 50), (inner - 8 + 16 * side, 150), (x + 2 - 4 * side, 262)], "#c96f55")
    canvas.line([(30, 50), (242, 50)], "#6b4a30", 5)


def _chair(canvas: Canvas, colour: Colour) -> None:
    dark = mix(colour, "#000000", 0.22)
    canvas.shadow(372, 424, 92, 12, 80)
    for x in (306, 436):
        canvas.rect(x, 396, x + 9, 424, "#5b3d27", 2)
    canvas.rect(300, 234, 450, 380, dark, 26)
    canvas.rect(312, 246, 438, 360, colour, 20)
    canvas.rect(288, 306, 326, 404, colour, 16)
    canvas.rect(424, 306, 462, 404, colour, 16)
    canvas.rect(318, 344, 432, 404, dark, 10)
    canvas.rect(320, 338, 430, 378, mix(colour, "#ffffff", 0.14), 14)
    canvas.rect(348, 282, 404, 336, "#e8c26a", 10)
    canvas.line([(352, 288), (400, 330)], "#d3a948", 2)


def _lamp(canvas: Canvas, light: Colour | None) -> None:
    canvas.shadow(244, 404, 34, 6, 80)
    canvas.rect(241, 214, 247, 402, "#4a4038")
    canvas.ellipse(244, 402, 30, 7, fill="#3d342d")
    if light:
        canvas.glow(244, 196, 190, light, 0.85)
        canvas.polygon([(206, 214), (282, 214), (350, 402), (138, 402)], (*rgb(light), 46))
    shade = mix("#efe3cc", light, 0.75) if light else "#d8c9ac"
    canvas.polygon([(220, 152), (268, 152), (290, 216), (198, 216)], shade)
    canvas.polygon([(250, 152), (268, 152), (290, 216), (256, 216)], (120, 90, 50, 30))
    canvas.line([(198, 216), (290, 216)], mix(shade, "#6b5335", 0.4), 2.4)


def _cat(canvas: Canvas, kind: str) -> None:
    fur, dark = "#5a5560", "#46414c"
    if kind != "none":
        canvas.curve((196, 452), (252, 474), (262, 436), fur, 9)
    if kind != "whole":
        return
    canvas.shadow(168, 462, 58, 8, 70)
    canvas.ellipse(166, 438, 52, 27, fill=fur)
    canvas.ellipse(118, 420, 24, 22, fill=fur)
    canvas.polygon([(99, 412), (98, 388), (117, 402)], fur)
    canvas.polygon([(121, 401), (139, 388), (138, 412)], fur)
    for x in (110, 126):
        canvas.curve((x - 4, 420), (x, 424), (x + 4, 420), "#f0d98a", 1.8)
    canvas.polygon([(115, 427), (121, 427), (118, 431)], "#d98a8a")
    for x in (150, 168, 186):
        canvas.curve((x, 413), (x + 5, 424), (x + 3, 436), dark, 3.4)
    canvas.ellipse(128, 460, 16, 6, fill=dark)


EDITS = (
    Edit(
        "lamp-on",
        "Switch the floor lamp on, with a warm light.",
        {"light": WARM},
        (
            Flawed("wrong_object", "makes it night outside and leaves the lamp off", {"window": "night"}),
            Flawed("wrong_value", "switches it on with a cold, blue light", {"light": COLD}),
        ),
    ),
    Edit(
        "no-cat",
        "Remove the cat from the rug.",
        {"cat": "none"},
        (
            Flawed("partial", "leaves the tail of the cat behind", {"cat": "tail"}),
            Flawed("collateral", "removes the rug together with the cat", {"cat": "none", "rug": False}),
        ),
    ),
    Edit(
        "red-chair",
        "Make the armchair red.",
        {"chair": "#b8403a"},
        (Flawed("wrong_object", "removes cat and rug and does not touch the armchair", {"cat": "none", "rug": False}),),
        is_check=True,
    ),
)
